"""How entries are written down, chained and checked. Plain Python."""
