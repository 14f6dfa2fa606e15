"""`portal users`: accounts from the command line."""

from __future__ import annotations

import sys

import click

from kb.problems import N_, Problem, ProblemError
from portal import address
from portal.accounts import service
from portal.accounts.models import Role, User
from portal.cli.context import portal_app
from portal.settings import load


@click.group()
def command() -> None:
    """账号。"""


def _user(name: str) -> User:
    user = service.find(name)
    if user is None:
        raise ProblemError(
            Problem(
                "JS-3000",
                N_("没有名为 %(name)s 的用户"),
                N_("用 portal users list 看有哪些用户"),
                params={"name": name},
            )
        )
    return user


def _link(user: User) -> str:
    return f"{address.of(load())}/welcome/{service.new_link(service.RESET, user.id)}"


@command.command()
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--display-name", default="", help="显示的名字")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码（否则给出一次性链接）")
def add(name: str, role: str, display_name: str, password_stdin: bool) -> None:
    """添加用户 NAME。"""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with portal_app():
        user = service.add_user(
            None, name, Role(role), display_name=display_name, password=password
        )
        click.echo(f"已添加 {user.name}（{user.role.value}）")
        if password is None:
            click.echo(f"设密码的一次性链接：{_link(user)}")


@command.command("list")
def list_users() -> None:
    """列出用户。"""
    with portal_app():
        for user in service.all_users():
            state = "" if user.active else "\t停用"
            click.echo(f"{user.name}\t{user.role.value}\t{user.display_name}{state}")


@command.command("reset-link")
@click.argument("name")
def reset_link(name: str) -> None:
    """给用户 NAME 一个设新密码的一次性链接。"""
    with portal_app():
        user = _user(name)
        service.needs_own_password(user)
        click.echo(_link(user))


@command.command()
@click.argument("name")
@click.option("--label", default="cli", help="用途")
def token(name: str, label: str) -> None:
    """为用户 NAME 新建一个 API 访问令牌（只显示这一次）。"""
    with portal_app():
        click.echo(service.new_api_token(_user(name).id, label))
