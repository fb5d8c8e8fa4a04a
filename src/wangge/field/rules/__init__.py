"""Pure decisions about visits: forms, outcomes, which receipt a sent visit gets."""
