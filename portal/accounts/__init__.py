"""People: accounts, roles, org units; signing in, sessions, tokens, the audit log."""
