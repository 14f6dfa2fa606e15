"""One mail for one message, and the way to the server."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from plugins.notify_mail.config import MailConfig, address_of, box_of, one_line
from portal.api import N_, Message, PluginContext, Problem, ProblemError

TIMEOUT = 10.0
"""Seconds for each answer of the server."""


def send(ctx: PluginContext, message: Message) -> None:
    """Send `message` by mail; somebody without an address gets none.

    Raises ProblemError JS-4003 when the server cannot be reached or does not take it.
    """
    if not message.email:
        return
    config: MailConfig = ctx.config
    mail = compose(config, message)
    with connected(config) as server:
        server.send_message(mail)


def compose(config: MailConfig, message: Message) -> EmailMessage:
    """The mail. Raises ProblemError when the person's address cannot be one."""
    sender = address_of(config.sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = _recipient(message)
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = datetime.now(UTC)
    # The same for every attempt, so that a mail sent twice is recognised.
    digest = hashlib.sha256(message.key.encode()).hexdigest()
    mail["Message-ID"] = f"<{digest[:40]}@{sender.domain}>"
    # RFC 3834: out-of-office assistants leave it unanswered.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(config, message), charset="utf-8")
    return mail


def _text(config: MailConfig, message: Message) -> str:
    parts = [message.body] if message.body else []
    if message.url.startswith("https://"):
        parts.append(message.url)
    elif message.url and config.base_url:
        parts.append(config.base_url.rstrip("/") + message.url)
    return "\n\n".join(parts) + "\n"


def _recipient(message: Message) -> Address:
    try:
        box = box_of(message.email.strip())
    except ValueError as error:
        raise ProblemError(
            Problem(
                "JS-4003",
                N_("%(name)s 的邮箱写得不对：%(email)s"),
                N_("在「管理 → 用户」里改正邮箱"),
                params={"name": message.to, "email": one_line(message.email)[:100]},
            )
        ) from error
    return Address(one_line(message.display_name), box.username, box.domain)


@contextmanager
def connected(config: MailConfig) -> Iterator[smtplib.SMTP]:
    """The server, greeted, encrypted and signed in as the settings say.

    Whatever goes wrong, inside as well, becomes a ProblemError JS-4003 with the next step.
    """
    try:
        with _server(config) as server:
            server.ehlo()
            if config.security == "starttls":
                server.starttls(context=_trust(config))
                server.ehlo()
            if config.username:
                server.login(config.username, config.password.get_secret_value())
            yield server
    except (OSError, UnicodeError) as error:  # smtplib's own errors are OSErrors too
        raise ProblemError(_explained(config, error)) from error


def _server(config: MailConfig) -> smtplib.SMTP:
    # The name we give ourselves: asking the machine for its own may wait for a name server.
    me = address_of(config.sender).domain
    if config.security == "tls":
        return smtplib.SMTP_SSL(
            config.host, config.port, me, timeout=TIMEOUT, context=_trust(config)
        )
    return smtplib.SMTP(config.host, config.port, me, timeout=TIMEOUT)


def _trust(config: MailConfig) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=config.ca_file or None)


def _explained(config: MailConfig, error: Exception) -> Problem:
    place = {"host": config.host, "port": config.port}
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Problem(
            "JS-4003",
            N_("邮件服务器 %(host)s 不接受这个用户名或密码"),
            N_("核对邮件插件的用户名和密码；有的服务要专门的授权码"),
            params=place,
        )
    if isinstance(error, ssl.SSLError):
        return Problem(
            "JS-4003",
            N_("与邮件服务器 %(host)s:%(port)s 的加密连接建不起来：%(error)s"),
            N_("核对「加密」与端口是否相配；证书是公司自己签发的，就在 portal.toml 里设 ca_file"),
            params={**place, "error": _said(error)},
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPSenderRefused):
        return Problem(
            "JS-4003",
            N_("邮件服务器 %(host)s 不收这封信：%(error)s"),
            N_("核对收件人的邮箱和插件的「发件人」，或请邮件管理员放行"),
            params={**place, "error": _said(error)},
        )
    return Problem(
        "JS-4003",
        N_("邮件服务器 %(host)s:%(port)s 用不了：%(error)s"),
        N_("核对服务器名、端口和「加密」，看看服务器是否在运行、防火墙是否放行"),
        params={**place, "error": _said(error)},
    )


def _said(error: Exception) -> str:
    """What the server answered, or the system said, in one line."""
    answer: object = error
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answer = next(iter(error.recipients.values()), ("", b""))[1]
    elif isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    return one_line(text)[:200] or type(error).__name__
