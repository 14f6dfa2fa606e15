"""The menu: who sees which entry."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from pydantic import ValidationError

from plugins.work_pages.plugin import Config, portal_navigation
from portal.accounts.models import Role, User
from portal.api import PluginContext
from portal.plugin_host import host


def test_connectors_are_for_those_who_set_them_up(
    app: Flask, make_user: Callable[..., User]
) -> None:
    def seen(user: User | None) -> list[str]:
        return [item.url for item in host().navigation(user)]

    assert seen(None) == ["/templates", "/steps"]
    assert seen(make_user("rita")) == ["/projects", "/templates", "/steps"]
    assert seen(make_user("paul", Role.PMSO)) == [
        "/projects",
        "/templates",
        "/steps",
        "/connectors",
    ]


def test_own_links_follow(make_ctx: Callable[..., PluginContext]) -> None:
    config = Config(
        projects=False, steps=False, connectors=False, links={"服务台": "https://it.example.com/"}
    )
    items = list(portal_navigation(make_ctx(config)))
    assert [(item.label, item.url) for item in items] == [
        ("模板", "/templates"),
        ("服务台", "https://it.example.com/"),
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil", "http://plain", "x", "/\\evil"])
def test_links_that_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        Config(links={"x": url})
