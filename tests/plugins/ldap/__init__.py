"""The LDAP plugin against a real slapd."""
