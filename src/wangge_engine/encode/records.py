"""From a normalised record to its encodings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wangge_engine.encode.keys import Encoder

TOKENS = (
    "number", "name_birth", "name_phone", "name_door", "name_head", "name_tail", "birth_phone", "birth_door",
)  # fmt: skip
FILTERS = ("birth_by_name", "name_by_number", "name_by_birth_phone", "name_by_birth_door")
COLUMNS = ("record_id", "encoding", "number_kind", *TOKENS, *FILTERS)
# What is read of a record in the table ``records`` of linkage.
FIELDS = (
    "record_id", "name", "surname", "given", "pinyin", "fuzzy", "name_kind", "id_number", "id_ok", "id_head", "id_tail",
    "birth", "phone_key", "door",
)  # fmt: skip


def encode(encoder: Encoder, record: Mapping[str, Any]) -> dict[str, str]:
    """The encodings of one record, without its id."""
    name, birth, phone = record["fuzzy"], record["birth"], record["phone_key"]
    door = record["door"]
    shape = name_features(record)
    number = record["id_ok"]
    made = {
        "encoding": encoder.encoding,
        "number_kind": "ok" if number else "bad" if record["id_number"] else "none",
        "number": encoder.token("number", number),
        "name_birth": encoder.token("name_birth", name, birth),
        "name_phone": encoder.token("name_phone", name, phone),
        "name_door": encoder.token("name_door", name, door),
        "name_head": encoder.token("name_head", name, record["id_head"]),
        "name_tail": encoder.token("name_tail", name, record["id_tail"]),
        "birth_phone": encoder.token("birth_phone", birth, phone),
        "birth_door": encoder.token("birth_door", birth, door),
        "birth_by_name": encoder.filter("birth_by_name", (name,), birth_features(birth)),
    }
    for kind, salt in (
        ("name_by_number", (number,)),
        ("name_by_birth_phone", (birth, phone)),
        ("name_by_birth_door", (birth, door)),
    ):
        made[kind] = encoder.filter(kind, salt, shape)
    return made


def name_features(record: Mapping[str, Any]) -> list[str]:
    """Characters and sounds of a whole name; none of a partial one, which must not be compared as if whole."""
    if record["fuzzy"] is None:
        return []
    fuzzy, name = record["fuzzy"], record["name"]
    pairs = [f"s{fuzzy[at : at + 3]}" for at in range(max(1, len(fuzzy) - 2))]
    return [f"n{record['surname']}", *(f"c{char}" for char in name), *pairs]


def birth_features(birth: str | None) -> list[str]:
    """Parts of a date (YYYY-MM-DD), so that one wrong part or two swapped ones leave the rest alike."""
    if not birth:
        return []
    year, month, day = birth[:4], birth[5:7], birth[8:10]
    low, high = sorted((month, day))
    return [f"y{year}", f"m{month}", f"d{day}", f"ym{year}{month}", f"yd{year}{day}", f"md{low}{high}"]
