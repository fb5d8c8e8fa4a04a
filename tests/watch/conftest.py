"""The watch's pages are tested on the console's own ground."""

from tests.console.conftest import compiled_messages, district, language

__all__ = ["compiled_messages", "district", "language"]
