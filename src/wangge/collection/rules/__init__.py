"""Rules of the room: what a question must bring, what follows from what, how a door may end. Plain Python."""
