"""The ledger as a file anyone can check: one JSON object a line, signed as a whole.

Line 1 is the header with the public key; then entries in the order of the chain, each with its number and hash;
then checkpoints; the last line holds the digest of all bytes before it and a signature over that digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from wangge.kernel.signing import public_key, sign, signed_by
from wangge.ledger.rules.chain import GENESIS, checkpoint_text, dumps, link
from wangge.ledger.states import Fault

FORMAT = "wangge-ledger-1"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What the check of an exported ledger found. `line` is the first line at fault, 0 for none."""

    entries: int
    checkpoints: int
    key: str
    fault: Fault | None = None
    line: int = 0

    @property
    def verified(self) -> bool:
        return self.fault is None


def write(
    out: BinaryIO,
    *,
    entries: Iterable[tuple[int, bytes, dict[str, Any]]],
    checkpoints: Iterable[dict[str, Any]],
    exported_at: str,
    signing_key: bytes,
) -> int:
    """Write the file; entries are (chain number, hash, record). Returns the number of entries."""
    digest = sha256()
    count = 0

    def put(record: dict[str, Any]) -> None:
        line = dumps(record) + b"\n"
        digest.update(line)
        out.write(line)

    put({"format": FORMAT, "key": public_key(signing_key).hex(), "exported_at": exported_at})
    for no, head, record in entries:
        put({"no": no, "hash": head.hex(), "entry": record})
        count += 1
    for checkpoint in checkpoints:
        put({"checkpoint": checkpoint})
    total = digest.digest()
    end = {"end": count, "sha256": total.hex(), "signature": sign(signing_key, total).hex()}
    out.write(dumps(end) + b"\n")
    return count


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        yield from enumerate(file, start=1)


def check(path: Path, *, trusted_key: bytes | None = None) -> FileReport:  # noqa: PLR0911, PLR0912 -- one exit a fault
    """Check an exported ledger byte for byte.

    `trusted_key` is the house's public key; without it the key in the header is believed, and the report names it
    so that a person can compare it.
    """
    digest = sha256()
    key = b""
    previous = GENESIS
    heads: dict[int, bytes] = {}
    entries = checkpoints = number = 0
    ended = False
    for number, line in _lines(path):
        if ended:
            return FileReport(entries, checkpoints, key.hex(), Fault.FILE_ALTERED, number)
        try:
            record = orjson.loads(line)
            exact = isinstance(record, dict) and dumps(record) + b"\n" == line
        except ValueError:
            exact = False
        if not exact:
            return FileReport(entries, checkpoints, key.hex(), Fault.FILE_ALTERED, number)
        try:
            if number == 1:
                key = bytes.fromhex(record["key"])
                if record["format"] != FORMAT or (trusted_key is not None and key != trusted_key):
                    return FileReport(0, 0, key.hex(), Fault.FILE_ALTERED, 1)
            elif "entry" in record:
                head = link(previous, dumps(record["entry"]))
                if record["no"] != entries + 1 or record["hash"] != head.hex():
                    return FileReport(entries, checkpoints, key.hex(), Fault.CHAIN_BROKEN, number)
                entries += 1
                previous = heads[entries] = head
            elif "checkpoint" in record:
                if not _checkpoint_holds(record["checkpoint"], heads, key):
                    return FileReport(entries, checkpoints, key.hex(), Fault.CHECKPOINT_BAD, number)
                checkpoints += 1
            else:
                signature = bytes.fromhex(record["signature"])
                holds = record["sha256"] == digest.hexdigest() and record["end"] == entries
                if not holds or not signed_by(key, signature, digest.digest()):
                    return FileReport(entries, checkpoints, key.hex(), Fault.FILE_ALTERED, number)
                ended = True
        except (KeyError, TypeError, ValueError):
            return FileReport(entries, checkpoints, key.hex(), Fault.FILE_ALTERED, number)
        digest.update(line)
    if not ended:
        return FileReport(entries, checkpoints, key.hex(), Fault.TRUNCATED, number)
    return FileReport(entries, checkpoints, key.hex())


def _checkpoint_holds(checkpoint: dict[str, Any], heads: dict[int, bytes], key: bytes) -> bool:
    head = bytes.fromhex(checkpoint["hash"])
    text = checkpoint_text(checkpoint["no"], head, datetime.fromisoformat(checkpoint["at"]))
    in_place = checkpoint["no"] == 0 or heads.get(checkpoint["no"]) == head
    return in_place and signed_by(key, bytes.fromhex(checkpoint["signature"]), text)
