"""样式: every part of a page with invented text, for whoever builds pages. Served in development and tests only."""
