"""How commands say what they did, and options that several of them share."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

from wangge_credential.instants import read_instant
from wangge_credential.problems import Refused

DAY = 86_400


def say(options: argparse.Namespace, answer: Mapping[str, Any], words: str) -> None:
    """One JSON object with `--json`, otherwise `words`, on stdout."""
    text = json.dumps(answer, ensure_ascii=False) if options.json else words
    sys.stdout.write(f"{text}\n")


def json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def period_options(parser: argparse.ArgumentParser, days: int) -> None:
    """`--from`, `--until` or `--days`, `--tz`."""
    parser.add_argument("--from", dest="start", metavar="INSTANT", help="from when (default now)")
    parser.add_argument("--until", metavar="INSTANT", help="until when")
    parser.add_argument("--days", type=float, default=days, help=f"or how many days (default {days})")
    parser.add_argument("--tz", metavar="ZONE", help="zone of instants without an offset, e.g. Asia/Shanghai")


def period(options: argparse.Namespace) -> tuple[int, int]:
    """(from, until) in seconds."""
    start = read_instant(options.start, options.tz) if options.start else int(time.time())
    if options.until:
        return start, read_instant(options.until, options.tz)
    if not 0 < options.days <= 3660:
        raise Refused("days", "天数须大于 0 且不超过 3660", "days must be above 0 and at most 3660")
    return start, start + int(options.days * DAY)
