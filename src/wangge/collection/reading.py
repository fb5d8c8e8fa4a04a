"""Questions read from an uploaded file: an XLSForm (sheets survey and choices), or a plain table of questions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from wangge.collection.analysis import FileSheet, sheets_of
from wangge.collection.states import QuestionKind
from wangge.collection.types import NewQuestion
from wangge.kernel.problems import BadInput

# What a column of a table of questions is called.
_HEADS: Mapping[str, tuple[str, ...]] = {
    "zh": ("题目", "问题", "采集项", "采集内容", "指标", "字段名称", "数据项", "label::chinese", "label::中文",
           "label::zh",           "label::chinese (zh)", "label", "question"),
    "en": ("英文", "label::english", "label::en", "label::english (en)", "english"),
    "type": ("类型", "题型", "type", "数据类型"),
    "name": ("name", "代码", "字段", "字段代码", "code"),
    "purpose": ("用途", "目的", "采集目的", "采集用途", "使用目的", "purpose"),
    "basis": ("法律依据", "依据", "采集依据", "法规依据", "legal_basis", "legal basis", "basis"),
    "choices": ("选项", "可选值", "choices", "options"),
}  # fmt: skip
_KINDS = {
    "integer": QuestionKind.NUMBER, "decimal": QuestionKind.NUMBER, "数字": QuestionKind.NUMBER,
    "date": QuestionKind.DATE, "日期": QuestionKind.DATE, "text": QuestionKind.TEXT, "文字": QuestionKind.TEXT,
    "yes_no": QuestionKind.YES_NO, "是否": QuestionKind.YES_NO, "单选": QuestionKind.ONE,
}  # fmt: skip
# Rows of an XLSForm that ask nothing, or what a visit records by itself.
_NO_QUESTION = re.compile(
    r"^(begin|end)[_ ](group|repeat)|^(note|calculate|start|end|today|deviceid|username|hidden|acknowledge)$"
)
_PICTURES = frozenset({"image", "audio", "video", "file", "background-audio"})
_TRACKS = frozenset({"geotrace", "geoshape", "start-geopoint", "geopoint"})


def questions_in(stream: BinaryIO, filename: str) -> tuple[NewQuestion, ...]:
    """The questions of a file, each with its place. Raises BadInput where no sheet of questions is found."""
    sheets = sheets_of(stream, filename)
    named = {s.name.strip().lower(): s for s in sheets}
    options = _options(named["choices"]) if "choices" in named else {}
    chosen = [named["survey"]] if "survey" in named else list(sheets)
    found = [q for sheet in chosen for q in _questions(sheet, options)]
    if not found:
        raise BadInput(
            code="no_questions_found",
            zh="没有找到题目：表头应有“题目”“用途”“法律依据”，或上传 XLSForm（survey 表）。",
            en="No questions found: the header needs label, purpose and legal_basis; or send an XLSForm.",
            place=filename,
        )
    return tuple(found)


def _head(cells: Sequence[str]) -> dict[str, int]:
    """Which column is which, in the order of the names that each is known by."""
    words = [" ".join(cell.lower().split()) for cell in cells]
    found = {}
    for key, names in _HEADS.items():
        for name in names:
            if name in words:
                found[key] = words.index(name)
                break
    return found


def _questions(
    sheet: FileSheet, options: Mapping[str, tuple[tuple[str, str, str], ...]]
) -> list[NewQuestion]:
    head: dict[str, int] = {}
    found = []
    for number, cells in sheet.rows:
        if "zh" not in head and "en" not in head:
            head = _head(cells)
            continue
        said = {key: cells[at] if at < len(cells) else "" for key, at in head.items()}
        kind_word = said.get("type", "").strip().lower()
        if _NO_QUESTION.search(kind_word) or not any(said.values()):
            continue
        place = f"{sheet.name}, {number}"
        label = said.get("zh") or said.get("en") or said.get("name", "")
        found.append(
            NewQuestion(
                zh=label,
                en=said.get("en", ""),
                purpose=said.get("purpose", ""),
                basis=said.get("basis", ""),
                kind=_kind(kind_word),
                choices=_choices(kind_word, said.get("choices", ""), options),
                place=place,
                medium=_medium(kind_word),
            )
        )
    return found


def _medium(word: str) -> str:
    return "recording" if word in _PICTURES else "track" if word in _TRACKS else ""


def _kind(word: str) -> QuestionKind | None:
    if word.startswith("select_one") or word.startswith("select one"):
        return QuestionKind.ONE
    return _KINDS.get(word)


def _choices(
    kind: str, told: str, options: Mapping[str, tuple[tuple[str, str, str], ...]]
) -> tuple[tuple[str, str, str], ...]:
    parts = kind.split()
    if len(parts) > 1 and parts[0].startswith("select"):
        return options.get(parts[-1], ())
    words = [w.strip() for w in re.split(r"[、,，;；/|\n]+", told) if w.strip()]
    return tuple((f"c{n}", word, word) for n, word in enumerate(words, 1))


def _options(sheet: FileSheet) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """The choices of an XLSForm by list name."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    head: dict[str, int] = {}
    list_at = -1
    for _number, cells in sheet.rows:
        if list_at < 0:
            words = [c.lower() for c in cells]
            at = next((words.index(w) for w in ("list_name", "list name") if w in words), -1)
            if at >= 0:
                list_at, head = at, _head(cells)
            continue
        said = {key: cells[at] if at < len(cells) else "" for key, at in head.items()}
        name = cells[list_at].lower() if list_at < len(cells) else ""
        if name and (said.get("zh") or said.get("name")):
            word = said.get("zh") or said["name"]
            found[name].append((said.get("name") or f"c{len(found[name]) + 1}", word, said.get("en") or word))
    return {name: tuple(choices) for name, choices in found.items()}
