"""What a source is believed to know before anything was seen of it."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def authority() -> dict[tuple[str, str], int]:
    """Rank of (field, source): what a source is believed to know before anything was seen of it."""
    book = tomllib.loads((Path(__file__).parent / "authority.toml").read_text("utf-8"))
    return {
        (field, source): rank
        for field, ranks in book.items()
        if isinstance(ranks, dict)
        for source, rank in ranks.items()
    }
