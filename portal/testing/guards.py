"""Tests stay on this machine: what would leave it raises, in words."""

from __future__ import annotations

import ipaddress
import smtplib
import socket
from typing import Any

import pytest


class NotAllowed(RuntimeError):
    """A test wanted to reach something outside this machine.

    No OSError: a plugin that catches those would hide it.
    """


def on_this_machine(host: object) -> bool:
    """True for ``localhost`` and loopback addresses."""
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection leaves this machine, no name is looked up: `NotAllowed`."""

    def guarded(name: str) -> None:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *arguments: Any) -> Any:
            address = arguments[-1]
            if isinstance(address, tuple) and not on_this_machine(address[0]):
                raise NotAllowed(_words("连接", f"{address[0]}:{address[1]}"))
            return original(self, *arguments)

        monkeypatch.setattr(socket.socket, name, call)

    for name in ("connect", "connect_ex", "sendto"):
        guarded(name)
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        if not on_this_machine(host):
            raise NotAllowed(_words("查找", str(host)))
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture(autouse=True)
def no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mail goes to a server that is not on this machine: `NotAllowed`."""
    connect = smtplib.SMTP.connect

    def guarded(self: smtplib.SMTP, host: str = "localhost", *rest: Any, **options: Any) -> Any:
        if not on_this_machine(host.partition(":")[0]):
            raise NotAllowed(
                f"测试里不能向 {host} 发邮件。→ 在测试里起一个本机的 SMTP 服务，例如 aiosmtpd"
            )
        return connect(self, host, *rest, **options)

    monkeypatch.setattr(smtplib.SMTP, "connect", guarded)


def _words(what: str, where: str) -> str:
    return f"测试里不能{what} {where}。→ 用 recording_server 代替对方，把它的地址写进设置"
