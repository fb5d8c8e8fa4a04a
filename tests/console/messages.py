"""Which messages the source holds, and which of them are translated."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[2] / "src" / "wangge"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


@dataclass(frozen=True, order=True)
class Message:
    """One text to translate, and where it stands."""

    text: str
    context: str
    place: str


def _python_of(template: str) -> str:
    """Django's own reading of a template, flattened so that Python's tokenizer takes it line by line."""
    return re.sub(r"^[ \t]+", "", templatize(template), flags=re.MULTILINE)


def _first(messages: object) -> tuple[str, str]:
    """(context, text) of what the extractor found; a plural stands under its singular."""
    if isinstance(messages, str):
        return "", messages
    found = [m for m in messages if isinstance(m, str)]  # type: ignore[attr-defined]
    return "", found[0] if found else ""


def extract(path: Path) -> Iterator[Message]:
    """Messages of one Python file or template."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        text = _python_of(text)
    for line, function, messages, _ in extract_python(
        io.BytesIO(text.encode()), tuple(KEYWORDS), (), {"encoding": "utf-8"}
    ):
        context = ""
        if function in ("pgettext", "npgettext") and isinstance(messages, tuple):
            context, text_ = str(messages[0]), str(messages[1])
        else:
            text_ = _first(messages)[1]
        if text_:
            yield Message(text_, context, f"{path.relative_to(SOURCE)}:{line}")


def source_files() -> list[Path]:
    """Everything that may hold a message."""
    python = [p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts]
    templates = [p for p in SOURCE.rglob("templates/**/*") if p.suffix in (".html", ".txt")]
    return sorted(python + templates)


def messages() -> list[Message]:
    """All messages of the platform."""
    return [message for path in source_files() for message in extract(path)]


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def translations() -> dict[tuple[str, str], str]:
    """All Chinese translations of all rooms: (context, text) -> translation, "" where there is none."""
    found: dict[tuple[str, str], str] = {}
    for path in sorted(SOURCE.glob("*/locale/zh_Hans/LC_MESSAGES/django.po")):
        for entry in catalogue(path):
            if entry.id:
                text = entry.id[0] if isinstance(entry.id, tuple) else entry.id
                said = entry.string[0] if isinstance(entry.string, tuple) else entry.string
                found[entry.context or "", text] = "" if entry.fuzzy else str(said or "")
    return found


def stubs() -> str:
    """What is not translated yet, ready to paste into a .po file."""
    said = translations()
    lines: dict[str, None] = {}
    for message in messages():
        if said.get((message.context, message.text)):
            continue
        text = message.text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        flag = "#, python-format\n" if "%(" in text else ""
        context = f'msgctxt "{message.context}"\n' if message.context else ""
        lines[f'#: {message.place}\n{flag}{context}msgid "{text}"\nmsgstr ""\n'] = None
    return "\n".join(lines)


if __name__ == "__main__":
    import sys

    sys.stdout.write(stubs())
