"""Finding: the index beside the database, the search page, suggestions."""
