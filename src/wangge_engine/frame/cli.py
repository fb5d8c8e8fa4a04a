"""The command line that all analyses share.

stdout is empty or, with ``--json``, exactly one object; progress and problems go to stderr. Exit codes:
0 done; 2 input or usage refused and no output exists; 1 our own fault.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from pathlib import Path

from wangge_engine.frame.problems import Refused
from wangge_engine.frame.registry import find_command, names, summary


def _parser() -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:<12} {summary(name)}" for name in names())
    parser = argparse.ArgumentParser(
        prog="wangge engine",
        description="Analyses on plain files. 在普通文件上做分析。",
        epilog=f"analyses 分析:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("analysis", metavar="ANALYSIS", help="name of the analysis 分析的名称")
    return parser


def build_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one analysis: its own arguments and those that all share."""
    command = find_command(name)
    parser = argparse.ArgumentParser(prog=f"wangge engine {name}", description=summary(name))
    command.arguments(parser)
    shared = parser.add_argument_group("all analyses 通用")
    shared.add_argument("--json", action="store_true", help="print the report as one JSON object on stdout")
    shared.add_argument(
        "--rejects",
        type=Path,
        metavar="FILE",
        help="rows that could not be used (default: beside the output)",
    )
    shared.add_argument("--strict", action="store_true", help="any rejected row refuses the whole input")
    shared.add_argument("--quiet", action="store_true", help="no progress on stderr")
    return parser


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    if not argv or argv[0] in ("-h", "--help"):
        (sys.stdout if argv else sys.stderr).write(_parser().format_help())
        return 0 if argv else 2
    try:
        args = build_parser(argv[0]).parse_args(argv[1:])
        report = find_command(argv[0]).run(args)
    except Refused as refused:
        for problem in refused.problems:
            sys.stderr.write(f"拒绝 refused: {problem}\n")
        return 2
    except SystemExit as stop:
        return int(stop.code or 0)
    except Exception:
        sys.stderr.write("程序自身的错误，输入没有改动 / our own fault, the input is unchanged\n")
        traceback.print_exc(file=sys.stderr)
        return 1
    if args.json:
        json.dump(report, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    return 0
