"""Pure decisions of the room: seats, manifests, line lists, terms of an emergency. No database."""
