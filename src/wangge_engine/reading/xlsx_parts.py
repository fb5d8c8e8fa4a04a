"""The small parts of an xlsx workbook: which sheets, which shared texts, which numbers are dates.

ECMA-376 part 1 (SpreadsheetML). A document type declaration is refused: no entity is ever expanded.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from posixpath import normpath
from xml.parsers import expat

from wangge_engine.frame.problems import refuse
from wangge_engine.reading.rows import Limits, Merge
from wangge_engine.reading.zipped import damaged

PIECE = 1 << 18
_BUILTIN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_IN_FORMAT = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]|_.|\*.', re.IGNORECASE)
_MERGE_AREA = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 -- a sheet's dates have no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet's name and the entry that holds it."""

    name: str
    entry: str


@dataclass(frozen=True, slots=True)
class Book:
    sheets: tuple[Part, ...]
    date1904: bool


def plain(name: str) -> str:
    """An element's name without its namespace prefix."""
    return name.rpartition(":")[2]


def parser_for(place: str) -> expat.XMLParserType:
    """A parser that refuses document type declarations."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def stop(*_: object) -> None:
        raise refuse(
            code="xml_doctype",
            zh="工作簿内含文档类型声明，出于安全予以拒绝。",
            en="The workbook holds a document type declaration; it is refused for safety.",
            place=place,
        )

    parser.StartDoctypeDeclHandler = stop
    return parser


def walk(
    container: zipfile.ZipFile,
    entry: str,
    place: str,
    start: Callable[[str, Attributes], None],
    *,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Stream one entry through the handlers. Raises Refused when it is no XML."""
    parser = parser_for(place)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        with container.open(entry) as stream:
            while piece := stream.read(PIECE):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError) as error:
        raise damaged(place) from error


def read_book(container: zipfile.ZipFile, place: str) -> Book:
    """The sheets in their order, worksheets only (charts and macro sheets hold no rows)."""
    targets: dict[str, str] = {}
    main = _main_entry(container, place)
    folder, _, file = main.rpartition("/")
    relations = f"{folder}/_rels/{file}.rels".lstrip("/")

    def relation(name: str, attributes: Attributes) -> None:
        if plain(name) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            entry = (
                target.lstrip("/") if target.startswith("/") else normpath(f"{folder}/{target}").lstrip("/")
            )
            targets[attributes.get("Id", "")] = entry

    walk(container, relations, place, relation)
    sheets: list[Part] = []
    since_1904 = [False]

    def sheet(name: str, attributes: Attributes) -> None:
        if plain(name) == "sheet":
            key = next((value for key, value in attributes.items() if plain(key) == "id"), "")
            if key in targets:
                sheets.append(Part(attributes.get("name", ""), targets[key]))
        elif plain(name) == "workbookPr":
            since_1904[0] = attributes.get("date1904", "0") in ("1", "true")

    walk(container, main, place, sheet)
    return Book(tuple(sheets), since_1904[0])


def _main_entry(container: zipfile.ZipFile, place: str) -> str:
    found = [""]

    def relation(name: str, attributes: Attributes) -> None:
        if plain(name) == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found[0] = attributes.get("Target", "").lstrip("/")

    walk(container, "_rels/.rels", place, relation)
    if not found[0]:
        raise damaged(place)
    return found[0]


def read_strings(container: zipfile.ZipFile, place: str, limits: Limits) -> list[str]:
    """The shared texts, without phonetic guides."""
    entry = next((name for name in container.namelist() if name.lower() == "xl/sharedstrings.xml"), "")
    if not entry:
        return []
    strings: list[str] = []
    pieces: list[str] = []
    taking = [False, False]  # inside <t>; inside <rPh>

    def start(name: str, _: Attributes) -> None:
        tag = plain(name)
        if tag == "t":
            taking[0] = True
        elif tag == "rPh":
            taking[1] = True

    def end(name: str) -> None:
        tag = plain(name)
        if tag == "t":
            taking[0] = False
        elif tag == "rPh":
            taking[1] = False
        elif tag == "si":
            strings.append("".join(pieces))
            pieces.clear()
            if len(strings) > limits.strings:
                raise refuse(
                    code="workbook_too_large",
                    zh="工作簿的文本过多，请拆分为几个文件。",
                    en="The workbook holds too many texts; split it into several files.",
                    place=place,
                )

    def text(data: str) -> None:
        if taking[0] and not taking[1]:
            pieces.append(data)

    walk(container, entry, place, start, end=end, text=text)
    return strings


def read_date_styles(container: zipfile.ZipFile, place: str) -> frozenset[int]:
    """Indexes of the cell styles whose number format shows a date or time."""
    if "xl/styles.xml" not in container.namelist():
        return frozenset()
    custom: dict[int, str] = {}
    formats: list[int] = []
    inside = [False]

    def start(name: str, attributes: Attributes) -> None:
        tag = plain(name)
        if tag == "numFmt":
            custom[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside[0] = True
        elif tag == "xf" and inside[0]:
            formats.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        if plain(name) == "cellXfs":
            inside[0] = False

    walk(container, "xl/styles.xml", place, start, end=end)
    return frozenset(index for index, number in enumerate(formats) if _is_date(number, custom.get(number)))


def _is_date(number: int, code: str | None) -> bool:
    if code is None:
        return number in _BUILTIN_DATES
    shown = _NOT_IN_FORMAT.sub("", code.split(";")[0]).lower()
    return any(letter in shown for letter in "ydhs年月日") and "general" not in shown


def read_merges(container: zipfile.ZipFile, entry: str, place: str) -> tuple[Merge, ...]:
    """The merged areas of a sheet. They stand after the rows, so the entry is unpacked once for them alone."""
    found: list[Merge] = []
    tail = b""
    try:
        with container.open(entry) as stream:
            while piece := stream.read(PIECE * 4):
                window = tail + piece
                for area in _MERGE_AREA.finditer(window):
                    left, top, right, bottom = (group.decode() for group in area.groups())
                    found.append(Merge(int(top), column_index(left), int(bottom), column_index(right)))
                last = window.rfind(b"<")
                tail = window[last:] if last >= 0 and len(window) - last < 4096 else b""
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError) as error:
        raise damaged(place) from error
    return tuple(found)


def column_index(letters: str) -> int:
    """ "A" is 0, "AA" is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def date_text(serial: float, *, since_1904: bool) -> str:
    """A spreadsheet's day number as ISO text; with a time only where it has one. Empty outside 1900-9999.

    Day 60 of the 1900 system is the 29 February 1900 that never was (kept by Excel for Lotus 1-2-3): days
    before it count one less.
    """
    if not 0 <= serial < 2_958_466:
        return ""
    if since_1904:
        moment = _EPOCH_1904 + timedelta(days=serial)
    else:
        moment = _EPOCH_1900 + timedelta(days=serial + (1 if serial < 60 else 0))
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    if serial < 1:
        return moment.time().isoformat()
    has_time = bool(moment.hour or moment.minute or moment.second)
    return moment.isoformat(sep=" ") if has_time else moment.date().isoformat()
