"""Decisions of establishments, plain Python."""
