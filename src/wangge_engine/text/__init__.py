"""Texts as people write them, read into parts: pure functions that rooms may import."""
