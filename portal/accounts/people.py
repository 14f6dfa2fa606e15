"""Accounts and org units: adding, changing, signing in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kb.problems import N_, Problem, ProblemError
from portal.accounts import passwords, providers, throttle, tokens
from portal.accounts.audit import audit
from portal.accounts.models import OrgUnit, Role, User
from portal.contributions import Identity, LoginView
from portal.db import db, utcnow, write
from portal.plugin_host import host

NAME = re.compile(r"[\w.@+-]{2,60}", re.UNICODE)
EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def _refuse(message: str, remedy: str, **params: object) -> ProblemError:
    return ProblemError(Problem("JS-3000", message, remedy, params=params))


def normal_name(name: str) -> str:
    """A login name as stored. Raises ProblemError when it cannot be one."""
    name = name.strip().lower()
    if not NAME.fullmatch(name):
        raise _refuse(
            N_("用户名不能用：%(name)s"),
            N_("用 2–60 个字母、数字、汉字或 . _ - @ +，中间不留空格"),
            name=name[:60],
        )
    return name


def check_password(password: str, name: str) -> None:
    """Raise ProblemError when the password will not do."""
    fault = passwords.fault(password, name)
    if fault:
        raise _refuse(fault, N_("换一个长一点的，例如由四个不相干的词连成"))


def find(name: str) -> User | None:
    """The user with this login name."""
    return db.session.scalar(select(User).where(User.name == name.strip().lower()))


def add_user(
    actor: User | None,
    name: str,
    role: Role,
    *,
    display_name: str = "",
    email: str = "",
    password: str | None = None,
    org_unit_id: int | None = None,
    provider: str = "",
) -> User:
    """Add an account; without a password it opens by a one-time link, or by its `provider`.

    Raises ProblemError.
    """
    name = normal_name(name)
    hashed = None
    if password is not None:
        check_password(password, name)
        hashed = passwords.hash_password(password)
    try:
        with write() as session:
            user = User(
                name=name,
                display_name=display_name.strip()[:60] or name,
                email=email.strip()[:254] or None,
                role=role,
                password_hash=hashed,
                org_unit_id=org_unit_id,
                provider=provider,
            )
            session.add(user)
            session.flush()
            by = {"provider": provider} if provider else {}
            audit(actor, "user.add", name, role=role.value, **by)
    except IntegrityError as error:
        raise _refuse(
            N_("已经有名为 %(name)s 的用户"), N_("换一个用户名，或修改原有的账号"), name=name
        ) from error
    return user


def change_user(
    actor: User,
    user: User,
    *,
    role: Role,
    active: bool,
    display_name: str,
    email: str,
    org_unit_id: int | None,
) -> None:
    """Change an account. The last active administrator stays one; a locked-out user is signed out
    at once.
    """
    loses_admin = user.role == Role.ADMIN and user.active and (role != Role.ADMIN or not active)
    with write() as session:
        # Counted inside the write transaction: two administrators cannot demote each other.
        if loses_admin and admins() <= 1:
            raise _refuse(N_("这是最后一个管理员，不能停用或降级"), N_("先让另一个人当管理员"))
        before = {"role": user.role.value, "active": user.active, "unit": user.org_unit_id}
        user.role = role
        user.active = active
        user.display_name = display_name.strip()[:60] or user.name
        user.email = email.strip()[:254] or None
        user.org_unit_id = org_unit_id
        session.flush()
        after = {"role": role.value, "active": active, "unit": org_unit_id}
        audit(actor, "user.change", user.name, before=before, after=after)
        if not active:
            tokens.revoke_sessions(user.id)


def admins() -> int:
    """How many active administrators there are (their rows locked, inside a `write()`)."""
    query = select(User.id).where(User.role == Role.ADMIN, User.active)
    if db.session().info.get("writing"):
        query = query.with_for_update()
    return len(db.session.scalars(query).all())


def all_users() -> list[User]:
    """Everyone, by name."""
    return list(db.session.scalars(select(User).order_by(User.name)))


def set_locale(user: User, locale: str) -> None:
    """Keep the language the user has chosen."""
    with write():
        user.locale = locale


def user_by_id(user_id: int) -> User | None:
    """The user with this id."""
    return db.session.get(User, user_id)


def needs_own_password(user: User) -> None:
    """Raise ProblemError when the user's password is kept elsewhere, not here."""
    if user.provider:
        raise _refuse(
            N_("%(name)s 的密码由「%(keeper)s」保管，门户里不能设"),
            N_("到「%(keeper)s」那边改密码，改好后用新密码登录门户"),
            name=user.name,
            keeper=providers.title_of(user.provider),
        )


def set_password(user: User, password: str, *, keep_session: str = "") -> None:
    """Set a password and end the user's other sessions. Raises ProblemError."""
    needs_own_password(user)
    check_password(password, user.name)
    hashed = passwords.hash_password(password)
    with write():
        user.password_hash = hashed
        tokens.revoke_sessions(user.id, keep=keep_session)
        audit(user, "user.password", user.name)


def sign_in(name: str, password: str, *, address: str, outside: bool = True) -> User | None:
    """The user, or None when name and password do not belong together.

    Limits are looked at before hashing. Where the portal's own password does not fit, providers are
    asked (`outside`). Raises ProblemError JS-3001, or JS-3004 when they could not tell.
    """
    name = name.strip().lower()[:60]
    throttle.check(name, address)
    user, unknown = _by_own_password(name, password), False
    if user is None and outside and len(password) <= passwords.MAX_LENGTH:
        # Whoever it is, so that neither the answer nor the time tells which accounts exist.
        user, unknown = providers.ask(name, password, _admit)
    if user is None:
        # Counted also while a provider is away: the portal's own passwords could be guessed at.
        throttle.failed(name, address)
        if unknown:
            raise ProblemError(providers.UNREACHABLE)
        return None
    throttle.succeeded(name)
    return user


def _by_own_password(name: str, password: str) -> User | None:
    user = find(name)
    stored = user.password_hash if user and user.active and not user.provider else None
    # The read transaction ends here: hashing takes a third of a second, providers much longer.
    db.session.commit()
    if len(password) > passwords.MAX_LENGTH or not passwords.verify(stored, password):
        return None
    return user


def _admit(identity: Identity, provider: str) -> User | None:
    """The account of somebody `provider` knows, made on his first visit; None: not let in.

    An account that was not made by this provider is never handed over, whatever its name.
    """
    name = normal_name(identity.name)
    display_name = " ".join(identity.display_name.split())[:60]
    email = identity.email.strip()
    email = email if EMAIL.fullmatch(email) and len(email) <= 254 else ""
    if find(name) is None:
        try:
            return add_user(
                None,
                name,
                Role.READER,
                display_name=display_name,
                email=email,
                provider=provider,
            )
        except ProblemError:
            # Two first visits at once: the other one has made it.
            db.session.rollback()
    with write():
        user = find(name)
        if user is None or user.provider != provider or not user.active:
            return None
        user.display_name = display_name or user.display_name
        user.email = email or user.email
    return user


def entered(user: User) -> None:
    """Tell plugins that `user` has signed in. Call it after the session is committed."""
    view = LoginView(user.id, user.name, user.role.value, user.provider, utcnow())
    host().emit("login", login=view)


def first_admin(token: str, name: str, password: str) -> User:
    """Create the administrator a first-admin link stands for. Raises ProblemError."""
    link = tokens.find_link(token)
    if link.purpose != tokens.FIRST_ADMIN:
        raise ProblemError(tokens.LINK_DEAD)
    with write():
        user = add_user(None, name, Role.ADMIN, password=password)
        tokens.use_link(token)
    return user


def reset_by_link(token: str, password: str) -> User:
    """Set the password of the user a reset link belongs to. Raises ProblemError."""
    link = tokens.find_link(token)
    if link.purpose != tokens.RESET or link.user is None or not link.user.active:
        raise ProblemError(tokens.LINK_DEAD)
    user = link.user
    with write():
        set_password(user, password)
        tokens.use_link(token)
    return user


# Org units


def units() -> list[OrgUnit]:
    """All org units, by name."""
    return list(db.session.scalars(select(OrgUnit).order_by(OrgUnit.name)))


def unit_tree() -> list[tuple[OrgUnit, int]]:
    """Every org unit with its depth (0: at the top), each below its parent, by name."""
    below: dict[int | None, list[OrgUnit]] = {}
    for unit in units():
        below.setdefault(unit.parent_id, []).append(unit)

    def walk(parent_id: int | None, depth: int) -> Iterator[tuple[OrgUnit, int]]:
        for unit in below.get(parent_id, []):
            yield unit, depth
            yield from walk(unit.id, depth + 1)

    return list(walk(None, 0))


def units_above(unit_id: int | None) -> frozenset[int]:
    """The unit and every unit above it."""
    rows = db.session.execute(select(OrgUnit.id, OrgUnit.parent_id))
    parents: dict[int, int | None] = {row.id: row.parent_id for row in rows}
    found: set[int] = set()
    while unit_id is not None and unit_id not in found:
        found.add(unit_id)
        unit_id = parents.get(unit_id)
    return frozenset(found)


def save_unit(actor: User, name: str, parent_id: int | None, unit_id: int | None = None) -> None:
    """Add or change an org unit. Raises ProblemError on a taken name or a circle."""
    name = name.strip()[:80]
    if not name:
        raise _refuse(N_("部门要有名称"), N_("填上名称再保存"))
    if unit_id is not None and parent_id is not None and unit_id in units_above(parent_id):
        raise _refuse(N_("部门不能放到自己下面"), N_("换一个上级部门"))
    try:
        with write() as session:
            unit = session.get(OrgUnit, unit_id) if unit_id is not None else OrgUnit()
            if unit is None:
                raise _refuse(N_("这个部门已不存在"), N_("刷新页面再看"))
            unit.name, unit.parent_id = name, parent_id
            session.add(unit)
            session.flush()
            parent = session.get(OrgUnit, parent_id) if parent_id is not None else None
            audit(actor, "unit.save", name, parent=parent.name if parent else None)
    except IntegrityError as error:
        raise _refuse(N_("已经有名为 %(name)s 的部门"), N_("换一个名称"), name=name) from error
