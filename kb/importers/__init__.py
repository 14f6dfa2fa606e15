"""Reading other people's documents: Markdown files, folders and zip archives, safely."""
