"""The commands: each module gives `arguments(parser)` and `run(options) -> exit code`."""
