"""The built front end: which hashed files a page asks for."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

DIST = Path(__file__).parent / "static" / "console" / "dist"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Assets:
    """Addresses one entry needs: its module, the style sheets, and the modules it imports at once."""

    module: str = ""
    styles: tuple[str, ...] = ()
    preloads: tuple[str, ...] = ()


def read_manifest(dist: Path) -> dict[str, dict[str, object]]:
    """The manifest of the build in `dist`; empty when the front end has not been built."""
    try:
        manifest: dict[str, dict[str, object]] = json.loads((dist / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        log.warning(
            "the front end has not been built (npm run build in web/); pages have no style and no script"
        )
        return {}
    return manifest


def _names(chunk: dict[str, object], key: str) -> list[str]:
    found = chunk.get(key, [])
    return [str(name) for name in found] if isinstance(found, list) else []


def collect(manifest: dict[str, dict[str, object]], entry: str, base: str) -> Assets:
    """Files of `entry` ("src/app.ts") and of all it imports statically, each once."""
    if entry not in manifest:
        return Assets()
    styles: dict[str, None] = {}
    preloads: dict[str, None] = {}
    waiting, seen = [entry], set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        chunk = manifest[name]
        styles |= dict.fromkeys(base + css for css in _names(chunk, "css"))
        if name != entry:
            preloads[base + str(chunk["file"])] = None
        waiting += _names(chunk, "imports")
    return Assets(base + str(manifest[entry]["file"]), tuple(styles), tuple(preloads))


@lru_cache(maxsize=8)
def _cached(entry: str, built: float, base: str) -> Assets:
    return collect(read_manifest(DIST), entry, base)


def assets_of(entry: str) -> Assets:
    """Assets of an entry as built now; a new build is seen without a restart.

    The names are given as the build wrote them, past Django's own hashing: a module loaded under two addresses
    would run twice.
    """
    manifest = DIST / "manifest.json"
    built = manifest.stat().st_mtime if manifest.exists() else 0.0
    return _cached(entry, built, f"{settings.STATIC_URL}console/dist/")
