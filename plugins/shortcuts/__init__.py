"""Words that lead somewhere at once."""
