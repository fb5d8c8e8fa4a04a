"""Pure decisions of the room: what a cell may hold, what a certificate says. No database."""
