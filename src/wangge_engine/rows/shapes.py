"""Rows that are no records, told by their shape: shifted cells, totals under a table, test data, the header again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from wangge_engine.columns import normal_header, plain_word, vocabulary
from wangge_engine.rows.dates import Outcome, read_date

_ID = re.compile(r"[1-9]\d{16}[\dXx]|[1-9]\d{14}")
_PHONE = re.compile(r"1[3-9]\d{9}(\.0)?|0\d{2,3}-?\d{7,8}")
_NAME = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]\s+[\u3400-\u9fff]")
_ADDRESS = re.compile(r".*(号楼|栋|幢|单元|室|\d+-\d+|街道|社区|小区).*")
_FOOT_REMARK = re.compile(
    r"^(填表人|制表|审核人?|单位负责人|填报单位|填报日期|填报人|备注[:：]|注[:：]|说明[:：]|联系人[:：])"
)
_PLACEHOLDER_ID = re.compile(r"(.)\1{14,17}|123456789012345678|123456199001011234|110101199001011234")
_PLACEHOLDER_PHONE = re.compile(
    r"1[38]0{9}|1380{8}|13800138000|13812345678|(1)\1{10}|12345678901|13888888888"
)
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9\-]{4,}")
_CREDIT = re.compile(r"[1-9A-Y][1-59]\d{6}[0-9A-HJ-NP-RTUWXY]{10}")
_SHAPES = {
    "id_no": _ID,
    "phone": _PHONE,
    "name": _NAME,
    "address": _ADDRESS,
    "credit_code": _CREDIT,
    "code": _CODE,
}
_WORDED = frozenset(("sex", "relation", "tenure", "flag", "alone", "residence"))
_STRICT = _WORDED | {"id_no", "phone", "birth", "event_date", "date", "credit_code"}
_SOFT = frozenset(("name", "address", "code"))
SUSPECT = frozenset(
    ("id_malformed", "phone_malformed", "word_unknown", "impossible", "note_in_cell", "date_impossible")
)


def _looks(kind: str, text: str) -> bool:
    bare = text.strip()
    if not bare:
        return False
    if kind in _SHAPES:
        return bool(_SHAPES[kind].fullmatch(bare))
    if kind in _WORDED:
        return plain_word(bare) in vocabulary(kind) and not bare.isdigit()
    return len(bare) >= 5 and read_date(bare, today=_FAR).outcome is Outcome.READ


_FAR = date(2200, 1, 1)


def is_shifted(cells: Sequence[str], kinds: Mapping[int, str]) -> bool:
    """Whether the cells make sense one column further right or left, and not where they stand.

    `kinds` gives the kind of each mapped column by its index. A column speaks for a shift when its neighbour's
    cell looks like its kind and its own does not, and against it the other way round.
    """
    return any(_speaks_for(cells, kinds, step) for step in (1, -1))


def _speaks_for(cells: Sequence[str], kinds: Mapping[int, str], step: int) -> bool:
    strict = soft = against = 0
    for at, kind in kinds.items():
        if kind not in _STRICT and kind not in _SOFT:
            continue
        there = at + step
        own = at < len(cells) and _looks(kind, cells[at])
        moved = 0 <= there < len(cells) and _looks(kind, cells[there])
        if moved and not own:
            strict += kind in _STRICT
            soft += kind in _SOFT
        elif own and not moved:
            against += 1
    told = strict + soft
    return told - against >= 2 and (strict >= 2 or (strict >= 1 and told >= 3))


def footer_rows(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Rows whose first filled cells say "total", and lines of remarks under a table."""
    words = list(vocabulary("footers"))
    lead = [pl.col(column) for column in columns[:4]]
    plain = [cell.str.normalize("NFKC").str.replace_all(r"[\s:：]", "").str.to_lowercase() for cell in lead]
    total = pl.any_horizontal([cell.is_in(words) for cell in plain]) if lead else pl.lit(value=False)
    filled = pl.sum_horizontal([(pl.col(column).str.strip_chars().str.len_bytes() > 0) for column in columns])
    remark = pl.any_horizontal([cell.str.contains(_FOOT_REMARK.pattern) for cell in lead]) & (filled <= 3)
    return frame.select((total | remark).fill_null(value=False).alias("f"))["f"]


def repeated_headers(frame: pl.DataFrame, columns: Sequence[str], headers: Sequence[str]) -> pl.Series:
    """Rows that say the header again (tables joined from printed pages)."""
    lasts = [header.rsplit("/", 1)[-1] for header in headers]
    same = [
        (pl.col(column).str.strip_chars() == last).fill_null(value=False)
        for column, last in zip(columns, lasts, strict=True)
        if normal_header(last)
    ]
    if len(same) < 2:
        return pl.Series([False] * len(frame))
    needed = max(2, len(same) // 2)
    return frame.select((pl.sum_horizontal(same) >= needed).alias("h"))["h"]


def test_rows(frame: pl.DataFrame) -> pl.Series:
    """Rows left over from trying the form. One clear word is enough; made-up numbers count only together."""
    words = [pl.lit(value=False)]
    weak = [pl.lit(value=0)]
    tests = list(vocabulary("tests"))
    if "name" in frame.columns:
        name = pl.col("name").str.to_lowercase()
        words.append(name.is_in(tests) | name.str.contains(r"^(测试|test)"))
        weak.append(name.is_in(["张三", "李四", "王五", "张三三", "小明"]).cast(pl.Int32))
    if "address" in frame.columns:
        words.append(pl.col("address").str.contains(r"^(测试|test|xxx)"))
    if "id_no" in frame.columns:
        weak.append(pl.col("id_no").str.contains(_rust(_PLACEHOLDER_ID)).cast(pl.Int32))
    if "phone" in frame.columns:
        weak.append(pl.col("phone").str.contains(_rust(_PLACEHOLDER_PHONE)).cast(pl.Int32))
    clear = pl.any_horizontal([word.fill_null(value=False) for word in words])
    return frame.select((clear | (pl.sum_horizontal(weak) >= 2)).fill_null(value=False).alias("t"))["t"]


def _rust(pattern: re.Pattern[str]) -> str:
    """The pattern without back-references, which polars' engine does not have."""
    repeated = "|".join(f"{digit}{{15,18}}" for digit in range(10))
    text = pattern.pattern.replace(r"(.)\1{14,17}", repeated).replace(r"(1)\1{10}", "1{11}")
    return f"^(?:{text})$"
