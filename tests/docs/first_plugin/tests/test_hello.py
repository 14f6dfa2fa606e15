"""The card greets, and the page is for those who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from hello import plugin

from portal.testing import assert_conforms


@pytest.fixture
def portal_settings() -> Mapping[str, Any]:
    """Settings of the portal in these tests."""
    return {"plugins": {"hello": {"greeting": "早 & 好"}}}


def test_it_keeps_to_the_rules() -> None:
    assert_conforms(plugin)


def test_the_card_greets_by_name(login_as: Callable[..., FlaskClient]) -> None:
    assert "早 &amp; 好，Anna！" in login_as("reader", "anna").get("/").text


def test_a_visitor_is_led_to_the_sign_in_page(
    client: FlaskClient, login_as: Callable[..., FlaskClient]
) -> None:
    assert client.get("/x/hello/").status_code == 302
    assert "新文章一览" in login_as("reader").get("/x/hello/").text
