"""Check, seal and export the ledger from the command line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from wangge.ledger import queries
from wangge.ledger.rules.files import FileReport


class Command(BaseCommand):
    """`manage ledger verify [FILE] [--key HEX]`: exit 0 when every row stands as it was written, 1 when not."""

    help = "verify the ledger in the database, or an exported FILE, byte for byte"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--key", help="public key of the house, 64 hex digits")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is not None:
            key = bytes.fromhex(options["key"]) if options["key"] else None
            report = queries.check_file(options["file"], trusted_key=key)
            self._tell_file(report)
            sys.exit(0 if report.verified else 1)
        found = queries.check_chain()
        self.stdout.write(
            json.dumps(
                {
                    "verified": found.verified,
                    "entries": found.entries,
                    "sealed": found.sealed,
                    "unsealed": found.unsealed,
                    "checkpoints": found.checkpoints,
                    "unwitnessed": found.unwitnessed,
                    "key": found.key,
                    "findings": [[f.fault, f.chain_no, f.entry_seq] for f in found.findings],
                }
            )
        )
        sys.exit(0 if found.verified else 1)

    def _tell_file(self, report: FileReport) -> None:
        if report.verified:
            self.stdout.write(
                f"完好 / intact: {report.entries} entries, {report.checkpoints} checkpoints, key {report.key}"
            )
        else:
            self.stderr.write(f"已被改动 / altered: {report.fault} at line {report.line}")
