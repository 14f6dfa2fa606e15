"""Tests of plugins stay on this machine."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable
from urllib.request import urlopen

import pytest

from portal.testing import NotAllowed, RecordingServer
from portal.testing.guards import on_this_machine

ELSEWHERE = ("192.0.2.1", 9)


def udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ELSEWHERE)


def without_raising() -> None:
    with socket.socket() as caller:
        caller.connect_ex(ELSEWHERE)


@pytest.mark.parametrize(
    "leave",
    [
        lambda: socket.create_connection(ELSEWHERE),
        lambda: socket.getaddrinfo("example.com", 80),
        lambda: urlopen("http://example.com/"),
        lambda: urlopen("http://192.0.2.1/"),
        udp,
        without_raising,
    ],
)
def test_nothing_leaves_this_machine(leave: Callable[[], object]) -> None:
    with pytest.raises(NotAllowed, match="recording_server"):
        leave()


@pytest.mark.parametrize("host", ["mail.example.com", "mail.example.com:25", "192.0.2.1"])
def test_no_mail_leaves_this_machine(host: str) -> None:
    with pytest.raises(NotAllowed, match=r"发邮件"):
        smtplib.SMTP(host)


def test_this_machine_can_be_reached(recording_server: RecordingServer) -> None:
    recording_server.answer("/", {"here": True})
    with urlopen(recording_server.url()) as answer:
        assert answer.status == 200
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("127.0.0.9", True),
        ("::1", True),
        (None, True),
        (b"localhost", True),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_what_counts_as_this_machine(host: object, ours: bool) -> None:
    assert on_this_machine(host) is ours
