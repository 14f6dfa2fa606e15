"""The ERP room."""
