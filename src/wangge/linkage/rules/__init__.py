"""Decisions of linkage, plain Python."""
