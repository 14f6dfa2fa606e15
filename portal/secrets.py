"""The portal's own secrets: from the environment, or from a file only its owner can read."""

from __future__ import annotations

import os
import secrets as random

from portal.settings import Settings


def secret_key(settings: Settings) -> str:
    """The key that signs cookies and derives others. Made on first use.

    Several processes may start at once: the first to create the file wins, all read the same.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.secrets_dir / "secret_key"
    if not path.exists():
        settings.secrets_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(random.token_urlsafe(48))
        try:
            # link() fails if the file has appeared meanwhile: never replace a key in use.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
