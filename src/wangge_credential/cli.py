"""The command line. stdout is empty or the answer (one JSON object with ``--json``); problems go to stderr.

Exit codes: 0 done, or valid; 1 invalid (``verify`` only); 2 unreadable, or input refused and nothing written;
3 our own fault.
"""

from __future__ import annotations

import argparse
import sys
import traceback

from wangge_credential.commands import issue, keygen, revoke, trust, verify
from wangge_credential.problems import Problem

OWN_FAULT = 3


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wangge credential",
        description="Signed status credentials and their offline verifier. 状态凭证与离线核验。",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (keygen, issue, verify, revoke, trust):
        name = module.__name__.rsplit(".", 1)[1]
        summary = (module.__doc__ or "").strip().splitlines()[0]
        own = commands.add_parser(name, help=summary, description=summary)
        module.arguments(own)
        own.set_defaults(run=module.run)
    return parser


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        options = build_parser().parse_args(argv)
        code: int = options.run(options)
    except Problem as problem:
        sys.stderr.write(f"拒绝 refused: {problem}\n")
        return 2
    except SystemExit as stop:
        return int(stop.code or 0)
    except Exception:
        sys.stderr.write("程序自身的错误 / our own fault\n")
        traceback.print_exc()
        return OWN_FAULT
    return code
