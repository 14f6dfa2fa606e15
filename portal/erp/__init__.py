"""The erp room."""
