"""Plugins that come with the portal. Each uses `portal.api` and public `kb` only."""
