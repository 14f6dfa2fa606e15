"""Secrets that administrators type into a plugin's form: encrypted where they are stored.

The key comes from the portal's secret key by HKDF (RFC 5869); Fernet encrypts and signs. With
another secret key nothing can be read any more, and the plugin says that its secrets are to be
typed again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


def locked(value: str) -> str:
    """The value, encrypted."""
    return _fernet().encrypt(value.encode()).decode("ascii")


def opened(secrets: Mapping[str, str]) -> dict[str, str]:
    """Setting → value. Raises ValueError naming the setting that cannot be read."""
    found = {}
    for name, token in secrets.items():
        try:
            found[name] = _fernet().decrypt(str(token).encode()).decode()
        except (InvalidToken, UnicodeError) as error:
            raise ValueError(name) from error
    return found


def _fernet() -> Fernet:
    secret: str = current_app.config["SECRET_KEY"]
    made = HKDF(SHA256(), 32, salt=None, info=b"portal plugin secrets").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(made))
