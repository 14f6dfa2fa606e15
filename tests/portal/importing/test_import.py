"""Importing Markdown: every page accounted for, links in place, nothing overwritten."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from kb.problems import ProblemError
from portal.accounts.models import Role, User
from portal.db import db
from portal.importing import service
from portal.importing.report import Outcome, Report
from portal.library import service as library
from portal.library.models import Article, Media, Revision

PNG = io.BytesIO()
Image.new("RGB", (20, 10), "white").save(PNG, "PNG")


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    """A small manual: two pages, a picture, a dead link, a missing picture."""
    root = tmp_path / "manual"
    (root / "guide" / "img").mkdir(parents=True)
    (root / "guide" / "img" / "流程.png").write_bytes(PNG.getvalue())
    (root / "guide" / "start.md").write_text(
        "# 开始使用\n\n先读[进阶](./more.md#第二节)。\n\n"
        "![流程](img/流程.png)\n\n[没有](gone.md)\n",
        encoding="utf-8",
    )
    (root / "guide" / "more.md").write_text(
        "---\ntitle: 进阶用法\ntags: [进阶, 用法]\nsummary: 更多\n---\n"
        "## 第二节\n\n![缺](img/none.png)\n",
        encoding="utf-8",
    )
    return root


def outcomes(report: Report) -> dict[str, Outcome]:
    return {page.path: page.outcome for page in report.pages}


def test_pages_links_and_pictures_come_in(app: Flask, client: FlaskClient, manual: Path) -> None:
    report = service.import_path(manual, kind="manual", publish=True)
    assert report.exit_code == 0
    assert report.counts()[Outcome.CREATED] == 2
    page = client.get("/manuals/start")
    assert page.status_code == 200
    assert 'href="/manuals/more#第二节"' in page.text
    picture = db.session.query(Media).one()
    assert (picture.name, picture.width, picture.height) == ("流程.png", 20, 10)
    source = re.search(r'<img[^>]* src="(/media/[^"]+)"', page.text)
    assert source is not None
    with client.get(source[1]) as picture_answer:
        assert picture_answer.data.startswith(b"\x89PNG")


def test_what_is_missing_is_reported_with_place_and_remedy(app: Flask, manual: Path) -> None:
    report = service.import_path(manual, publish=True)
    found = {(problem.code, problem.where.split(":")[0]) for problem in report.problems}
    assert ("JS-2008", "guide/start.md") in found
    assert ("JS-2007", "guide/more.md") in found
    assert all(problem.next_step() for problem in report.problems)


def test_without_publish_it_stays_a_draft(app: Flask, client: FlaskClient, manual: Path) -> None:
    service.import_path(manual)
    assert client.get("/manuals/start").status_code == 404


def test_a_second_import_publishes_the_drafts_of_the_first(
    app: Flask, client: FlaskClient, manual: Path
) -> None:
    service.import_path(manual)
    report = service.import_path(manual, publish=True)
    assert set(outcomes(report).values()) == {Outcome.UPDATED}
    assert client.get("/manuals/start").status_code == 200
    assert _article("guide/start.md").head_number == 1
    assert set(outcomes(service.import_path(manual, publish=True)).values()) == {Outcome.UNCHANGED}


def test_again_changes_nothing_and_a_changed_file_is_a_new_revision(
    app: Flask, manual: Path
) -> None:
    service.import_path(manual, publish=True)
    again = service.import_path(manual, publish=True)
    assert set(outcomes(again).values()) == {Outcome.UNCHANGED}
    page = manual / "guide" / "more.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n新的一段。\n", encoding="utf-8")
    third = service.import_path(manual, publish=True)
    assert outcomes(third) == {
        "guide/more.md": Outcome.UPDATED,
        "guide/start.md": Outcome.UNCHANGED,
    }
    article = _article("guide/more.md")
    assert article.head_number == 2
    assert "新的一段" in article.published.body  # type: ignore[union-attr]


def _article(path: str) -> Article:
    return db.session.query(Article).filter_by(source_path=path).one()


def test_edits_made_in_the_portal_are_kept(
    app: Flask, manual: Path, make_user: Callable[..., User]
) -> None:
    service.import_path(manual, publish=True)
    pmso = make_user("pmso", Role.PMSO)
    article = _article("guide/more.md")
    words = library.Words(title="门户里改的", body="新正文")
    library.save_draft(pmso, article.id, article.head_number, words)
    page = manual / "guide" / "more.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n文件里改的。\n", encoding="utf-8")
    report = service.import_path(manual, publish=True)
    assert outcomes(report)["guide/more.md"] is Outcome.KEPT
    assert any(problem.code == "JS-5001" for problem in report.problems)
    titles = [row.title for row in db.session.query(Revision).filter_by(article_id=article.id)]
    assert titles == ["进阶用法", "门户里改的"]


def test_an_explicit_slug_that_is_taken_is_refused_and_the_first_stays(
    app: Flask, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(
            f"---\ntitle: 第{name}篇\nslug: same\nkind: faq\n---\n内容 {name}\n", encoding="utf-8"
        )
    assert service.import_path(tmp_path / "one", publish=True).exit_code == 0
    report = service.import_path(tmp_path / "two", publish=True)
    assert report.exit_code == 1
    assert [problem.code for problem in report.problems] == ["JS-2006"]
    assert _article("a.md").title == "第one篇"


def test_a_slug_made_from_the_name_gets_a_number(app: Flask, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text("# 标题\n\n内容\n", encoding="utf-8")
        report = service.import_path(tmp_path / name, kind="faq", publish=True)
        assert report.exit_code == 0
    assert [problem.severity for problem in report.problems] == ["warning"]
    assert outcomes(report) == {"a.md": Outcome.CREATED}
    assert report.pages[0].url == "/faq/a-2"


def test_one_bad_page_does_not_stop_the_others(app: Flask, tmp_path: Path) -> None:
    root = tmp_path / "mixed"
    root.mkdir()
    (root / "good.md").write_text("# 好的\n\n内容\n", encoding="utf-8")
    (root / "gbk.md").write_bytes("# 国标文件\n\n这一篇是用国标编码保存的。\n".encode("gb18030"))
    (root / "front.md").write_text("---\ntitle: [unclosed\n---\n内容\n", encoding="utf-8")
    (root / "binary.md").write_bytes(bytes(range(256)) * 8)
    (root / "huge.md").write_text("# 大\n\n" + "字" * 4_000_000, encoding="utf-8")
    report = service.import_path(root, publish=True)
    assert report.exit_code == 1
    assert outcomes(report) == {
        "good.md": Outcome.CREATED,
        "gbk.md": Outcome.CREATED,
        "front.md": Outcome.REFUSED,
        "binary.md": Outcome.REFUSED,
        "huge.md": Outcome.REFUSED,
    }
    codes = {problem.where: problem.code for problem in report.problems}
    assert codes == {"front.md:2": "JS-2001", "binary.md": "JS-2002", "huge.md": "JS-2003"}
    assert _article("gbk.md").title == "国标文件"


def test_a_picture_that_is_none_is_left_out_and_named(app: Flask, tmp_path: Path) -> None:
    root = tmp_path / "pictures"
    root.mkdir()
    (root / "a.md").write_text("# 图\n\n![x](x.png)\n", encoding="utf-8")
    (root / "x.png").write_bytes(b"<script>alert(1)</script>")
    report = service.import_path(root, publish=True)
    assert report.exit_code == 0
    assert ("JS-2005", "x.png") in {(problem.code, problem.where) for problem in report.problems}
    assert report.media == 0


def test_zip_and_hostile_zip(app: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("docs/a.md", "# 压缩包里的\n\n内容\n")
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("../../evil.md", "# 出界\n")
    assert service.import_path(good, publish=True).counts()[Outcome.CREATED] == 1
    with pytest.raises(ProblemError, match="JS-2004"):
        service.import_path(bad, publish=True)
    assert not (tmp_path.parent / "evil.md").exists()


def test_kind_comes_from_front_matter_then_option_then_folder(app: Flask, tmp_path: Path) -> None:
    root = tmp_path / "shelf"
    for folder in ("faq", "tutorials"):
        (root / folder).mkdir(parents=True)
        (root / folder / "x.md").write_text(f"# {folder}\n\n内容\n", encoding="utf-8")
    (root / "faq" / "y.md").write_text("---\ntitle: Y\nkind: case\n---\n内容\n", encoding="utf-8")
    report = service.import_path(root, publish=True)
    assert {page.path: page.url for page in report.pages} == {
        "faq/x.md": "/faq/x",
        "faq/y.md": "/cases/y",
        "tutorials/x.md": "/tutorials/x",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"space": "nowhere"}, "没有代号为“nowhere”的空间"),
        ({"kind": "novel"}, "没有“novel”这种文章"),
    ],
)
def test_it_says_why_it_cannot_start(
    app: Flask, manual: Path, arguments: dict[str, str], words: str
) -> None:
    with pytest.raises(ProblemError, match=words):
        service.import_path(manual, **arguments)


def test_bundled_content_is_complete(app: Flask, client: FlaskClient) -> None:
    report = service.import_bundled()
    assert report.exit_code == 0, report.problems
    assert [str(problem) for problem in report.problems] == []
    kinds = [page.url.split("/")[1] for page in report.pages if page.url]
    assert kinds.count("faq") >= 20
    assert kinds.count("tutorials") >= 15
    assert kinds.count("troubleshooting") >= 12
    assert kinds.count("cases") >= 8
    assert len(kinds) >= 60
    for page in report.pages:
        assert client.get(page.url or "").status_code == 200, page.path


def test_a_video_brings_its_captions(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    root = tmp_path / "film"
    root.mkdir()
    (root / "a.md").write_text('# 片子\n\n![操作演示](demo.mp4 "三十秒看完")\n', encoding="utf-8")
    brand = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
    (root / "demo.mp4").write_bytes(brand + b"\x00\x00\x00\x08free")
    (root / "demo.vtt").write_text(
        "WEBVTT\n\n00:00.000 --> 00:02.000\n先打开首页\n", encoding="utf-8"
    )
    report = service.import_path(root, kind="faq", publish=True)
    assert report.media == 2, report.problems
    page = client.get("/faq/a").text
    video = page[page.index("<video") : page.index("</video>")]
    captions = re.search(r'<track[^>]* src="([^"]+)"', video)
    assert captions is not None
    with client.get(captions[1]) as answer:
        assert answer.mimetype == "text/vtt"
        assert "先打开首页" in answer.text
