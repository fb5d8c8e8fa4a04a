"""Linkage of organisations on invented lists: accuracy beside plain joins in the same run.

``python -m benchmarks.link_organisations [--size 20000] [--seed 1] [--json]``

Beside ours stand: joining on the code as written, on the name as written, on either; and on the valid code or the name
without place and legal form.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.link_methods import join_on
from tests.engine.organisation_population import Organisations, write
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.evaluate import evaluate
from wangge_engine.link.intake import Input
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.schema import read_schema

JOINS = {
    "code as written": (("raw_code",),),
    "name as written": (("raw_name",),),
    "code or name as written": (("raw_code",), ("raw_name",)),
    "valid code or bare name": (("organisation_ok",), ("core", "branch_or_none")),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        files = write(folder, Organisations(args.size, args.seed))
        con = connect(temp=folder / "spill")
        request = Request(
            inputs=[Input(source, path) for source, path in files.items()],
            schema=read_schema("organisation"),
            truth=folder / "truth.csv",
        )
        report = link(con, request, Rejects(), Stages(quiet=True))
        rows = {"wangge": report["truth"]}
        if args.keep:
            con.execute(
                f"COPY (SELECT r.*, i.name AS raw_name, i.credit_code AS raw_code, i.address AS raw_address,"
                f" i.legal_person AS raw_person, e.entity, j.true_id FROM records r JOIN records_in i USING (uid)"
                f" JOIN entity_of e USING (uid) JOIN judged j USING (uid)) TO '{folder}/records.parquet'"
            )
            con.execute(f"COPY pairs TO '{folder}/pairs.parquet'")
        con.execute(
            """
            CREATE OR REPLACE TABLE records AS
            SELECT r.*, i.name AS raw_name, nullif(i.credit_code, '无') AS raw_code,
                   coalesce(r.branch, '-') AS branch_or_none
            FROM records r JOIN records_in i USING (uid)
            """
        )
        for name, rules in JOINS.items():
            join_on(con, rules)
            rows[name] = evaluate(con, folder / "truth.csv")
    if args.json:
        print(json.dumps({"rows": rows, "report": report}))
        return
    seconds = sum(stage["seconds"] for stage in report["stages"])
    print(
        f"{report['records']} records of {rows['wangge']['people']} organisations;"
        f" {seconds:.1f} s; peak {report['peak_memory_mb']} MB"
    )
    print(f"{'':<26}{'P':>9}{'R':>9}{'F1':>9}{'exact':>9}")
    for name, row in rows.items():
        p = row["pairwise"]
        print(f"{name:<26}{p['precision']:9.4f}{p['recall']:9.4f}{p['f1']:9.4f}{row['exactly_right']:9.4f}")


if __name__ == "__main__":
    main()
