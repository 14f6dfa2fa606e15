"""A kind of article for announcements."""
