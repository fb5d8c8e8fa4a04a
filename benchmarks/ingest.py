"""Bring a district's department files in through the doors: rows a second by kind of file.

    python -m benchmarks.ingest [--scale village|town|district] [--folder DIR]

Goal: csv at 60,000 rows a second of one core, reading, sealing, judging and the database included; workbooks are
bound by their XML. Prints, for each file, rows, seconds to receive (seal, read, look for refused columns, propose)
and to admit (judge, seal), rows a CPU-second, and at the end the sums by kind and the peak of memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from demo.place import clear, enter, migrate, place_of

SCHEMAS = {"person": "person", "organisation": "organisation", "building": "building"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", default="town")
    parser.add_argument("--folder", type=Path, help="a district generated before")
    args = parser.parse_args()
    place = place_of("benchmark-ingest")
    clear(place)
    migrate(place)
    enter(place)
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch)
        if args.folder is None:
            from demo.district import generate

            generate(args.scale, 1, folder)
        run(folder)


def run(folder: Path) -> None:
    from wangge.access import actions as access_actions
    from wangge.access.actions import enter_system
    from wangge.sources import actions
    from wangge.sources.states import BatchState

    operations = enter_system(name="benchmark", purpose="operations")
    access = enter_system(name="benchmark", purpose="registry_maintenance")
    office = access_actions.create_organisation(
        operations, code="benchmark", name_zh="测试", name_en="Benchmark", kind="department"
    )
    sums: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0])
    print("file, kind, rows, kept aside, receive s, admit s, rows/s, rows/CPU s")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for number, entry in enumerate(manifest["files"]):
        if entry["kind"] not in SCHEMAS:
            continue
        path = folder / entry["path"]
        actions.register_source(
            operations, code=f"f{number}", name_zh=path.stem, name_en=path.stem, organisation=office,
            schema=SCHEMAS[entry["kind"]], division="120110",
        )  # fmt: skip
        cpu, start = time.process_time(), time.perf_counter()
        with path.open("rb") as stream:
            batch = actions.receive_file(access, resource=f"f{number}", filename=path.name, stream=stream)
        received = time.perf_counter()
        actions.confirm_mapping(access, batch=batch.id)
        done = actions.admit(access, batch=batch.id)
        end, cpu = time.perf_counter(), time.process_time() - cpu
        assert done.state is BatchState.ACCEPTED, done
        kind = f"{done.media} {done.encoding}".strip()
        print(
            f"{path.stem:<28}{kind:<14}{done.rows_in:>9}{done.rows_quarantined:>7}{received - start:>11.2f}"
            f"{end - received:>9.2f}{done.rows_in / (end - start):>9.0f}{done.rows_in / cpu:>12.0f}"
        )
        for key in (done.media, "all"):
            sums[key][0] += done.rows_in
            sums[key][1] += end - start
            sums[key][2] += cpu
    for key, (rows, seconds, cpu) in sums.items():
        print(
            f"{key:<6}{rows:>10.0f} rows {seconds:>8.1f} s {rows / seconds:>8.0f} rows/s {rows / cpu:>8.0f} rows/CPU s"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
