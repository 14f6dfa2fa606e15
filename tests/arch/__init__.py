"""The house rules, held by reading the source: which way imports go, what a file may look like."""
