"""Bring departments' files in from the command line."""

from __future__ import annotations

import dataclasses
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from wangge.access.actions import enter_system
from wangge.access.queries import organisations
from wangge.kernel.access import Access
from wangge.kernel.problems import BadInput, Problem
from wangge.sources import actions, queries
from wangge.sources.states import BatchState
from wangge.sources.types import BatchView

_TOLD = (
    "id",
    "state",
    "media",
    "rows_in",
    "rows_accepted",
    "rows_quarantined",
    "rows_repeated",
    "rows_unchanged",
)


class Command(BaseCommand):
    """`manage sources register|list|receive|columns|confirm|admit|quarantine|correct|original ...`.

    Prints one JSON object; messages for people go to stderr. Exit 0 done, 2 refused (and nothing changed).
    """

    help = "register a department's table, take in its files, confirm columns, judge rows, put rows right"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--emergency", type=UUID, help="the emergency under which this is done")
        steps = parser.add_subparsers(dest="step", required=True)
        register = steps.add_parser("register", help="register a department's table")
        for name in ("code", "organisation", "schema", "division"):
            register.add_argument(name)
        register.add_argument("--name-zh", default="")
        register.add_argument("--name-en", default="")
        steps.add_parser("list", help="registered tables")
        receive = steps.add_parser("receive", help="take in a file and propose what its columns are")
        receive.add_argument("resource", help="code of the table")
        receive.add_argument("file", type=Path)
        receive.add_argument("--as-of", type=date.fromisoformat, help="the day its facts are of, YYYY-MM-DD")
        for step, what in (("columns", "what each column is taken to be"), ("quarantine", "rows kept aside")):
            steps.add_parser(step, help=what).add_argument("batch", type=UUID)
        confirm = steps.add_parser("confirm", help="confirm what the columns are")
        confirm.add_argument("batch", type=UUID)
        confirm.add_argument("--sheet", type=int)
        confirm.add_argument(
            "--column", action="append", default=[], metavar="NUMBER=NAME", help="0=record_id; 3= for none"
        )
        admit = steps.add_parser("admit", help="judge the rows and accept the batch")
        admit.add_argument("batch", type=UUID)
        admit.add_argument(
            "--despite", default="", help="why it is accepted although many rows are kept aside"
        )
        correct = steps.add_parser("correct", help="put a row right that was kept aside")
        correct.add_argument("row", type=UUID)
        correct.add_argument("--cell", action="append", default=[], metavar="HEADER=TEXT")
        original = steps.add_parser("original", help="a row as it stood in the file")
        original.add_argument("batch", type=UUID)
        original.add_argument("sheet", type=int)
        original.add_argument("row", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        emergency = options["emergency"]
        purpose = "epidemic_response" if emergency else "registry_maintenance"
        access = enter_system(name="command", purpose=purpose, emergency=emergency)
        steps: dict[str, Callable[[Access, dict[str, Any]], Any]] = {
            "register": _register,
            "list": _list,
            "receive": _receive,
            "columns": _columns,
            "confirm": _confirm,
            "admit": _admit,
            "quarantine": _quarantine,
            "correct": _correct,
            "original": _original,
        }
        try:
            told = steps[options["step"]](access, options)
        except Problem as problem:
            self._say(problem.zh, problem.en, problem.place)
            sys.exit(2)
        except OSError as error:
            self._say("无法读取文件。", "The file cannot be read.", str(error))
            sys.exit(2)
        batch = told if isinstance(told, BatchView) else None
        self.stdout.write(json.dumps(_plain(told), ensure_ascii=False, default=str))
        if batch is not None and batch.state is BatchState.REFUSED and batch.problem is not None:
            self._say(batch.problem.zh, batch.problem.en, batch.problem.place)
            sys.exit(2)

    def _say(self, zh: str, en: str, place: str) -> None:
        self.stderr.write("\n".join(line for line in (place, zh, en) if line))


def _plain(told: Any) -> Any:
    if isinstance(told, BatchView):
        return {name: getattr(told, name) for name in _TOLD} | {"again": told.again}
    if isinstance(told, tuple):
        return [_plain(item) for item in told]
    if dataclasses.is_dataclass(told) and not isinstance(told, type):
        return {field.name: _plain(getattr(told, field.name)) for field in dataclasses.fields(told)}
    return told


def _pairs(given: list[str]) -> dict[str, str]:
    """HEADER=TEXT arguments; raises BadInput for one without "="."""
    pairs = {}
    for text in given:
        key, mark, value = text.partition("=")
        if not mark:
            raise BadInput(
                code="argument_malformed", zh=f"“{text}”应写作 名称=值。", en=f'Write "{text}" as NAME=VALUE.'
            )
        pairs[key] = value
    return pairs


def _register(access: Access, options: dict[str, Any]) -> dict[str, Any]:
    found = next((o for o in organisations(access) if o.code == options["organisation"]), None)
    if found is None:
        raise BadInput(
            code="organisation_unknown",
            zh=f"没有代码为“{options['organisation']}”的单位。",
            en=f'There is no organisation with the code "{options["organisation"]}".',
        )
    resource = actions.register_source(
        access,
        code=options["code"],
        name_zh=options["name_zh"] or options["code"],
        name_en=options["name_en"] or options["code"],
        organisation=found.id,
        schema=options["schema"],
        division=options["division"],
        emergency=options["emergency"],
    )
    return {"id": resource, "code": options["code"]}


def _list(access: Access, options: dict[str, Any]) -> Any:
    return queries.sources(access)


def _receive(access: Access, options: dict[str, Any]) -> BatchView:
    with options["file"].open("rb") as stream:
        return actions.receive_file(
            access,
            resource=options["resource"],
            filename=options["file"].name,
            stream=stream,
            as_of=options["as_of"],
            emergency=options["emergency"],
        )


def _columns(access: Access, options: dict[str, Any]) -> Any:
    return queries.sheets(access, batch=options["batch"])


def _confirm(access: Access, options: dict[str, Any]) -> BatchView:
    columns: dict[int, str | None] = {}
    for key, value in _pairs(options["column"]).items():
        if not key.isdigit():
            raise BadInput(
                code="argument_malformed",
                zh=f"“{key}”应为列的序号。",
                en=f'"{key}" must be the number of a column.',
            )
        columns[int(key)] = value or None
    return actions.confirm_mapping(access, batch=options["batch"], sheet=options["sheet"], columns=columns)


def _admit(access: Access, options: dict[str, Any]) -> BatchView:
    return actions.admit(access, batch=options["batch"], despite=options["despite"])


def _quarantine(access: Access, options: dict[str, Any]) -> Any:
    return queries.quarantine(access, batch=options["batch"], size=500).rows


def _correct(access: Access, options: dict[str, Any]) -> BatchView:
    return actions.correct_quarantined(access, row=options["row"], cells=_pairs(options["cell"]))


def _original(access: Access, options: dict[str, Any]) -> Any:
    return queries.original_row(
        access, batch=options["batch"], sheet_no=options["sheet"], row_no=options["row"]
    )
