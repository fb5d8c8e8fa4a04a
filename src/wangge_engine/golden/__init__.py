"""One record per person from many: which source's value survives, field by field, and what it was chosen over."""
