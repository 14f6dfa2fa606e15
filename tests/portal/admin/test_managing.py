"""Managing people, units and spaces, and the record of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from portal.accounts.models import AuditEntry, OrgUnit, Role, User
from portal.db import db
from portal.library.models import Space, SpaceReader


def test_a_user_is_added_by_a_link(login_as: Callable[..., FlaskClient]) -> None:
    client = login_as("admin")
    page = client.post("/admin/users", data={"name": "li.na", "role": "author"}).text
    assert re.search(r"http://localhost/welcome/[\w-]{40,}", page)
    user = db.session.query(User).filter_by(name="li.na").one()
    assert user.role is Role.AUTHOR and user.password_hash is None


def test_units_form_a_tree_without_circles(login_as: Callable[..., FlaskClient]) -> None:
    client = login_as("pmso")
    client.post("/admin/units", data={"name": "总部"})
    top = db.session.query(OrgUnit).one().id
    client.post("/admin/units", data={"name": "研发", "parent": str(top)})
    below = db.session.query(OrgUnit).filter_by(name="研发").one().id
    page = client.get("/admin/units").text
    assert page.index("总部</th>") < page.index("　研发</th>")
    circle = client.post("/admin/units", data={"id": top, "name": "总部", "parent": below})
    assert circle.status_code == 400 and "不能放到自己下面" in circle.text
    taken = client.post("/admin/units", data={"name": "研发"})
    assert taken.status_code == 400 and 'value="研发"' in taken.text


def test_a_space_gets_its_readers_and_loses_them(login_as: Callable[..., FlaskClient]) -> None:
    client = login_as("pmso")
    client.post("/admin/spaces", data={"name": "研发", "slug": "rd"})
    space = db.session.query(Space).filter_by(slug="rd").one()
    assert not space.public
    where = f"/admin/spaces/{space.id}"
    client.post(where, data={"grant": "role:reviewer"})
    grant = db.session.query(SpaceReader).one()
    assert grant.role is Role.REVIEWER
    nobody = client.post(where, data={"grant": "user:999"})
    assert nobody.status_code == 400 and "没有选中读者" in nobody.text
    client.post(f"{where}/readers/{grant.id}/remove")
    assert db.session.query(SpaceReader).count() == 0
    done = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert done == ["space.add", "space.grant", "space.revoke"]
    assert "审核" in client.get("/admin/audit").text


def test_slugs_of_spaces_are_checked(login_as: Callable[..., FlaskClient]) -> None:
    client = login_as("pmso")
    for slug in ("", "Ä", "a b", "../x", "public"):
        answer = client.post("/admin/spaces", data={"name": "名", "slug": slug})
        assert answer.status_code == 400, slug
    assert db.session.query(Space).count() == 1


def test_a_pmso_cannot_touch_an_administrator(
    login_as: Callable[..., FlaskClient], make_user: Callable[..., User]
) -> None:
    root = make_user("root", Role.ADMIN)
    client = login_as("pmso")
    assert client.get(f"/admin/users/{root.id}").status_code == 404
    assert client.post(f"/admin/users/{root.id}/link").status_code == 404
    assert client.post(f"/admin/users/{root.id}", data={"role": "reader"}).status_code == 404
