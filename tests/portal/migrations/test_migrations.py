"""The migrations give the models, up and down, on both databases, and keep what is stored."""

from __future__ import annotations

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import inspect

from kb.problems import ProblemError
from portal import migrate
from portal.accounts.models import Role, User
from portal.db import db, write


def test_up_check_down_up(empty_app: Flask) -> None:
    migrate.upgrade()
    command.check(migrate.config())  # models and migrations agree
    assert migrate.state() is None
    command.downgrade(migrate.config(), "base")
    left = set(inspect(db.engine).get_table_names())
    assert left <= {"alembic_version"}
    migrate.upgrade()
    command.check(migrate.config())


def test_an_empty_database_says_what_to_run(empty_app: Flask) -> None:
    with pytest.raises(ProblemError, match="portal init"):
        migrate.require_current()


def test_a_database_of_a_newer_program_is_refused(empty_app: Flask) -> None:
    migrate.upgrade()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from_the_future'")
    with pytest.raises(ProblemError, match="比程序新"):
        migrate.require_current()


def test_what_is_stored_survives_the_next_upgrade(empty_app: Flask) -> None:
    migrate.upgrade()
    with write() as session:
        session.add(User(name="anna", role=Role.AUTHOR))
    migrate.upgrade()
    found = db.session.query(User).one()
    assert (found.name, found.role) == ("anna", Role.AUTHOR)
    assert found.created_at.tzinfo is not None
