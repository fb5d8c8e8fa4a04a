"""Pure decisions of the room: facts in, verdicts with reasons out. No database, no clock of its own."""
