"""A port for a server of a test's own."""

from __future__ import annotations

import random
import socket


def own_port() -> int:
    """A free port below those that the system gives to outgoing connections: between asking and listening none takes it."""
    for _ in range(100):
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port between 20000 and 32000")
