"""``wangge engine lookup``: one record, or a file of them, against a kept linkage."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.link.lookup import Lookup

FIELDS = ("name", "id_no", "sex", "birth", "phone", "address")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--base", type=Path, required=True, metavar="DIR", help="an output of link")
    parser.add_argument("--record", metavar="JSON", help=f"one object with any of {', '.join(FIELDS)}")
    parser.add_argument("--records", type=Path, metavar="FILE", help="many: one such object on each line")
    parser.add_argument("--limit", type=int, default=5, help="entities per record")


def run(args: Namespace) -> dict[str, Any]:
    if (args.record is None) == (args.records is None):
        raise refuse(
            "one_of_two", "请给 --record 或 --records 之一", "give either --record or --records", "--record"
        )
    lines = [args.record] if args.record is not None else _lines(args.records)
    records = [_record(line, number) for number, line in enumerate(lines, start=1) if line.strip()]
    stages = Stages(quiet=args.quiet)
    with stages.stage("open"):
        lookup = Lookup(args.base)
    answers, times = [], []
    for record in records:
        start = time.perf_counter()
        matches = lookup.find(record, limit=args.limit)
        times.append(time.perf_counter() - start)
        answers.append([asdict(match) for match in matches])
        for match in matches:
            stages.say(f"{match.entity_id} {match.probability:.4f} {match.source}/{match.record_id}")
    times.sort()
    return {
        "analysis": "lookup",
        "records": len(records),
        "answers": answers,
        "milliseconds": {
            f"p{share}": round(times[min(len(times) - 1, len(times) * share // 100)] * 1000, 2)
            for share in (50, 95)
            if times
        },
        "stages": stages.report(),
    }


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("unreadable", "文件读不出来", "the file cannot be read", str(path)) from error


def _record(line: str, number: int) -> dict[str, str | None]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not set(told) <= set(FIELDS) or not all(map(_is_text, told.values())):
        raise refuse(
            "bad_record",
            f"记录应为 JSON 对象，字段为 {'、'.join(FIELDS)}，值为文字",
            f"a record is a JSON object of texts with fields among {', '.join(FIELDS)}",
            f"line {number}",
        )
    return told


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)
