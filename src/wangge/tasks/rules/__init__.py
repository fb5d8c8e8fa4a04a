"""Pure decisions about teams, kinds of task, deadlines and the order of a walk."""
