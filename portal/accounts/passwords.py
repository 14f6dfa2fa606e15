"""Password hashing (argon2id) and the rules a new password must meet."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kb.problems import N_

MIN_LENGTH = 10
MAX_LENGTH = 200

# argon2-cffi's defaults: RFC 9106's low-memory profile (64 MiB, 3 passes, 4 lanes).
_hasher = PasswordHasher()
_decoy = ""


def hash_password(password: str) -> str:
    """The argon2id hash, with its parameters in it."""
    return _hasher.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """True when `password` belongs to `stored`.

    With nothing stored a decoy is checked all the same, so that the time taken does not tell
    whether an account exists.
    """
    global _decoy
    if not stored:
        _decoy = _decoy or _hasher.hash("no account has this password")
        stored, password = _decoy, "\0" + password
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def fault(password: str, name: str = "") -> str | None:
    """What is wrong with a new password, as a source string; None when it will do."""
    if len(password) < MIN_LENGTH:
        return N_("密码至少要 10 个字符")
    if len(password) > MAX_LENGTH:
        return N_("密码最多 200 个字符")
    if name and name.lower() in password.lower():
        return N_("密码里不要带用户名")
    if len(set(password)) < 4:
        return N_("密码太简单：至少用 4 种不同的字符")
    return None
