"""One slapd for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.auth_ldap.config import LdapConfig
from tests.plugins.ldap.server import PEOPLE, READER, READER_PASSWORD, Directory, directory

Configure = Callable[..., LdapConfig]


@pytest.fixture(scope="session")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    """A running directory whose certificate is made out to 127.0.0.1."""
    with directory(tmp_path_factory.mktemp("slapd")) as running:
        yield running


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    """A running directory whose certificate is made out to another host."""
    folder: Path = tmp_path_factory.mktemp("elsewhere")
    with directory(folder, "ldap.example.com") as running:
        yield running


@pytest.fixture
def values(slapd: Directory) -> dict[str, Any]:
    """The settings that fit the directory."""
    return {
        "url": slapd.url,
        "bind_dn": READER,
        "bind_password": READER_PASSWORD,
        "base_dn": PEOPLE,
    }


@pytest.fixture
def configure(values: dict[str, Any]) -> Configure:
    """The configuration that fits, with changes."""
    return lambda **changes: LdapConfig.model_validate({**values, **changes})
