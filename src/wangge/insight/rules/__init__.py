"""When a source is to be measured anew, what changed, what is worth mending first. Plain Python."""
