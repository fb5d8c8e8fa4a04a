"""The form of an EU certificate's claims, as far as a verifier needs it: the parts that every version 1.x demands.

Written after the published schema (ver 1.0.0 to 1.3.0): one entry of one kind, its fields and their types. Dates may
carry a time, as the certificates of some member states do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

VERSION = re.compile(r"1\.\d+\.\d+", re.ASCII)
BIRTH = re.compile(r"((19|20)\d\d(-\d\d){0,2}(T[\d:]+)?)?", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII)
COUNTRY = re.compile(r"[A-Z]{1,10}", re.ASCII)
TEXT, WHEN, COUNT = "text", "when", "count"
COMMON = {"tg": TEXT, "co": COUNTRY, "is": TEXT, "ci": TEXT}
KINDS: dict[str, dict[str, Any]] = {
    "v": {**COMMON, "vp": TEXT, "mp": TEXT, "ma": TEXT, "dn": COUNT, "sd": COUNT, "dt": WHEN},
    "t": {**COMMON, "tt": TEXT, "sc": WHEN, "tr": TEXT},
    "r": {**COMMON, "fr": WHEN, "df": WHEN, "du": WHEN},
}


def _fits(value: Any, form: Any) -> bool:
    if form == COUNT:
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 99
    if form == WHEN and not isinstance(value, str):
        return hasattr(value, "isoformat")  # some issuers write a date as CBOR's own date
    if not isinstance(value, str) or not value or len(value) > 200:
        return False
    return form == TEXT or (DATE if form == WHEN else form).fullmatch(value) is not None


def _person(payload: Mapping[Any, Any]) -> str:
    name, birth = payload.get("nam"), payload.get("dob")
    if not isinstance(name, Mapping) or not name.get("fnt", name.get("gnt")):
        return "nam"
    if not all(isinstance(part, str) for part in name.values()):
        return "nam"
    if not isinstance(birth, str) or not BIRTH.fullmatch(birth):
        return "dob"
    return ""


def _entry(payload: Mapping[Any, Any]) -> str:
    present = [kind for kind in KINDS if payload.get(kind)]
    if len(present) != 1:
        return "one of v, t, r"
    entries = payload[present[0]]
    if not isinstance(entries, (list, tuple)) or len(entries) != 1 or not isinstance(entries[0], Mapping):
        return present[0]
    for name, form in KINDS[present[0]].items():
        if not _fits(entries[0].get(name), form):
            return f"{present[0]}.{name}"
    return ""


def fault(payload: Any) -> str:
    """The first field that is not of the form; empty when all are."""
    if not isinstance(payload, Mapping):
        return "hcert"
    if not isinstance(payload.get("ver"), str) or not VERSION.fullmatch(payload["ver"]):
        return "ver"
    return _person(payload) or _entry(payload)
