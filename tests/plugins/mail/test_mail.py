"""Mails that really arrive: at SMTP servers in this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from plugins.notify_mail.config import MailConfig, address_of, one_line
from plugins.notify_mail.mail import compose, send
from plugins.notify_mail.plugin import check, portal_health_checks, portal_notification_channels
from portal.api import Message, PluginContext, ProblemError
from tests.plugins.mail.servers import (
    PASSWORD,
    authenticate,
    certificate,
    free_port,
    server,
)

SENDER = "金石学堂 <xuetang@example.com>"

Ctx = Callable[..., PluginContext]


def configured(port: int, **more: Any) -> MailConfig:
    """Settings for a server on this machine."""
    return MailConfig(host="127.0.0.1", port=port, **{"sender": SENDER, **more})


def message(**more: str) -> Message:
    """A message to Anna."""
    plain = {
        "key": "1:task:7",
        "to": "anna",
        "display_name": "王安娜",
        "email": "anna@example.com",
        "subject": "《怎样报工时》有读者没解决问题",
        "body": "缺步骤：少了第三步\n第四步也看不懂",
        "url": "/faq/工时",
    }
    return Message(**{**plain, **more})


def test_a_mail_arrives_in_chinese(make_ctx: Ctx) -> None:
    with server() as (box, port):
        send(make_ctx(configured(port, base_url="https://x.example.com/")), message())
    assert len(box.mails) == 1
    mail = box.mails[0]
    assert mail["Subject"] == "《怎样报工时》有读者没解决问题"
    assert str(mail["From"]) == SENDER
    assert str(mail["To"]) == "王安娜 <anna@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Date"]
    text = mail.get_content().replace("\r\n", "\n")
    assert text.startswith("缺步骤：少了第三步\n第四步也看不懂\n\n")
    assert text.rstrip().endswith("https://x.example.com/faq/工时")
    assert box.envelopes[0].rcpt_tos == ["anna@example.com"]
    assert box.envelopes[0].mail_from == "xuetang@example.com"


def test_the_same_message_has_the_same_id_each_time() -> None:
    one, again, other = (
        compose(configured(25), message(key=key))["Message-ID"] for key in ("a", "a", "b")
    )
    assert one == again != other


@pytest.mark.parametrize(
    ("url", "base_url", "end"),
    [
        ("/faq/x", "", "好"),
        ("/faq/x", "https://x.cn", "https://x.cn/faq/x"),
        ("https://y.cn/z", "", "https://y.cn/z"),
        ("", "https://x.cn", "好"),
    ],
)
def test_links_are_whole_or_left_out(url: str, base_url: str, end: str) -> None:
    mail = compose(configured(25, base_url=base_url), message(body="好", url=url))
    assert mail.get_content().rstrip().endswith(end)


def test_who_has_no_address_is_passed_over(make_ctx: Ctx) -> None:
    # Nobody listens there: it would raise if it tried.
    send(make_ctx(configured(free_port())), message(email=""))


@pytest.mark.parametrize(
    "subject",
    [
        "好\r\nBcc: evil@example.com",
        "好\nX-Evil: 1",
        "好\r\n\r\nbody",
        "好\u2028Bcc: evil@example.com",
        "好\x0bBcc: evil@example.com",
        "=?utf-8?q?=0D=0ABcc=3A_evil=40example=2Ecom?=",
    ],
)
def test_a_subject_cannot_bring_headers_of_its_own(subject: str, make_ctx: Ctx) -> None:
    with server() as (box, port):
        send(make_ctx(configured(port)), message(subject=subject, display_name=subject))
    mail = box.mails[0]
    assert mail["Bcc"] is None and mail["X-Evil"] is None
    assert box.envelopes[0].rcpt_tos == ["anna@example.com"]
    assert mail.get_content().startswith("缺步骤")


@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=300))
def test_whatever_is_in_a_message_the_mail_has_our_headers_only(
    subject: str, name: str, body: str
) -> None:
    body = body.encode(errors="ignore").decode()
    subject, name = (text.encode(errors="ignore").decode() for text in (subject, name))
    mail = compose(configured(25), message(subject=subject, display_name=name, body=body))
    read = message_from_bytes(mail.as_bytes(), policy=default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert [box.addr_spec for box in read["To"].addresses] == ["anna@example.com"]


@given(st.text(max_size=200))
def test_one_line_has_no_break_and_no_control_character(text: str) -> None:
    line = one_line(text)
    assert line.splitlines() in ([], [line]) and line.isprintable()


@pytest.mark.parametrize(
    "email", ["nonsense", "a@", "@b.cn", "a b@c.cn", "a@b.cn>, <c@d.cn", "\r\nBcc: c@d.cn"]
)
def test_an_address_that_is_none_is_named(email: str, make_ctx: Ctx) -> None:
    with pytest.raises(ProblemError, match="anna") as caught:
        send(make_ctx(configured(free_port())), message(email=email))
    assert caught.value.problem.code == "JS-4003"


# Servers


def test_signing_in(make_ctx: Ctx, tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    secure = {"security": "starttls", "ca_file": str(trusted)}
    with server(authenticator=authenticate, auth_required=True, tls_context=context) as (box, port):
        for wrong in ("sesame", "x" * 100):
            config = configured(port, username="xuetang", password=wrong, **secure)
            with pytest.raises(ProblemError, match="用户名或密码"):
                send(make_ctx(config), message())
        with pytest.raises(ProblemError, match="不收这封信"):
            send(make_ctx(configured(port, **secure)), message())
        assert box.mails == []
        config = configured(port, username="xuetang", password=PASSWORD, **secure)
        send(make_ctx(config), message())
    assert len(box.mails) == 1


def test_a_recipient_the_server_refuses(make_ctx: Ctx) -> None:
    with server() as (box, port):
        with pytest.raises(ProblemError, match="不收这封信") as caught:
            send(make_ctx(configured(port)), message(email="no-one@example.com"))
        assert "5.1.1" in caught.value.problem.text()
        assert box.mails == []


def test_starttls_and_tls_with_a_certificate_of_our_own(make_ctx: Ctx, tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    with server(tls_context=context, require_starttls=True) as (box, port):
        secure = configured(port, security="starttls", ca_file=str(trusted))
        send(make_ctx(secure), message())
        with pytest.raises(ProblemError):
            send(make_ctx(configured(port)), message())
    assert box.encrypted == [True]
    with server(ssl_context=context) as (box, port):
        send(make_ctx(configured(port, security="tls", ca_file=str(trusted))), message())
    assert len(box.mails) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_has_signed_is_refused(
    security: str, make_ctx: Ctx, tmp_path: Path
) -> None:
    context, _trusted = certificate(tmp_path)
    parameters = {"tls_context" if security == "starttls" else "ssl_context": context}
    with server(**parameters) as (box, port):
        with pytest.raises(ProblemError, match="加密连接") as caught:
            send(make_ctx(configured(port, security=security)), message())
        assert "ca_file" in caught.value.problem.next_step()
        assert box.mails == []


def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(make_ctx: Ctx) -> None:
    with server() as (box, port):
        with pytest.raises(ProblemError, match="用不了"):
            send(make_ctx(configured(port, security="starttls")), message())
        assert box.mails == []


def test_a_server_that_is_down(make_ctx: Ctx) -> None:
    port = free_port()
    with pytest.raises(ProblemError, match=f"127.0.0.1:{port} 用不了") as caught:
        send(make_ctx(configured(port)), message())
    assert caught.value.problem.code == "JS-4003" and caught.value.problem.next_step()


def test_somebody_else_who_listens_there(make_ctx: Ctx) -> None:
    # Takes the call and hangs up without a word.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        listener.listen(1)
        hang_up = threading.Thread(target=lambda: listener.accept()[0].close())
        hang_up.start()
        with pytest.raises(ProblemError, match="用不了"):
            send(make_ctx(configured(port)), message())
        hang_up.join()


# Settings and health


def test_without_a_host_there_is_neither_channel_nor_check(make_ctx: Ctx) -> None:
    ctx = make_ctx(MailConfig.model_validate({}))
    assert portal_notification_channels(ctx) == [] and portal_health_checks(ctx) == []


def test_with_a_host_there_is_a_channel(make_ctx: Ctx) -> None:
    channels = portal_notification_channels(make_ctx(configured(25)))
    assert [channel.name for channel in channels] == ["mail"]


def test_the_health_check_connects_and_says_what_to_do(make_ctx: Ctx) -> None:
    with server() as (box, port):
        ctx = make_ctx(configured(port))
        one = portal_health_checks(ctx)[0]
        assert list(one.check(ctx)) == []
        assert box.mails == []
    problems = list(check(ctx))
    assert [problem.code for problem in problems] == ["JS-4003"]
    assert problems[0].next_step()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": "smtp.example.com"}, "发件人"),
        ({"host": "smtp.example.com", "sender": "nobody"}, "邮箱地址"),
        ({"host": "two words", "sender": SENDER}, "空格"),
        ({"port": 0}, "1"),
        ({"security": "ssl"}, "starttls"),
        ({"base_url": "x.example.com"}, "pattern"),
    ],
)
def test_settings_that_will_not_do(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        MailConfig(**settings)


@given(st.text(max_size=100))
def test_whatever_is_typed_as_an_address_is_one_or_refused(text: str) -> None:
    try:
        address = address_of(text)
    except ValueError:
        return
    assert address.username and address.domain and address.addr_spec.isprintable()
