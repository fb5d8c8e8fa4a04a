"""Write the generated pages of the handbook, or check that they are up to date."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from wangge.project.handbook import PAGES, ROOT, load_all_doors


class Command(BaseCommand):
    """`manage docs [--check]`: exit 1 when a page would change."""

    help = "write the generated pages under docs/, or check them"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        load_all_doors()
        stale = []
        for name, make in PAGES.items():
            path = ROOT / "docs" / name
            text = make()
            if path.exists() and path.read_text("utf-8") == text:
                continue
            stale.append(name)
            if not options["check"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
        if options["check"] and stale:
            self.stderr.write(f"过期 / out of date: {', '.join(stale)}; run ./wangge docs")
            sys.exit(1)
        self.stderr.write(
            f"docs: {len(PAGES)} pages, {len(stale)} {'stale' if options['check'] else 'written'}"
        )
