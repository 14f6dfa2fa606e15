"""Templates, styles, scripts and translations."""
