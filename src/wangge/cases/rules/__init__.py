"""Pure decisions about matters: clock, categories, place, separation of supervision from handling."""
