"""Pages of the desk, one module for each room; found by their names."""
