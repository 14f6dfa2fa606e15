"""What a PMSO or administrator manages: people, org units, spaces, plugins, the audit log."""
