"""Signing in with the company's LDAP account."""
