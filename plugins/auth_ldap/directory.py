"""The directory: finding somebody, trying his password, looking whether all is well.

Search-then-bind as in RFC 4513: the entry is looked up with the query account, then its DN is bound
with the password that was typed. Only loaded when a server is configured: ldap3 is large.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError
from ldap3.utils.conv import escape_filter_chars

from plugins.auth_ldap.config import PLACE, LdapConfig
from portal.api import N_, Identity, Problem, ProblemError

SECONDS = 4
"""For connecting and for each answer: below the portal's own limit for a provider."""

SUCCESS = 0
SIZE_LIMIT = 4
NO = frozenset({19, 32, 48, 49, 50, 53})
"""Result codes (RFC 4511, A.1) of a bind that mean: not with this password, or not any more."""

LOOK = N_("核对服务器地址、端口、证书（ca_file）和防火墙；运行 portal doctor 再看")


class VerifiedTls(ldap3.Tls):  # type: ignore[misc]
    """TLS as Python's own defaults have it: chain, name and dates of the certificate are checked.

    ldap3 switches Python's check of the name off and makes its own with a function that newer
    Pythons no longer have.
    """

    def __init__(self, ca_file: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context = ssl.create_default_context(cafile=ca_file or None)

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Put TLS around the connection's socket. Raises ssl.SSLError."""
        connection.socket = self.context.wrap_socket(
            connection.socket, server_hostname=connection.server.host
        )


def authenticate(config: LdapConfig, name: str, password: str) -> Identity | None:
    """Who `name` is if `password` is his; None if not.

    Raises ProblemError JS-4003 when the directory cannot tell.
    """
    if not name or not password:
        # A bind without password is anonymous and succeeds for whomever (RFC 4513, 5.1.2).
        return None
    with _connection(config) as connection:
        entry = find(config, connection, name)
    if entry is None:
        return None
    # As bytes: ldap3 prepares text by SASLprep, which can leave nothing of a password.
    with _connection(config, entry["dn"], password.encode("utf-8"), may_fail=True) as connection:
        if not connection.bound:
            return None
    return _identity(config, entry)


def find(config: LdapConfig, connection: Any, name: str) -> Mapping[str, Any] | None:
    """The one entry that `name` stands for; None when there is none or more than one.

    Raises ProblemError JS-4003 when the search fails.
    """
    wanted = (config.name_attribute, config.display_name_attribute, config.mail_attribute)
    try:
        connection.search(
            config.base_dn,
            config.user_filter.replace(PLACE, escape_filter_chars(name)),
            attributes=[attribute for attribute in wanted if attribute],
            size_limit=2,
            time_limit=SECONDS,
        )
    except LDAPInvalidFilterError as error:
        raise _failed(
            N_("查人的条件不是 LDAP 过滤式：%(filter)s"),
            N_("核对 user_filter 的括号，例如 (&(objectClass=person)(uid={name}))"),
            filter=config.user_filter,
        ) from error
    code = connection.result["result"]
    if code not in {SUCCESS, SIZE_LIMIT}:
        raise _failed(
            N_("在 LDAP 里查人失败：%(error)s"),
            N_("核对 base_dn、user_filter，以及查询账号的读权限"),
            error=connection.result["description"],
        )
    found = [item for item in connection.response or () if item["type"] == "searchResEntry"]
    return found[0] if len(found) == 1 and code == SUCCESS else None


def health(config: LdapConfig) -> Iterator[Problem]:
    """What is wrong with the way to the directory; nothing when somebody could sign in."""
    if not config.encrypted and config.host not in {"127.0.0.1", "::1", "localhost"}:
        yield Problem(
            "JS-4003",
            N_("密码会不加密地传到 %(host)s"),
            N_("改用 ldaps://，或打开 start_tls"),
            params={"host": config.host},
        )
    try:
        with _connection(config) as connection:
            there = connection.search(config.base_dn, "(objectClass=*)", ldap3.BASE)
            if not there:
                raise _failed(
                    N_("LDAP 里没有 base_dn，或没有权限读：%(error)s"),
                    N_("核对 base_dn 的写法和查询账号的读权限"),
                    error=connection.result["description"],
                )
            find(config, connection, "portal-health-check")
    except ProblemError as error:
        yield error.problem


@contextmanager
def _connection(
    config: LdapConfig, dn: str = "", password: bytes = b"", *, may_fail: bool = False
) -> Iterator[Any]:
    """A connection bound as `dn` (by default the query account), closed at the end.

    With `may_fail` a refused bind is no error: the connection is then not bound. Raises
    ProblemError JS-4003.
    """
    connection = None
    try:
        connection = _new(config, dn, password)
        connection.open(read_server_info=False)
        if config.start_tls:
            connection.start_tls(read_server_info=False)
        connection.bind(read_server_info=False)
        code = connection.result["result"]
        if code != SUCCESS and not (may_fail and code in NO):
            refused = connection.result["description"]
            if may_fail:
                raise _failed(N_("LDAP 没有说密码对不对：%(error)s"), LOOK, error=refused)
            raise _failed(
                N_("LDAP 不让查询账号登录：%(error)s"),
                N_("核对 bind_dn 和 bind_password"),
                error=refused,
            )
        yield connection
    except (LDAPException, OSError) as error:
        raise _failed(N_("连不上 LDAP 服务器：%(error)s"), LOOK, error=error) from error
    finally:
        if connection is not None:
            _close(connection)


def _new(config: LdapConfig, dn: str, password: bytes) -> Any:
    secure = config.url.startswith("ldaps:")
    server = ldap3.Server(
        config.host,
        port=config.port,
        use_ssl=secure,
        tls=VerifiedTls(config.ca_file) if config.encrypted else None,
        connect_timeout=SECONDS,
        get_info=ldap3.NONE,
    )
    own = not dn
    user = (config.bind_dn if own else dn) or None
    secret = config.bind_password.get_secret_value().encode("utf-8") if own else password
    return ldap3.Connection(
        server,
        user=user,
        password=secret if user else None,
        authentication=ldap3.SIMPLE if user else ldap3.ANONYMOUS,
        read_only=True,
        # A referral could lead the password to any server.
        auto_referrals=False,
        receive_timeout=SECONDS,
    )


def _close(connection: Any) -> None:
    with suppress(LDAPException, OSError):
        # Where the server has gone already, what it answered still stands.
        connection.unbind()
    if connection.socket is not None:
        # ldap3 leaves the socket of a failed opening to the garbage collector.
        connection.socket.close()


def _identity(config: LdapConfig, entry: Mapping[str, Any]) -> Identity:
    values = {key.lower(): value for key, value in entry["raw_attributes"].items()}

    def first(attribute: str) -> str:
        texts = sorted(one.decode("utf-8", "replace") for one in values.get(attribute.lower(), ()))
        return texts[0] if texts else ""

    # The directory's own spelling: it takes "Anna" and "ａｎｎａ" for the same person.
    name = first(config.name_attribute)
    if not name:
        raise _failed(
            N_("LDAP 里这个人没有「%(attribute)s」属性"),
            N_("把 name_attribute 改成每个人都有的属性，并让查询账号读得到它"),
            attribute=config.name_attribute,
        )
    return Identity(name, first(config.display_name_attribute), first(config.mail_attribute))


def _failed(message: str, remedy: str, **params: object) -> ProblemError:
    short = {name: str(value)[:300] for name, value in params.items()}
    return ProblemError(Problem("JS-4003", message, remedy, params=short))
