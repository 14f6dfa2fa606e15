"""动态: what has been going on in the portal lately."""
