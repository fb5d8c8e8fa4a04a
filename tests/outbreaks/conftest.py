"""Outbreaks are tested under an emergency that was declared through its door."""

from tests.emergencies.conftest import declare, declared, investigator

__all__ = ["declare", "declared", "investigator"]
