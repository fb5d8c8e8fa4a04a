"""What linking encodings costs in quality, against linking the same persons in the open, in one run.

``python -m benchmarks.link_encoded [--people 20000] [--seed 1] [--harsh] [--json]``

Beside both stand the join on the number's token alone. Then a frequency attack is tried, by one who has the whole
population in the open but no key: rank values and tokens by how often they occur and match rank to rank. It is tried on
what is written and, to compare, on a keyed hash of the name alone and the surname alone, which are not written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.link_methods import join_on
from tests.engine.population import HARSH, Population, Rates, write
from wangge_engine.encode.records import TOKENS
from wangge_engine.frame.cli import main as engine
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.evaluate import evaluate
from wangge_engine.link.intake import Input
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.schema import read_schema

COMMONEST = 20  # tokens that the attacker tries
# What each token holds, as SQL over the records in the open.
_MEANING = {
    "number": "id_ok",
    "name_birth": "fuzzy || birth",
    "name_phone": "fuzzy || phone_key",
    "name_door": "fuzzy || door",
    "name_head": "fuzzy || id_head",
    "name_tail": "fuzzy || id_tail",
    "birth_phone": "birth || phone_key",
    "birth_door": "birth || door",
}


def linked(
    schema: str, files: dict[str, Path], truth: Path, spill: Path
) -> tuple[duckdb.DuckDBPyConnection, Any]:
    con = connect(temp=spill)
    inputs = [Input(source, path) for source, path in files.items()]
    request = Request(inputs=inputs, schema=read_schema(schema), truth=truth)
    return con, link(con, request, Rejects(), Stages(quiet=True))


def attack(open_values: list[Any], tokens: list[Any]) -> tuple[float, int]:
    """Share guessed right of the records under the commonest tokens, and the largest group.

    The attacker ranks values by how often they occur, knowing the whole population, and tokens likewise.
    """
    pairs = [(value, token) for value, token in zip(open_values, tokens, strict=True) if value and token]
    values, coded = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    by_rank = [sorted(counts, key=lambda item, n=counts: (-n[item], str(item))) for counts in (coded, values)]
    guess = dict(zip(*(ranked[:COMMONEST] for ranked in by_rank), strict=True))
    seen = [(value, token) for value, token in pairs if token in guess]
    right = sum(guess[token] == value for value, token in seen)
    return right / max(1, len(seen)), max(coded.values(), default=0)


def attacks(
    plain: duckdb.DuckDBPyConnection, coded: duckdb.DuckDBPyConnection
) -> dict[str, tuple[float, int]]:
    """The attack on every kind of token that is written, and on a keyed hash of the name alone, which is not."""
    meanings = ", ".join(_MEANING.values())
    told = plain.execute(f"SELECT source, record_id, fuzzy, surname, {meanings} FROM records").fetchall()
    written = coded.execute(f"SELECT source, record_id, {', '.join(TOKENS)} FROM records").fetchall()
    left, right = ({row[:2]: row[2:] for row in rows} for rows in (told, written))
    order = sorted(left)
    found = {}
    for at, kind in enumerate(("name", "surname")):
        alone = [left[key][at] for key in order]
        found[f"({kind} alone)"] = attack(
            alone, [value and hashlib.sha256(value.encode()).hexdigest() for value in alone]
        )
    for at, column in enumerate(TOKENS):
        meaning = 2 + list(_MEANING).index(column)
        found[column] = attack([left[key][meaning] for key in order], [right[key][at] for key in order])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--harsh", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        files = write(folder, Population(args.people, args.seed, HARSH if args.harsh else Rates()))
        key = folder / "key"
        key.write_text(secrets.token_hex(32), encoding="ascii")
        report = folder / "encode.json"
        for source, path in files.items():  # each department for itself
            chosen = ["--input", f"{source}={path}", "--key", str(key), "--out", str(folder / "encoded")]
            if engine(["encode", *chosen, "--report", str(report), "--quiet"]) != 0:
                raise SystemExit(1)
        coded_files = {source: folder / "encoded" / f"{source}.csv" for source in files}
        plain, open_report = linked("person-zh", files, folder / "truth.csv", folder / "spill")
        coded, coded_report = linked("encoded", coded_files, folder / "truth.csv", folder / "spill2")
        tried = attacks(plain, coded)
        join_on(coded, (("number",),))
        rows = {
            "in the open": open_report["truth"],
            "encoded": coded_report["truth"],
            "number token joined": evaluate(coded, folder / "truth.csv"),
        }
    if args.json:
        print(json.dumps({"rows": rows, "attacks": tried, "open": open_report, "encoded": coded_report}))
        return
    print(f"{open_report['records']} records of {rows['encoded']['people']} people")
    print(f"{'':<22}{'P':>9}{'R':>9}{'F1':>9}{'exact':>9}")
    for name, row in rows.items():
        p = row["pairwise"]
        print(f"{name:<22}{p['precision']:9.4f}{p['recall']:9.4f}{p['f1']:9.4f}{row['exactly_right']:9.4f}")
    lost = rows["in the open"]["pairwise"]["f1"] - rows["encoded"]["pairwise"]["f1"]
    print(f"lost by encoding: {lost:.4f} F1")
    print(f"{'frequency attack on':<22}{'guessed':>9}{'largest group':>15}")
    for name, (share, largest) in tried.items():
        print(f"{name:<22}{share:9.4f}{largest:15d}")


if __name__ == "__main__":
    main()
