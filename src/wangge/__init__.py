"""网格: the platform. Rooms stand below; see docs/rooms.md for the map."""
