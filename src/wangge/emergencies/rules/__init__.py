"""Pure decisions of the room: the terms an emergency is declared on. No database."""
