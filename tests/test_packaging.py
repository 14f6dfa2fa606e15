"""The wheel: everything is in it, and it works where nothing else of the project is."""

from __future__ import annotations

import http.client
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from importlib.metadata import metadata, packages_distributions
from pathlib import Path
from urllib.parse import quote

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from bench.serving import PortalHome
from tests.arch.sources import LEFT_OUT, ROOT, Source, imports, python

SHIPPED = ("portal", "kb", "plugins", "content", "migrations")
GUIDE = "docs/plugins/"
"""Of docs/ only this is shipped: the pages for plugin authors."""
NOT_SHIPPED = {"portal/ui/translations/messages.pot"}  # of use to translators only


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel; the build works on a copy, so that nothing is left in the project."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    for path in project_files():
        copy = source / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / path).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = place.glob("*.whl")
    return built


def project_files() -> Iterator[Path]:
    """What the wheel is built from, relative to the root."""
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        if (ROOT / name).is_file():
            yield Path(name)
    for top in (*SHIPPED, "docs"):
        for path in sorted((ROOT / top).rglob("*")):
            place = path.relative_to(ROOT)
            # "vendor" is left out of judgement elsewhere, but it is shipped.
            if path.is_file() and not (LEFT_OUT - {"vendor"}).intersection(place.parts):
                yield place


def test_every_file_of_the_portal_is_in_the_wheel(wheel: Path) -> None:
    files = {path.as_posix() for path in project_files()}
    wanted = {path for path in files if path.startswith((*(f"{top}/" for top in SHIPPED), GUIDE))}
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert wanted - NOT_SHIPPED - packed == set()
    for folder in ("portal/ui/templates/", "portal/ui/static/", "content/img/", "content/faq/"):
        assert any(name.startswith(folder) for name in packed), folder
    assert any(name.startswith("migrations/versions/0") for name in packed)
    assert any(name.endswith("/messages.mo") for name in packed)


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/", 1)[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {*SHIPPED, "docs"}
    docs = [name for name in names if name.startswith("docs/")]
    assert all(name.startswith(GUIDE) and name.endswith(".md") for name in docs), docs


def test_the_wheel_carries_licence_and_command(wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel)
    names = [name for name in packed.namelist() if ".dist-info/" in name]
    assert any(name.endswith("LICENSE") for name in names)
    [entry_points] = [name for name in names if name.endswith("entry_points.txt")]
    assert "portal = portal.cli:main" in packed.read(entry_points).decode()


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment with the wheel in it.

    The locked dependencies are lent by the environment of the tests, one by one, so that nothing
    has to be fetched and the project itself, installed there for development, stays out.
    """
    place = tmp_path_factory.mktemp("elsewhere")
    venv.EnvBuilder(symlinks=True).create(place)
    python = place / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = place / "lib" / version / "site-packages"
    for lender in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for lent in Path(lender).iterdir():
            # Editable installs are .pth files and finders named after the project.
            if lent.suffix != ".pth" and "jinshi" not in lent.name:
                (packages / lent.name).symlink_to(lent)
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index"]
    done = subprocess.run([*command, "--no-deps", str(wheel)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return python


def test_the_wheel_serves_the_portal_in_an_empty_folder(elsewhere: Path, tmp_path: Path) -> None:
    home = PortalHome(tmp_path, {"anonymous_read": "true"}, source=False)
    home.command = [str(elsewhere.with_name("portal"))]
    where = subprocess.run(
        [elsewhere, "-c", "import portal; print(portal.__file__)"],
        cwd=tmp_path,
        env=home.environ,
        capture_output=True,
        text=True,
    )
    assert str(ROOT) not in where.stdout
    home.run("init")
    with home.serving() as server:
        pages = {path: fetch(server.port, path) for path in ("/", "/faq/", "/healthz")}
        found = fetch(server.port, f"/search?q={quote('里程碑')}")
    assert {path: status for path, (status, _text) in pages.items()} == dict.fromkeys(pages, 200)
    assert "金石学堂" in pages["/"][1]
    assert found[0] == 200
    assert "data-hit" in found[1]


def fetch(port: int, path: str) -> tuple[int, str]:
    """Status and text of an address."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def pinned(name: str) -> dict[str, str]:
    """Distribution → version of a lock file. Every pin must carry hashes."""
    found: dict[str, str] = {}
    entries = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    for entry in entries:
        if entry and not entry.lstrip().startswith("#"):
            requirement, _, rest = entry.partition(" ")
            assert "--hash=sha256:" in rest, entry
            distribution, _, version = requirement.partition("==")
            found[canonicalize_name(distribution)] = version
    return found


def wanted(*groups: str) -> list[Requirement]:
    """The requirements that setup.cfg states, with those of these extras."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = config["options"]["install_requires"]
    for group in groups:
        lines += config["options.extras_require"][group]
    stated = [line.partition("#")[0].strip() for line in lines.split("\n")]
    return [Requirement(line) for line in stated if line]


def unmet(requirements: list[Requirement], pins: dict[str, str]) -> list[str]:
    """Requirements that a lock file does not fulfil."""
    return [
        str(one)
        for one in requirements
        if not one.specifier.contains(pins.get(canonicalize_name(one.name), "0"), prereleases=True)
        or canonicalize_name(one.name) not in pins
    ]


@pytest.mark.parametrize(
    ("name", "groups"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))]
)
def test_the_lock_fulfils_setup_cfg(name: str, groups: tuple[str, ...]) -> None:
    assert unmet(wanted(*groups), pinned(name)) == [], "→ make lock"


def test_both_locks_name_the_same_versions() -> None:
    development = pinned("requirements-dev.txt")
    differing = {
        name: (version, development.get(name))
        for name, version in pinned("requirements.txt").items()
        if development.get(name) != version
    }
    assert differing == {}


def test_the_locks_can_be_installed_on_the_oldest_python() -> None:
    """Debian 12's Python is 3.11.2: a pin that wants a later patch release would leave it out."""
    too_new = {
        name: needed
        for name in pinned("requirements-dev.txt")
        if (needed := metadata(name)["Requires-Python"])
        and not SpecifierSet(needed).contains("3.11.0")
    }
    assert too_new == {}


def test_the_locks_name_no_place_to_fetch_from() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def undeclared(sources: Iterable[Source], requirements: list[Requirement]) -> set[str]:
    """Top-level modules that are imported, ours and Python's own aside, but not required."""
    declared = {canonicalize_name(one.name) for one in requirements}
    providers = packages_distributions()
    return {
        item.root
        for source in sources
        for item in imports(source)
        if item.root not in {*SHIPPED, *sys.stdlib_module_names, "_typeshed"}
        and not declared & {canonicalize_name(name) for name in providers.get(item.root, ())}
    }


def test_everything_imported_is_required() -> None:
    # Of Flask, whose versions fit each other; naming them again would only tie two knots.
    lent = [Requirement("werkzeug"), Requirement("jinja2"), Requirement("markupsafe")]
    # Only authors of plugins import portal.testing.
    kit = list(python("portal/testing"))
    rest = [source for source in python(*SHIPPED) if source not in kit]
    assert undeclared(rest, [*wanted(), *lent]) == set()
    assert undeclared(kit, [*wanted("testing"), *lent]) == set()


def test_an_undeclared_import_is_seen() -> None:
    assert undeclared([Source("kb/x.py", "import pytest, json, flask")], wanted()) == {"pytest"}


def test_an_unmet_requirement_is_seen() -> None:
    needed = [Requirement("flask>=3.1"), Requirement("absent"), Requirement("mypy>=1")]
    assert unmet(needed, {"flask": "3.0", "mypy": "2.0"}) == ["flask>=3.1", "absent"]
