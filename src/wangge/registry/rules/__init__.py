"""Decisions of the registry, plain Python."""
