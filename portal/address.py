"""Where people reach the portal: for links that commands print."""

from __future__ import annotations

from portal.settings import Settings

FILE = "serving.txt"


def of(settings: Settings) -> str:
    """The portal's address: as set, else where it was last served from this home."""
    if settings.base_url:
        return settings.base_url.rstrip("/")
    noted = settings.home / FILE
    if noted.is_file():
        return noted.read_text(encoding="utf-8").strip()
    return local(settings)


def local(settings: Settings) -> str:
    """The address `portal serve` listens on."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def note(settings: Settings) -> None:
    """Remember where this home is being served; other commands do not know ``--port``."""
    (settings.home / FILE).write_text(local(settings), encoding="utf-8")
