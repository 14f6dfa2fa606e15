"""The basic signals of a healthy plan."""
