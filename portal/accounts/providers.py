"""Other places that know passwords: what plugins add with ``portal_auth_providers``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kb.problems import N_, Problem
from portal.accounts.models import User
from portal.contributions import AuthProvider, Identity
from portal.i18n import translate
from portal.plugin_host import host
from portal.plugin_host.calls import Fault
from portal.plugin_host.shape import mistyped

if TYPE_CHECKING:
    from portal.plugin_host.context import PluginContext

HOOK = "portal_auth_providers"

SECONDS = 5.0
"""What a provider may take; somebody is waiting for the page."""

UNREACHABLE = Problem(
    "JS-3004",
    N_("公司账号系统暂时连不上"),
    N_("过几分钟再试；门户自己的账号照常可以登录。一直不行，请告诉管理员"),
)

Admit = Callable[[Identity, str], User | None]
"""(who he is, provider's name) → his account; None: not let in."""


def ask(name: str, password: str, admit: Admit) -> tuple[User | None, bool]:
    """The account a provider vouches for, and whether that stays unknown.

    Providers are asked in order until `admit` lets somebody in. It is unknown when none of them
    said no and at least one could not tell: it failed, hung, or gave something else than promised.
    Call it without an open transaction: a provider takes its time.
    """
    said_no = failed = False
    # An empty password is an anonymous bind to many directories, and "works" for everybody.
    for one in host().collected(HOOK) if password else ():
        provider: AuthProvider = one.item

        def sign_in(ctx: PluginContext, provider: AuthProvider = provider) -> Identity | None:
            return _checked(provider.authenticate(ctx, name, password))

        answer = host().call(one.plugin, f"sign-in by {provider.name}", sign_in, SECONDS)
        if isinstance(answer, Fault):
            failed = True
            continue
        user = admit(answer, provider.name) if answer is not None else None
        if user is not None:
            return user, False
        said_no = True
    return None, failed and not said_no


def titles() -> tuple[str, ...]:
    """The providers there are, in the reader's language."""
    return tuple(translate(provider.title) for provider in host().items(HOOK))


def title_of(name: str) -> str:
    """A provider's title; its name while its plugin is not there."""
    found = (provider for provider in host().items(HOOK) if provider.name == name)
    provider = next(found, None)
    return translate(provider.title) if provider else name


def _checked(answer: object) -> Identity | None:
    """What a provider answered, if it is what it promised. Raises TypeError or ValueError."""
    from portal.accounts.people import NAME

    if answer is None:
        return None
    if not isinstance(answer, Identity):
        raise TypeError(f"authenticate returned {type(answer).__name__}, not Identity or None")
    wrong = mistyped(answer)
    if wrong is not None:
        raise TypeError(f"authenticate returned an Identity with {wrong}")
    if not NAME.fullmatch(answer.name.strip()):
        raise ValueError(f"the name {answer.name[:60]!r} cannot be a login name")
    return answer
