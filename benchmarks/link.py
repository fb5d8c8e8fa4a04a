"""Linkage on an invented population: stage times, accuracy, and plain rules beside it in the same run.

``python -m benchmarks.link [--people 100000] [--seed 1] [--harsh] [--keep DIR]``

Beside ours stand: joining on the normalised valid number; exact rules on name sound with birth, telephone or
address; and the ceiling, which is the share of true pairs that share any number, birth date, telephone or door.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import duckdb

from tests.engine.population import HARSH, Population, Rates, write
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.components import components
from wangge_engine.link.evaluate import evaluate
from wangge_engine.link.intake import Input
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.schema import read_schema

NUMBER = ("id_ok",)
SOUND = (("id_ok",), ("pinyin", "birth"), ("pinyin", "phone_key"), ("pinyin", "address_key"))


def join_on(con: duckdb.DuckDBPyConnection, *rules: tuple[str, ...]) -> None:
    """Replace ``entity_of`` by the components of exact rules: records that agree on all columns of a rule."""
    import numpy as np
    import pyarrow as pa

    chains = " UNION ALL ".join(
        f"SELECT uid AS a, lead(uid) OVER (PARTITION BY {', '.join(rule)} ORDER BY uid) AS b FROM records"
        f" WHERE {' AND '.join(f'{c} IS NOT NULL' for c in rule)}"
        for rule in rules
    )
    found = con.execute(f"SELECT a, b FROM ({chains}) WHERE b IS NOT NULL").fetchnumpy()
    records = con.execute("SELECT count(*) FROM records").fetchall()[0][0]
    labels = components(records, found["a"].astype(np.int64), found["b"].astype(np.int64))
    con.register("__made", pa.table({"uid": np.arange(records), "entity": labels}))
    con.execute("CREATE OR REPLACE TABLE entity_of AS SELECT * FROM __made")
    con.unregister("__made")


def ceiling(con: duckdb.DuckDBPyConnection) -> tuple[float, float]:
    """Share of true pairs that share any number, birth, telephone or door; and the F1 of finding just those."""
    shared, every = con.execute(
        """
        SELECT count(*) FILTER (WHERE x.id_number = y.id_number OR x.birth = y.birth
                                   OR x.phone_key = y.phone_key OR x.door = y.door), count(*)
        FROM judged a JOIN judged b ON a.true_id = b.true_id AND a.uid < b.uid
        JOIN records x ON x.uid = a.uid JOIN records y ON y.uid = b.uid
        """
    ).fetchall()[0]
    recall = shared / every
    return recall, 2 * recall / (1 + recall)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--harsh", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        files = write(folder, Population(args.people, args.seed, HARSH if args.harsh else Rates()))
        con = connect(temp=folder / "spill")
        request = Request(
            inputs=[Input(source, path) for source, path in files.items()],
            schema=read_schema("person-zh"),
            truth=folder / "truth.csv",
        )
        report = link(con, request, Rejects(), Stages(quiet=args.json))
        rows = {"wangge": report["truth"]}
        if args.keep:
            con.execute(
                f"COPY (SELECT source, record_id, entity AS entity_id FROM records JOIN entity_of USING (uid))"
                f" TO '{folder}/clusters.csv'"
            )
        recall, f1 = ceiling(con)
        for name, rules in (("number joined", (NUMBER,)), ("sound rules", SOUND)):
            join_on(con, *rules)
            rows[name] = evaluate(con, folder / "truth.csv")
    if args.json:
        print(json.dumps({"rows": rows, "ceiling": {"recall": recall, "f1": f1}, "report": report}))
        return
    print(
        f"{report['records']} records of {rows['wangge']['people']} people; peak {report['peak_memory_mb']} MB"
    )
    for stage in report["stages"]:
        print(f"  {stage['name']:<20}{stage['seconds']:8.1f} s")
    print(f"{'':<16}{'P':>9}{'R':>9}{'F1':>9}{'exact':>9}")
    for name, row in rows.items():
        p = row["pairwise"]
        print(f"{name:<16}{p['precision']:9.4f}{p['recall']:9.4f}{p['f1']:9.4f}{row['exactly_right']:9.4f}")
    print(f"{'ceiling':<16}{'':>9}{recall:9.4f}{f1:9.4f}")


if __name__ == "__main__":
    main()
