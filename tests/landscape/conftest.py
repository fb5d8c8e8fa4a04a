from tests.territory.conftest import steward

__all__ = ["steward"]
