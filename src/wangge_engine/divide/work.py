"""How long a search may go on, and what it did."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass
class Work:
    """What a search did, and how long it may go on (this process's processor time; None: to its end)."""

    until: float | None = None
    windows: int = 0
    sets: int = 0
    cut_short: bool = False

    def over(self) -> bool:
        if self.until is not None and time.process_time() > self.until:
            self.cut_short = True
        return self.cut_short
