"""提示语: a line of the company's own in fixed places of the portal's pages."""
