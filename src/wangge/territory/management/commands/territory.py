"""Take in divisions, borders and grids from the command line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from wangge.access.actions import enter_system
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.territory import actions
from wangge.territory.states import Datum, ImportState
from wangge.territory.types import ImportReport


class Command(BaseCommand):
    """`manage territory divisions [CODE...] | borders FILE | grids FILE | check FILE`.

    Prints one JSON object; messages for people go to stderr. Exit 0 done, 2 refused (and nothing changed).
    """

    help = "take in division codes, borders and grids; check a file of grids without taking it in"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["divisions", "borders", "grids", "check"])
        parser.add_argument("names", nargs="*", help="district codes for divisions, one file otherwise")
        parser.add_argument("--datum", type=Datum, choices=list(Datum), default=Datum.WGS84)
        parser.add_argument(
            "--from", dest="valid_from", type=date.fromisoformat, help="first day, YYYY-MM-DD"
        )
        parser.add_argument("--scheme", default="DB11-15")
        parser.add_argument("--mend", action="store_true", help="close slivers (thin gaps and overlaps)")

    def handle(self, *args: Any, **options: Any) -> None:
        access = enter_system(name="command", purpose="territory_management")
        try:
            told = self._done(access, options)
        except Problem as problem:
            self.stderr.write(f"{problem.zh}\n{problem.en}")
            sys.exit(2)
        except OSError as error:
            self.stderr.write(f"无法读取文件。\nThe file cannot be read: {error}")
            sys.exit(2)
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if told.get("state") == ImportState.REFUSED:
            sys.exit(2)

    def _done(self, access: Access, options: dict[str, Any]) -> dict[str, Any]:
        what, names = options["what"], options["names"]
        if what == "divisions":
            done = actions.import_reference_divisions(access, districts=names or None)
            return {
                "added": done.added,
                "renamed": done.renamed,
                "ended": done.ended,
                "unchanged": done.unchanged,
            }
        if len(names) != 1:
            self.stderr.write(f"用法 / usage: territory {what} FILE")
            sys.exit(2)
        path = Path(names[0])
        common = {
            "file_name": path.name,
            "body": path.read_bytes(),
            "declared_datum": options["datum"],
            "valid_from": options["valid_from"],
        }
        if what == "borders":
            return self._told(actions.import_borders(access, **common))
        return self._told(
            actions.import_grids(
                access, **common, scheme=options["scheme"], mend=options["mend"], check_only=what == "check"
            )
        )

    def _told(self, report: ImportReport) -> dict[str, Any]:
        for one in report.defects:
            self.stderr.write(f"[{one.severity}] {one.zh}\n    {one.en}")
        return {
            "id": str(report.id),
            "state": report.state,
            "blocking": report.blocking,
            "warnings": report.warnings,
            "counts": report.counts,
            "defects": report.defect_counts,
            "covered_m2": round(report.covered_m2, 1),
        }
