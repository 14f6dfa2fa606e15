"""The mail server and the sender."""

from __future__ import annotations

from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from portal.api import N_


class MailConfig(BaseModel):
    """Settings of the mail channel; without a host nothing is sent."""

    model_config = ConfigDict(frozen=True)

    host: str = Field(
        "",
        title=N_("邮件服务器"),
        description=N_("例如 smtp.example.com；空着就不发邮件"),
        max_length=253,
    )
    port: int = Field(25, title=N_("端口"), description=N_("常用 25、587 或 465"), ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = Field(
        "none",
        title=N_("加密"),
        description=N_("starttls 常用端口 587，tls 常用端口 465"),
    )
    username: str = Field("", title=N_("用户名"), description=N_("空着就不登录"), max_length=200)
    password: SecretStr = Field(SecretStr(""), title=N_("密码"))
    sender: str = Field(
        "",
        title=N_("发件人"),
        description=N_("例如 金石学堂 <xuetang@example.com>；填了邮件服务器就必须填"),
        max_length=300,
        validate_default=True,
    )
    base_url: str = Field(
        "",
        title=N_("门户的地址"),
        description=N_("邮件里的链接以它开头，例如 https://xuetang.example.com；空着就不带链接"),
        pattern=r"^(https?://[^\s]+)?$",
        max_length=300,
    )
    ca_file: str = Field(
        "",
        title=N_("证书文件"),
        description=N_("公司自己签发的证书（PEM）；空着就用系统的"),
        json_schema_extra={"operator_only": True},
    )

    @field_validator("host")
    @classmethod
    def _one_word(cls, value: str) -> str:
        value = value.strip()
        if any(char.isspace() or not char.isprintable() for char in value):
            raise ValueError(N_("服务器名里不能有空格"))
        return value

    @field_validator("sender")
    @classmethod
    def _an_address(cls, value: str, info: ValidationInfo) -> str:
        value = value.strip()
        if value:
            address_of(value)
        elif info.data.get("host"):
            raise ValueError(N_("填了邮件服务器，也要填发件人"))
        return value


def address_of(text: str) -> Address:
    """The address in ``name <box@domain>`` or ``box@domain``. Raises ValueError."""
    name, spec = parseaddr(text)
    box = box_of(spec)
    return Address(one_line(name), box.username, box.domain)


def box_of(spec: str) -> Address:
    """The address ``box@domain``, with nothing before or after it. Raises ValueError."""
    try:
        box = Address(addr_spec=spec)
    except Exception as error:
        # The standard library's parser raises errors of several kinds here.
        raise ValueError(N_("不是一个邮箱地址")) from error
    if not box.username or not box.domain or not spec.isprintable():
        raise ValueError(N_("不是一个邮箱地址"))
    return box


def one_line(text: str) -> str:
    """`text` as it may stand in a header: without line breaks and control characters."""
    line = "".join(char for char in " ".join(text.split()) if char.isprintable())
    # Begins an encoded word (RFC 2047), which could hide a line break.
    return line.replace("=?", "= ?")
