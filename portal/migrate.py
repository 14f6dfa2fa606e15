"""The state of the database's structure, and bringing it up to date with Alembic."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from kb.problems import N_, Problem, ProblemError
from portal.db import db

# Each command asks for the revision; that is no news for its reader.
logging.getLogger("alembic").setLevel(logging.WARNING)

UNREACHABLE = N_("连不上数据库：%(error)s")
MISSING = N_("数据库还没有建立")
OLD = N_("数据库结构是 %(found)s，程序要的是 %(wanted)s")
NEWER = N_("数据库结构 %(found)s 比程序新")


def config() -> Config:
    """Alembic's configuration for the current application."""
    import migrations

    # A namespace package has no __file__; its path is where env.py lies, also in a wheel.
    location = next(iter(migrations.__path__))
    settings = Config()
    settings.set_main_option("script_location", str(Path(location)).replace("%", "%%"))
    settings.attributes["app"] = current_app._get_current_object()  # type: ignore[attr-defined]
    return settings


def wanted() -> str:
    """The revision this program's models stand for."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None
    return head


def found() -> str | None:
    """The revision the database is at; None when it holds no portal yet.

    Raises ProblemError JS-1002 when the database cannot be reached.
    """
    try:
        with db.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except (OperationalError, SQLAlchemyError, OSError) as error:
        detail = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise ProblemError(
            Problem(
                "JS-1002",
                UNREACHABLE,
                N_("检查 PORTAL_DATABASE_URL、数据库服务和文件权限，再运行 portal doctor"),
                params={"error": detail},
            )
        ) from error


def state() -> Problem | None:
    """What is wrong with the structure, or None. Raises ProblemError JS-1002."""
    current, head = found(), wanted()
    if current == head:
        return None
    params = {"found": current, "wanted": head}
    if current is None:
        return Problem("JS-1003", MISSING, N_("运行 portal init"))
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if current not in known:
        return Problem("JS-1003", NEWER, N_("换回与数据库相配的新版程序"), params=params)
    return Problem("JS-1003", OLD, N_("先备份，再运行 portal db upgrade"), params=params)


def require_current() -> None:
    """Raise ProblemError JS-1003 unless the structure is this program's."""
    problem = state()
    if problem is not None:
        raise ProblemError(problem)


def upgrade() -> None:
    """Bring the database to this program's structure."""
    command.upgrade(config(), "head")
