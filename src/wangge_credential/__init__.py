"""Signed status credentials and their verifier; plain Python."""
