"""Spaces and who may read them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kb.problems import N_, Problem, ProblemError
from portal.accounts import service as accounts
from portal.accounts.labels import ROLES
from portal.accounts.models import OrgUnit, Role, User
from portal.db import db, write
from portal.i18n import translate
from portal.library.models import Space, SpaceReader

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _refuse(message: str, remedy: str, **params: object) -> ProblemError:
    return ProblemError(Problem("JS-3000", message, remedy, params=params))


def all_spaces() -> list[Space]:
    """Every space, by name."""
    return list(db.session.scalars(select(Space).order_by(Space.name)))


def get_space(space_id: int) -> Space | None:
    """The space with this id."""
    return db.session.get(Space, space_id)


def add_space(actor: User, slug: str, name: str, public: bool) -> Space:
    """Add a space. Raises ProblemError on a bad or taken name."""
    slug, name = slug.strip().lower(), name.strip()[:60]
    if not SLUG.fullmatch(slug) or not name:
        raise _refuse(N_("空间要有名称和代号"), N_("代号用小写字母、数字和连字符，例如 rd-center"))
    try:
        with write() as session:
            space = Space(slug=slug[:60], name=name, public=public)
            session.add(space)
            session.flush()
            accounts.audit(actor, "space.add", slug, public=public)
    except IntegrityError as error:
        raise _refuse(N_("已经有代号为 %(slug)s 的空间"), N_("换一个代号"), slug=slug) from error
    return space


def change_space(actor: User, space: Space, form: Mapping[str, str]) -> None:
    """Change the name or openness of a space, or add a reader to it."""
    with write() as session:
        if "grant" in form:
            kind, _, value = form["grant"].partition(":")
            grant = _grant(kind, value)
            grant.space_id = space.id
            session.add(grant)
            session.flush()
            accounts.audit(actor, "space.grant", space.slug, to=_grantee(grant))
        else:
            name = form.get("name", "").strip()[:60]
            if not name:
                raise _refuse(N_("空间要有名称"), N_("填上名称再保存"))
            space.name = name
            space.description = form.get("description", "").strip()[:300]
            space.public = "public" in form
            accounts.audit(actor, "space.change", space.slug, public=space.public)


def _grant(kind: str, value: str) -> SpaceReader:
    session = db.session()
    if kind == "user" and value.isdigit() and session.get(User, int(value)) is not None:
        return SpaceReader(user_id=int(value))
    if kind == "unit" and value.isdigit() and session.get(OrgUnit, int(value)) is not None:
        return SpaceReader(org_unit_id=int(value))
    if kind == "role" and value in {role.value for role in Role}:
        return SpaceReader(role=Role(value))
    raise _refuse(N_("没有选中读者"), N_("从列表里选一个人、部门或角色"))


def readers(space: Space) -> list[tuple[int, str]]:
    """(grant id, who) for each grant of this space."""
    return [(grant.id, _grantee(grant)) for grant in space.readers]


def _grantee(grant: SpaceReader) -> str:
    if grant.user:
        return grant.user.display_name or grant.user.name
    if grant.org_unit:
        return grant.org_unit.name
    assert grant.role is not None
    return translate(ROLES[grant.role])


def remove_reader(actor: User, space_id: int, reader_id: int) -> None:
    """Take a grant back; an unknown one is not an error."""
    with write() as session:
        grant = session.get(SpaceReader, reader_id)
        if grant is not None and grant.space_id == space_id:
            accounts.audit(actor, "space.revoke", grant.space.slug, **{"from": _grantee(grant)})
            session.delete(grant)
