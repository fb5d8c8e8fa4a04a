"""Slips of the field, many in one linkage: each by itself must neither part a person nor join two."""

import duckdb
import pytest

from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.intake import Input
from wangge_engine.link.model_zh import NAME
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.schema import read_schema
from wangge_engine.text.hanzi import sketch
from wangge_engine.text.identity import check_character

COLUMNS = ("record_id", "name", "id_no", "sex", "birth", "phone", "address")


def number(first17):
    return first17 + check_character(first17)


FLOATED = "120114199205208000"  # of 120114199205208481: fifteen digits kept, and the check holds by chance
ONE = {  # records that are one person each
    "number through a float": [
        ("邹霞", "120114199205208481", "女", "", "15600000001", "秀海家园2-3-502"),
        ("邹霞", FLOATED, "女", "1992-05-20", "15600000001", ""),
    ],
    "number of a child cut to fifteen digits": [
        ("邱沐天", number("13098120010309613"), "男", "", "15600000002", "竹兴东里2-1-802"),
        ("邱沐天", "130981010309613", "", "", "15600000002", "竹兴东里2-1-802"),
    ],
    "a year off": [
        ("申林", "", "男", "2000-10-20", "15600000003", "凤庭雅居4-1-704"),
        ("申林", "", "男", "1999-10-20", "15600000003", "凤庭雅居4-1-704"),
    ],
    "the other parent's surname": [
        ("李承瑞", number("12011019951022101"), "男", "1995-10-22", "15600000004", "景堤新村3-1-904"),
        ("高承瑞", "", "男", "1995-10-22", "15600000004", "景堤新村3-1-904"),
    ],
    "one character of three and not outvoted for it": [
        ("赵诺慈", number("12011619980709346"), "", "", "15600000005", "清阁公寓3-1-602"),
        ("赵诺慈", number("12011619980709346"), "", "", "15600000005", ""),
        ("赵若慈", number("12011619980709346"), "", "", "15600000006", ""),
    ],
}
ONE |= {
    "one character of a long name": [
        ("玉素甫·阿卜杜热合曼", number("65310119890623101"), "男", "", "15600000010", "春湾西里2-1-401"),
        ("王素甫·阿卜杜热合曼", "", "男", "1989-06-23", "15600000010", "春湾西里2-1-401"),
    ],
    "the first two characters of a long name": [
        ("艾力·阿卜杜热合曼", number("65310119760523101"), "男", "", "15600000011", "春湾西里2-1-402"),
        ("艾力", "", "男", "1976-05-23", "15600000011", "春湾西里2-1-402"),
    ],
}
TWO = {  # records that are two people each
    "brothers with a year between": [
        ("马强", "", "男", "2000-09-28", "15600000007", "湾海新村1-1-101"),
        ("马勇", "", "男", "1999-09-28", "15600000007", "湾海新村1-1-101"),
    ],
    "one given name of one character under two surnames": [
        ("王静", "", "", "1980-03-05", "15600000008", "湾海新村1-1-102"),
        ("李静", "", "", "1980-03-05", "15600000008", "湾海新村1-1-102"),
    ],
    "a great-grandmother and a child of one name": [
        ("周桂香", number("12010119160304002"), "女", "1916-03-04", "15600000009", "湾海新村1-1-103"),
        ("周桂香", number("12010120160304002"), "女", "2016-03-04", "15600000009", "湾海新村1-1-103"),
    ],
}


@pytest.fixture(scope="module")
def entity_of(tmp_path_factory):
    path = tmp_path_factory.mktemp("slips") / "people.csv"
    groups = {**ONE, **TWO}
    lines = [",".join(COLUMNS)]
    lines += [",".join((f"{name}/{i}", *row)) for name, rows in groups.items() for i, row in enumerate(rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    con = connect()
    link(con, Request([Input("s", path)], read_schema("person-zh")), Rejects(), Stages(quiet=True))
    found = {}
    for record, entity in con.execute(
        "SELECT record_id, entity FROM records JOIN entity_of USING (uid)"
    ).fetchall():
        found.setdefault(record.rsplit("/", 1)[0], []).append(entity)
    return found


@pytest.mark.parametrize("slip", ONE)
def test_a_slip_parts_nobody(entity_of, slip):
    assert len(set(entity_of[slip])) == 1


@pytest.mark.parametrize("case", TWO)
def test_what_looks_like_a_slip_joins_no_two(entity_of, case):
    assert len(set(entity_of[case])) == 2


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("王小明", "王小朋", True),
        ("王小明", "王明", True),
        ("王小明", "王大朋", False),
        ("王明", "王朋", False),
    ],
)
def test_characters_are_counted_and_not_their_bytes(a, b, level):
    condition = next(found.sql for found in NAME.levels if found.code == "one_character")
    told = duckdb.execute(
        f"SELECT {condition} FROM (SELECT $1 AS name_l, $2 AS name_r, $3 AS sketch_l, $4 AS sketch_r)",
        [a, b, sketch(a), sketch(b)],
    ).fetchall()
    assert told == [(level,)]
