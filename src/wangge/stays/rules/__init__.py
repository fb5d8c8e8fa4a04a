"""Pure decisions of the room: how a stay is read, which area it lies in. No database."""
