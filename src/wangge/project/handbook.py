"""Pages of the handbook that are made from the code itself, so that they cannot disagree with it."""

from __future__ import annotations

import importlib
import inspect
import tomllib
from collections.abc import Iterable
from pathlib import Path

from django.apps import apps
from django.db import models

from wangge.access.queries import permission_matrix
from wangge.access.states import Role
from wangge.cases.states import diagram_page
from wangge.kernel.doors import Declaration, declarations

ROOT = Path(__file__).resolve().parents[3]
ORDER = (
    "kernel", "ledger", "access", "territory", "landscape", "planning", "sources", "establishments", "registry",
    "linkage", "emergencies", "stays", "outbreaks", "screening", "credentials", "collection", "tasks", "field",
    "cases", "insight", "release", "residents", "flows", "console", "canvass", "atlas", "office", "duty",
    "watch", "api", "portal", "project",
)  # fmt: skip
MADE = "<!-- made by `./wangge docs`; change the code, not this page -->\n"


def _present() -> list[str]:
    return [room for room in ORDER if (ROOT / "src" / "wangge" / room / "__init__.py").exists()]


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    columns = list(head)
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
        for row in rows
    ]
    return lines


def _label(room: str) -> str:
    return f"wangge.{room}"


def rooms() -> str:
    """The map of the rooms with the doors of each."""
    lines = [MADE, "# Rooms", "", "Data flows down this list, imports point only up it.", ""]
    doors: dict[str, list[Declaration]] = {}
    for declaration in declarations():
        doors.setdefault(declaration.room, []).append(declaration)
    for room in _present():
        doc = inspect.getdoc(importlib.import_module(_label(room))) or ""
        lines += [f"## {room}", "", doc, ""]
        if room in doors:
            lines += _table(("door", "verb", "what it does"), ((d.name, d.verb, d.doc) for d in doors[room]))
            lines.append("")
    return "\n".join(lines)


def _kind(field: models.Field[object, object]) -> str:
    kind = type(field).__name__.removesuffix("Field")
    target = field.related_model
    return f"{kind} to {target._meta.label}" if isinstance(target, type) else kind


def data_dictionary() -> str:
    """Every table and field with its privacy class and the second net it stands under."""
    lines = [MADE, "# Data dictionary", ""]
    for room in _present():
        own = [model for model in apps.get_models() if model._meta.app_label == room]
        if not own:
            continue
        lines += [f"## {room}", ""]
        for model in sorted(own, key=lambda m: m.__name__):
            doc = (inspect.getdoc(model) or "").partition("\n")[0]
            net = getattr(model, "SCOPE", "none")
            append = ", append-only" if getattr(model, "APPEND_ONLY", False) else ""
            lines += [f"### {model.__name__}", "", doc, "", f"Row-level security: {net}{append}.", ""]
            privacy = getattr(model, "PRIVACY", {})
            lines += _table(
                ("field", "kind", "privacy"),
                ((f.name, _kind(f), privacy.get(f.name, "?")) for f in model._meta.concrete_fields),
            )
            lines.append("")
    return "\n".join(lines)


def permissions() -> str:
    """Which role may pass which door, for which purpose, and what it sees masked."""
    lines = [
        MADE,
        "# Permission matrix",
        "",
        "What the policies under `src/wangge/access/policies` say, worked out for every door, role and purpose. "
        "Everything not listed is refused. \\* only while an emergency that names the purpose is in force.",
        "",
    ]
    grouped: dict[str, dict[str, list[str]]] = {}
    seen: set[tuple[str, str, str]] = set()
    for cell in permission_matrix():
        if not cell.allowed or (cell.door, cell.role, cell.purpose) in seen:
            continue
        seen.add((cell.door, cell.role, cell.purpose))
        mask = f" (masked: {', '.join(cell.masks)})" if cell.masks else ""
        star = "\\*" if cell.emergency else ""
        grouped.setdefault(cell.door, {}).setdefault(cell.role, []).append(f"{cell.purpose}{star}{mask}")
    lines += _table(
        ("door", "who, for what"),
        (
            (door, "; ".join(f"**{role}** {', '.join(by_role[role])}" for role in Role if role in by_role))
            for door, by_role in sorted(grouped.items())
        ),
    )
    return "\n".join([*lines, ""])


def glossary() -> str:
    """The words, from glossary.toml."""
    book = tomllib.loads((ROOT / "glossary.toml").read_text("utf-8"))
    lines = [MADE, "# Glossary", ""]
    lines += _table(
        ("中文", "English", "code", "room", "source", "never"),
        (
            (
                w["zh"],
                w["en"],
                f"`{w['code']}`",
                w.get("room", ""),
                w.get("source", ""),
                ", ".join(w.get("never", [])),
            )
            for w in sorted(
                book["word"],
                key=lambda w: (ORDER.index(w["room"]) if w.get("room") in ORDER else 99, w["code"]),
            )
        ),
    )
    return "\n".join([*lines, ""])


PAGES = {
    "rooms.md": rooms,
    "data-dictionary.md": data_dictionary,
    "permissions.md": permissions,
    "glossary.md": glossary,
    "cases-transitions.md": diagram_page,
}


def load_all_doors() -> None:
    """Import every room's doors, so that all declarations are known."""
    for config in apps.get_app_configs():
        if config.name.startswith("wangge."):
            for part in ("actions", "queries"):
                if any((Path(config.path) / name).exists() for name in (f"{part}.py", f"{part}/__init__.py")):
                    importlib.import_module(f"{config.name}.{part}")
