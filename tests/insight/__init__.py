"""Tests of the room insight."""
