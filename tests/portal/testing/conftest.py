"""The fixtures that authors of plugins get, in place of the portal's own."""

from __future__ import annotations

from portal.testing import (  # noqa: F401
    app,
    client,
    collected,
    emit,
    load_plugin,
    login_as,
    no_mail,
    no_network,
    plugin_ctx,
    portal_settings,
    recording_server,
)
