"""Pure decisions of the room: codes, coordinates, topology, locating. No Django, no database."""
