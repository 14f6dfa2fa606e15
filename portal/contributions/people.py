"""What plugins add about people: ways to sign in, ways to reach somebody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.plugin_host.context import PluginContext


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as another system knows him. `name` becomes his login name here."""

    name: str
    display_name: str = ""
    email: str = ""


@dataclass(frozen=True)
class AuthProvider:
    """Another place that knows passwords, asked after the portal's own.

    `authenticate(ctx, name, password)` gives the Identity, or None when name and password do not
    belong together. It may raise ProblemError when it cannot tell. An unknown person gets an
    account with the role reader.
    """

    name: str
    title: str
    authenticate: Callable[[PluginContext, str, str], Identity | None]


@dataclass(frozen=True)
class Message:
    """Something somebody should know. `url` is an address of the portal; `key` tells messages
    apart, so that sending one twice can be avoided.
    """

    key: str
    to: str
    """Login name."""
    display_name: str
    email: str
    subject: str
    body: str
    url: str = ""


@dataclass(frozen=True)
class NotificationChannel:
    """A way to bring messages to people outside the portal: mail, a chat, a text message.

    `send(ctx, message)` brings it, or raises; then it is tried again, more and more slowly. It is
    called by the worker, never while somebody waits for a page.
    """

    name: str
    title: str
    send: Callable[[PluginContext, Message], None]


@dataclass(frozen=True)
class LoginView:
    """What an event tells about somebody who has signed in."""

    user_id: int
    name: str
    role: str
    provider: str
    """Name of the AuthProvider; empty: the portal's own password."""
    at: datetime
