"""The figures of data quality counted by hand: plain Python over plain rows, as a reader of the formulas would."""

from __future__ import annotations

from collections import Counter
from datetime import date

EXPECTED = ("name", "id_no", "sex", "birth", "phone", "address")
FAULTS = {"phone_malformed", "id_wrong_check", "birth_differs_from_id", "sex_differs_from_id", "id_malformed"}


def count(rows, *, columns, aside=(), compared=(), word_for_word=0, as_of=date.min, today=date.min, cycle=31):
    """{(formula, item): (counted, of)} for one source of persons; `rows` are dicts with a list of flags."""
    found = {}
    fields = [c for c in EXPECTED if c in columns]
    filled = Counter()
    for row in rows:
        for field in fields:
            filled[field] += bool((row.get(field) or "").strip())
    for field in fields:
        found["completeness", field] = (filled[field], len(rows))
    if fields and rows:
        found["completeness", ""] = (sum(filled.values()), len(rows) * len(fields))
    judged = len(rows) + len(aside)
    faulty = sum(any(flag.split(":")[0] in FAULTS for flag in row["flags"]) for row in rows)
    if judged:
        found["validity", ""] = (len(rows) - faulty, judged)
    for reason, n in Counter(aside).items():
        found["kept_aside", reason] = (n, judged)
    for flag, n in Counter(f for row in rows for f in set(row["flags"])).items():
        kind = "fault" if flag.split(":")[0] in FAULTS else "remark"
        found[kind, flag] = (n, judged)
    for field in {field for field, _ in compared}:
        told = [agrees for f, agrees in compared if f == field]
        found["conflict", field] = (told.count(False), len(told))
    if compared:
        found["conflict", ""] = ([a for _, a in compared].count(False), len(compared))
    found["timeliness", ""] = (max((today - as_of).days, 0), cycle)
    seen, copies = set(), 0
    for row in rows:
        key = None
        if "id_no" in columns and row.get("id_no"):
            key = ("id", row["id_no"])
        elif {"name", "birth", "phone"} <= columns and all(row.get(c) for c in ("name", "birth", "phone")):
            key = (row["name"], row["birth"], row["phone"])
        copies += key is not None and key in seen
        seen.add(key)
    if rows:
        found["uniqueness", ""] = (copies + word_for_word, len(rows) + word_for_word)
    return {figure: told for figure, told in found.items() if told[1]}
