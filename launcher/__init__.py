"""启动: sets the house up and starts it; standard library only, because it runs before anything is installed.

What stands here: the virtual environment, the embedded PostgreSQL, the front end's build, the compiled
messages, the supervisor of the web and worker processes. What never does: anything about people or grids.
`launcher.roles` and `launcher.messages` are the two modules that run inside the virtual environment.
"""
