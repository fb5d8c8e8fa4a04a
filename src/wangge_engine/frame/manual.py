"""Each analysis's manual page, made from its docstrings, its arguments and its examples.

``python -m wangge_engine.frame.manual [--check]`` writes them to ``docs/engine``, or checks them.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
import tomllib
from collections.abc import Iterable
from typing import Any

from wangge_engine.frame.cli import build_parser
from wangge_engine.frame.registry import ROOT, names, summary

FOLDER = ROOT.parents[1] / "docs" / "engine"
MADE = "<!-- made by `./wangge docs`; change the code, not this page -->"


def pages() -> list[str]:
    """Names of all analyses, with a command or only with the entry for rooms."""
    return sorted({*names("command"), *names("analysis")})


def page(name: str) -> str:
    """The manual page of one analysis, in Markdown."""
    package = importlib.import_module(f"wangge_engine.{name.replace('-', '_')}")
    lines = [MADE, f"# {name}", "", inspect.getdoc(package) or summary(name), ""]
    if name in names("command"):
        lines += _command(name)
    if name in names("analysis"):
        lines += ["## For rooms", "", f'`wangge_engine.run("{name}", snapshot, params, out=folder)`', ""]
        lines += [_doc(name, "analysis", "run") or _doc(name, "analysis"), ""]
    book = ROOT / name.replace("-", "_") / "examples.toml"
    if book.exists():
        lines += _examples(tomllib.loads(book.read_text(encoding="utf-8")))
    return "\n".join(lines).rstrip() + "\n"


def _doc(name: str, module: str, member: str | None = None) -> str:
    found: Any = importlib.import_module(f"wangge_engine.{name.replace('-', '_')}.{module}")
    return inspect.getdoc(found if member is None else getattr(found, member)) or ""


def _command(name: str) -> list[str]:
    rows = []
    for action in build_parser(name)._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        shown = action.metavar or ("|".join(action.choices) if action.choices else action.dest.upper())
        default = "" if action.default in (None, False, []) or action.required else f"`{action.default}`"
        rows.append(
            (
                f"`{action.option_strings[0]}{'' if action.nargs == 0 else f' {shown}'}`",
                action.help or "",
                "required" if action.required else default,
            )
        )
    return ["## Command", "", _doc(name, "command"), "", *_table(("option", "meaning", "default"), rows), ""]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    columns = list(head)
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return [
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
        *(f"| {' | '.join(row)} |" for row in cells),
    ]


def _examples(book: dict[str, Any]) -> list[str]:
    lines = ["## Examples", "", "Each is run by the tests. Spark: " + book["spark"], ""]
    for example in book["example"]:
        if "files" in example:
            lines += _file_example(example)
            continue
        schema = f" `--schema {example['schema']}`" if "schema" in example else ""
        lines += [f"### {example['zh']}", "", f"{example['en']}.{schema}", ""]
        columns = [*example["columns"], "entity"]
        group_of = {
            record: str(number) for number, group in enumerate(example["together"], 1) for record in group
        }
        key = example["columns"].index("record_id")
        lines += [*_table(columns, ([*row, group_of[row[key]]] for row in example["rows"])), ""]
    return lines


def _file_example(example: dict[str, Any]) -> list[str]:
    """An example that is files in and one file out: the option that names each file stands over it."""
    told = " ".join(example.get("arguments", []))
    lines = [f"### {example['zh']}", "", f"{example['en']}.{f' `{told}`' if told else ''}", ""]
    for option, table in example["files"].items():
        lines += [f"`--{option}`", "", *_table(table["columns"], table["rows"]), ""]
    return [*lines, "`--out`", "", *_table(example["out"]["columns"], example["out"]["rows"]), ""]


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` return 1 if one would change."""
    stale = []
    for name in pages():
        path, text = FOLDER / f"{name}.md", page(name)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(
            f"docs/engine: {', '.join(stale)} {'stale' if '--check' in arguments else 'written'}\n"
        )
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
