"""What the operator can set, and what is refused before anything is connected."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from portal.api import N_

PORTS = {"ldap": 389, "ldaps": 636}
PLACE = "{name}"
"""Where the login name goes in `user_filter`."""

OPERATOR: dict[str, Any] = {"operator_only": True}
"""Whoever could change these from a page would have everybody's password sent to himself."""


class LdapConfig(BaseModel):
    """How the directory is reached and how people are found in it."""

    model_config = ConfigDict(frozen=True)

    url: str = Field(
        "",
        title=N_("服务器地址"),
        description=N_("例如 ldaps://ldap.example.com；空着就不用 LDAP 登录"),
        json_schema_extra=OPERATOR,
    )
    start_tls: bool = Field(
        False,
        title=N_("在 ldap:// 上启用 StartTLS"),
        description=N_("先加密再传密码；ldaps:// 本来就是加密的，不用打开"),
        json_schema_extra=OPERATOR,
    )
    ca_file: str = Field(
        "",
        title=N_("CA 证书文件"),
        description=N_("公司自己的 CA（PEM）；空着就用系统信任的。证书总要核对，不能关"),
        json_schema_extra=OPERATOR,
    )
    bind_dn: str = Field(
        "",
        title=N_("查询用的账号（DN）"),
        description=N_("只需读权限；空着就匿名查询"),
        json_schema_extra=OPERATOR,
    )
    bind_password: SecretStr = Field(SecretStr(""), title=N_("查询账号的密码"))
    base_dn: str = Field(
        "",
        title=N_("从哪里查起（DN）"),
        description=N_("例如 ou=people,dc=example,dc=com"),
        json_schema_extra=OPERATOR,
    )
    user_filter: str = Field(
        "(&(objectClass=person)(uid={name}))",
        title=N_("查人的条件"),
        description=N_("LDAP 过滤式，{name} 处填用户名；Active Directory 用 sAMAccountName"),
        json_schema_extra=OPERATOR,
    )
    name_attribute: str = Field(
        "uid",
        min_length=1,
        title=N_("用户名属性"),
        description=N_("它的值就是门户里的用户名；Active Directory 用 sAMAccountName"),
        json_schema_extra=OPERATOR,
    )
    display_name_attribute: str = Field("cn", title=N_("姓名属性"))
    mail_attribute: str = Field("mail", title=N_("邮箱属性"))
    title: str = Field(
        N_("公司账号"),
        min_length=1,
        max_length=20,
        title=N_("登录页上的叫法"),
    )

    @field_validator("url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("写成 ldaps://主机名 或 ldap://主机名:端口")
        _ = parts.port  # raises ValueError beyond 65535
        return url

    @field_validator("user_filter")
    @classmethod
    def _with_a_place(cls, text: str) -> str:
        if PLACE not in text or not (text.startswith("(") and text.endswith(")")):
            raise ValueError("要用括号括起来，里面要有 {name}，例如 (uid={name})")
        return text

    @model_validator(mode="after")
    def _hangs_together(self) -> LdapConfig:
        if self.url and not self.base_dn:
            raise ValueError("写了服务器地址，就要写从哪里查起（base_dn）")
        if self.start_tls and self.url.startswith("ldaps:"):
            raise ValueError("ldaps:// 和 start_tls 只用一个")
        if self.bind_dn and not self.bind_password.get_secret_value():
            raise ValueError("写了查询账号，就要写它的密码（bind_password）")
        return self

    @property
    def host(self) -> str:
        """The server's name, as its certificate has to say it."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port given, or the scheme's own."""
        parts = urlsplit(self.url)
        return parts.port or PORTS[parts.scheme]

    @property
    def encrypted(self) -> bool:
        """True when passwords do not travel in the clear."""
        return self.start_tls or self.url.startswith("ldaps:")
