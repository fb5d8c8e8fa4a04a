"""The atlas's pages are tested on planning's own ground."""

from tests.console.conftest import compiled_messages, language

__all__ = ["compiled_messages", "language"]
