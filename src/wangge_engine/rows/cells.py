"""How each kind of cell is read, a whole column at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from wangge_engine.columns import plain_word, vocabulary
from wangge_engine.rows.dates import EARLIEST, PLACEHOLDERS, Order, Outcome, read_date
from wangge_engine.rows.flags import Flags

_ISO = r"^\d{4}-\d{2}-\d{2}$"
_COMPACT = r"^\d{8}$"
_MOBILE = re.compile(r"(?<!\d)(?:\+?0{0,2}86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[-— )]*(\d{7,8})(?!\d)")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_NOT_PLAIN = r"[^\x20-\x7e\u3400-\u9fff]"
_INVISIBLE = r"[\u200b-\u200f\u2028-\u202e\ufeff\x00-\x08\x0e-\x1f]"
_DOTS = r"[•・‧∙．]"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_PRESENT_NOT = frozenset(
    ("否", "无", "没有", "不是", "n", "no", "false", "0", "×", "x", "健康", "正常", "0.0", "未见异常")
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What readers need to know besides the cells: the day they are read on, date orders by canonical column."""

    today: date
    orders: Mapping[str, Order]


@cache
def _nothing_words() -> tuple[str, ...]:
    words = vocabulary("nothing")
    return tuple({form for word in words for form in (word, word.upper(), word.capitalize())})


def plain(column: pl.Series) -> pl.Series:
    """Half-width text without invisible characters and outer spaces; null for empty and for "none".

    Columns of plain ASCII or plain Chinese skip what cannot apply to them: most cells of most files.
    """
    text = column
    ascii_only = bool((text.str.len_bytes() == text.str.len_chars()).all())
    if not ascii_only and text.str.contains(_NOT_PLAIN).any():
        text = text.str.normalize("NFKC")
        if text.str.contains(_INVISIBLE).any():
            text = text.str.replace_all(_INVISIBLE, "")
    text = text.str.strip_chars().str.strip_prefix("'")
    empty = (text.str.len_bytes() == 0) | text.is_in(_nothing_words())
    return text.to_frame("t").select(pl.when(~empty).then(pl.col("t")))["t"]


def _mapped(
    column: pl.Series,
    reading: Callable[[str], tuple[object, tuple[str, ...]]],
    dtype: type[pl.DataType],
    name: str,
    flags: Flags,
) -> pl.Series:
    """Read each distinct text once; put the flags of a text on all its rows."""
    distinct = column.drop_nulls().unique()
    if not len(distinct):
        return pl.Series([None] * len(column), dtype=dtype)
    texts = distinct.to_list()
    read = [reading(text) for text in texts]
    values = [value for value, _ in read]
    flagged: dict[str, list[str]] = {}
    for text, (_, codes) in zip(texts, read, strict=True):
        for code in codes:
            flagged.setdefault(code, []).append(text)
    for code, told in flagged.items():
        flags.where(code, name, column.is_in(told))
    return column.replace_strict(texts, values, default=None, return_dtype=dtype)


def read_code(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    return column.str.replace(r"\.0$", "")


def read_name(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    """Names without inner spaces where they are Chinese; one kind of middle dot."""
    spaced = column.str.contains(r"\s")
    if spaced.any():
        chinese = column.str.contains(r"[\u3400-\u9fff]")
        frame = pl.DataFrame({"t": column, "c": chinese})
        column = frame.select(
            pl.when(pl.col("c")).then(pl.col("t").str.replace_all(r"\s+", "")).otherwise(pl.col("t"))
        )["t"]
    return column.str.replace_all(_DOTS, "·")


def read_phone_text(text: str) -> tuple[str | None, tuple[str, ...]]:
    """A mobile number as 11 digits, a landline as area-number; flags for remarks and further numbers."""
    bare = text.removesuffix(".0")
    numbers = ["".join(found.groups()) for found in _MOBILE.finditer(bare)]
    rest = _MOBILE.sub("", bare)
    if not numbers:
        numbers = [f"{found[1]}-{found[2]}" for found in _LANDLINE.finditer(bare)]
        rest = _LANDLINE.sub("", bare)
    if not numbers and _LOCAL.fullmatch(bare.replace("-", "")):
        return bare.replace("-", ""), ()
    if not numbers:
        return None, ("phone_malformed",)
    codes = []
    if len(dict.fromkeys(numbers)) > 1:
        codes.append("several_phones")
    if re.search(r"[^\s,;/、，；|()（）\-+]", rest):
        codes.append("note_in_cell")
    return numbers[0], tuple(codes)


def read_phone(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    clean = column.str.contains(r"^1[3-9]\d{9}$").fill_null(value=True)
    if clean.all():
        return column
    odd = column.filter(~clean)
    positions = (~clean).arg_true()
    inner = Flags()
    read = _mapped(odd, read_phone_text, pl.String, name, inner)
    for frame in inner.by_row().iter_rows():
        for flag in frame[1]:
            flags.each(flag.partition(":")[0], name, int(positions[frame[0]]))
    return column.scatter(positions, read)


def read_days(
    column: pl.Series, name: str, at: Circumstances, flags: Flags, *, past: bool, strict: bool
) -> pl.Series:
    """Days. `past`: the day cannot lie ahead. `strict`: an impossible day is told apart for the validation,
    otherwise it is only flagged."""
    order = at.orders.get(name, Order.MONTH_FIRST)

    def reading(text: str) -> tuple[date | None, tuple[str, ...]]:
        read = read_date(text, today=at.today, order=order, latest=at.today if past else None)
        if read.outcome is Outcome.IMPOSSIBLE:
            return None, ("impossible" if strict else "date_impossible",)
        return read.day, read.flags

    plain_days = column.str.to_date("%Y-%m-%d", strict=False)
    compact = column.str.to_date("%Y%m%d", strict=False)
    quick = plain_days.set(~column.str.contains(_ISO), None).fill_null(
        compact.set(~column.str.contains(_COMPACT), None)
    )
    quick = quick.set(~quick.is_between(EARLIEST, at.today) | quick.is_in(list(PLACEHOLDERS)), None)
    rest = column.set(quick.is_not_null(), None)
    return (
        quick.fill_null(_mapped(rest, reading, pl.Date, name, flags))
        if rest.null_count() < len(rest)
        else quick
    )


def read_birth(column: pl.Series, name: str, at: Circumstances, flags: Flags) -> pl.Series:
    return read_days(column, name, at, flags, past=True, strict=True)


def read_event_date(column: pl.Series, name: str, at: Circumstances, flags: Flags) -> pl.Series:
    return read_days(column, name, at, flags, past=False, strict=True)


def read_plain_date(column: pl.Series, name: str, at: Circumstances, flags: Flags) -> pl.Series:
    return read_days(column, name, at, flags, past=False, strict=False)


def _words(kind: str) -> Callable[[pl.Series, str, Circumstances, Flags], pl.Series]:
    def reading(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
        known = vocabulary(kind)

        def word(text: str) -> tuple[str | None, tuple[str, ...]]:
            value = known.get(plain_word(text))
            return value, (() if value else ("word_unknown",))

        return _mapped(column, word, pl.String, name, flags)

    return reading


def _truth(kind: str) -> Callable[[pl.Series, str, Circumstances, Flags], pl.Series]:
    def reading(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
        known = vocabulary(kind)

        def word(text: str) -> tuple[bool | None, tuple[str, ...]]:
            value = known.get(plain_word(text))
            return (value == "yes" if value else None), (() if value else ("word_unknown",))

        return _mapped(column, word, pl.Boolean, name, flags)

    return reading


def read_presence(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    """Whether anything is said ("糖尿病", "肢体二级"), unless what is said is "no"."""
    return _mapped(column, lambda text: (plain_word(text) not in _PRESENT_NOT, ()), pl.Boolean, name, flags)


def read_address(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    return column.str.replace_all(r"\s+", "")


def read_text(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    return column.str.replace_all(r"\s+", " ")


def _number(whole: bool) -> Callable[[pl.Series, str, Circumstances, Flags], pl.Series]:
    def number(text: str) -> tuple[float | int | None, tuple[str, ...]]:
        found = _NUMBER.search(text)
        if found is None:
            return None, ("number_malformed",)
        value = float(found[0].replace(",", ""))
        rest = (text[: found.start()] + text[found.end() :]).strip("户人层个岁套间°EN ")
        return (round(value) if whole else value), (("note_in_cell",) if rest else ())

    def reading(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
        return _mapped(column, number, pl.Int64 if whole else pl.Float64, name, flags)

    return reading


def credit_code_fits(code: str) -> bool:
    """GB 32100-2015: the eighteenth character checks the seventeen before it (mod 31)."""
    if len(code) != 18 or any(character not in _CREDIT_ALPHABET for character in code):
        return False
    total = sum(
        _CREDIT_ALPHABET.index(character) * weight
        for character, weight in zip(code[:17], _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_ALPHABET[-total % 31] == code[17]


def read_credit_code(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    def code(text: str) -> tuple[str, tuple[str, ...]]:
        bare = re.sub(r"[\s\-]", "", text).upper()
        return bare, (() if credit_code_fits(bare) else ("credit_code_wrong_check",))

    return _mapped(column, code, pl.String, name, flags)


def read_carriage(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    """ "05车" and "5号车厢" are carriage 5."""
    return column.str.extract(r"^0*(\d{1,2})", 1).fill_null(column)


def read_seat(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    """ "7a" and "07A号" are seat 07A."""
    text = column.str.to_uppercase().str.replace(r"号$", "")
    return text.str.replace(r"^(\d)([A-F])$", "0${1}${2}")


def read_train(column: pl.Series, name: str, _: Circumstances, flags: Flags) -> pl.Series:
    return column.str.to_uppercase().str.replace_all(r"[\s次]", "")


Reader = Callable[[pl.Series, str, Circumstances, Flags], pl.Series]
READERS: dict[str, Reader] = {
    "code": read_code,
    "name": read_name,
    "organisation_name": read_address,
    "phone": read_phone,
    "birth": read_birth,
    "event_date": read_event_date,
    "date": read_plain_date,
    "sex": _words("sex"),
    "relation": _words("relation"),
    "tenure": _words("tenure"),
    "residence": _words("residence"),
    "education": _words("education"),
    "building_kind": _words("building_kind"),
    "flag": _truth("flag"),
    "alone": _truth("alone"),
    "presence": read_presence,
    "address": read_address,
    "text": read_text,
    "count": _number(whole=True),
    "age": _number(whole=False),
    "lon": _number(whole=False),
    "lat": _number(whole=False),
    "credit_code": read_credit_code,
    "division_code": read_code,
    "train_no": read_train,
    "carriage": read_carriage,
    "seat": read_seat,
}
DTYPES: dict[str, type[pl.DataType]] = {
    "birth": pl.Date,
    "event_date": pl.Date,
    "date": pl.Date,
    "flag": pl.Boolean,
    "alone": pl.Boolean,
    "presence": pl.Boolean,
    "count": pl.Int64,
    "age": pl.Float64,
    "lon": pl.Float64,
    "lat": pl.Float64,
}
