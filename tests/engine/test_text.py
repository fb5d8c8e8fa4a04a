"""Names, numbers, telephones and dates as people write them."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge_engine.text.dates import parse_date
from wangge_engine.text.hanzi import number, numerals_to_digits, plain
from wangge_engine.text.identity import check_character, parse_identity
from wangge_engine.text.names import parse_name, sort_key
from wangge_engine.text.phones import parse_phone

WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in string.digits + string.ascii_letters})
PLACES = st.sampled_from(["110101", "120110", "330106", "650102", "810000"])
BIRTHS = st.dates(date(1900, 1, 1), date(2025, 12, 31))


@st.composite
def numbers(draw):
    first = draw(PLACES) + f"{draw(BIRTHS):%Y%m%d}" + f"{draw(st.integers(0, 999)):03d}"
    return first + check_character(first)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三", 3),
        ("十", 10),
        ("十二", 12),
        ("二十一", 21),
        ("一百零二", 102),
        ("一〇二", 102),
        ("两千零一十", 2010),
        ("号", None),
        ("", None),
    ],
)
def test_numerals(text, value):
    assert number(text) == value


def test_numerals_inside_text():
    assert numerals_to_digits("三号楼十二门") == "3号楼12门"


@given(st.text())
def test_plain_is_idempotent(text):
    assert plain(plain(text)) == plain(text)


@given(numbers())
def test_a_number_is_read_in_all_its_spellings(value):
    read = parse_identity(value)
    assert read.valid
    assert read.number == value
    assert read.birth == f"{value[6:10]}-{value[10:12]}-{value[12:14]}"
    assert read.sex == ("M" if int(value[16]) % 2 else "F")
    for spelling in (
        value.lower(),
        value.translate(WIDE),
        f" {value} ",
        f"{value[:6]} {value[6:14]} {value[14:]}",
        "'" + value,
    ):
        assert parse_identity(spelling) == read


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_a_changed_digit_never_passes_the_check(value, at, by):
    changed = value[:at] + str((int(value[at]) + by) % 10) + value[at + 1 :]
    assert not parse_identity(changed).valid


@given(numbers(), st.integers(0, 15))
def test_two_neighbouring_digits_swapped_never_pass(value, at):
    swapped = value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    assert swapped == value or not parse_identity(swapped).valid


@given(numbers().filter(lambda n: n[6:8] == "19"))
def test_fifteen_digits_are_made_whole(value):
    short = value[:6] + value[8:17]
    assert parse_identity(short).number == value
    assert parse_identity(short).younger[6:8] == "20"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1.10101E+17", "lost_digits"),
        ("110101199003070000", "lost_digits"),
        ("110101********7758", "masked"),
        ("110101199002307750", "bad_date"),
        ("12345", "bad_form"),
        ("111111111111111111", "bad_form"),
        ("990101199003077757", "bad_check"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_number_that_is_none_says_why(text, problem):
    read = parse_identity(text)
    assert (read.problem, read.valid) == (problem, False)


@given(st.text(max_size=25))
def test_no_text_breaks_the_readers(text):
    assert parse_identity(text).valid in (True, False)
    assert parse_name(text).kind in ("full", "transliterated", "latin", "partial", "none")
    assert parse_phone(text).kind in ("mobile", "landline", "none")
    assert parse_date(text) == "" or date.fromisoformat(parse_date(text)).year >= 1880


@pytest.mark.parametrize(
    ("text", "clean", "surname", "given", "pinyin", "kind"),
    [
        ("張偉", "张伟", "张", "伟", "zhangwei", "full"),
        ("张　伟", "张伟", "张", "伟", "zhangwei", "full"),
        ("张伟（户主）", "张伟", "张", "伟", "zhangwei", "full"),
        ("欧阳娜娜", "欧阳娜娜", "欧阳", "娜娜", "ouyangnana", "full"),
        ("单雄信", "单雄信", "单", "雄信", "shanxiongxin", "full"),
        ("曾小贤", "曾小贤", "曾", "小贤", "zengxiaoxian", "full"),
        ("阿依努尔·买买提", "阿依努尔买买提", "买买提", "阿依努尔", "ayinuermaimaiti", "transliterated"),
        ("阿依努尔•买买提", "阿依努尔买买提", "买买提", "阿依努尔", "ayinuermaimaiti", "transliterated"),
        ("阿依努尔买买提", "阿依努尔买买提", "阿依努尔买买提", "", "ayinuermaimaiti", "transliterated"),
        ("Zhang Wei", "ZHANG WEI", "zhang", "wei", "zhangwei", "latin"),
        ("王先生", "王先生", "王", "", "", "partial"),
        ("王某某", "王某某", "王", "", "", "partial"),
        ("王*明", "王*明", "王", "", "", "partial"),
        ("老李", "老李", "李", "", "", "partial"),
        ("测试", "", "", "", "", "none"),
        ("12", "", "", "", "", "none"),
        (None, "", "", "", "", "none"),
    ],
)
def test_names(text, clean, surname, given, pinyin, kind):
    read = parse_name(text)
    assert (read.clean, read.surname, read.given, read.pinyin, read.kind) == (
        clean,
        surname,
        given,
        pinyin,
        kind,
    )


@pytest.mark.parametrize(
    ("one", "other"), [("陈", "程"), ("张林", "章琳"), ("金山", "京山"), ("周诗", "邹思")]
)
def test_sounds_that_people_mix_up_are_near(one, other):
    assert parse_name(one + "建国").fuzzy == parse_name(other + "建国").fuzzy


def test_names_sort_by_their_sound_as_surnames():
    assert sorted(["张三", "曾四", "阿五", "单六"], key=sort_key) == ["阿五", "单六", "曾四", "张三"]


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("+86 139-1234-5678", "13912345678", "mobile"),
        ("0086 13912345678", "13912345678", "mobile"),
        ("１３９１２３４５６７８", "13912345678", "mobile"),
        ("13912345678.0", "13912345678", "mobile"),
        ("13912345678；022-24390001", "13912345678", "mobile"),
        ("13912345678（晚上打）", "13912345678", "mobile"),
        ("022-24390001", "02224390001", "landline"),
        ("(022)24390001转12", "02224390001", "landline"),
        ("24390001", "24390001", "landline"),
        ("13800000000", "", "none"),
        ("12345", "", "none"),
        ("无", "", "none"),
        (None, "", "none"),
    ],
)
def test_phones(text, number, kind):
    read = parse_phone(text)
    assert (read.number, read.kind) == (number, kind)


def test_a_line_with_and_without_area_code_is_one():
    assert parse_phone("022-24390001").key == parse_phone("2439 0001").key


@given(BIRTHS)
def test_dates_in_all_their_spellings(day):
    serial = (day - date(1899, 12, 30)).days
    digits = "〇一二三四五六七八九"
    year = "".join(digits[int(d)] for d in str(day.year))
    for text in (f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日",
                 f"{day.year}.{day.month}.{day.day}", f"{day:%Y-%m-%d} 00:00:00", f"{day:%Y-%m-%d}".translate(WIDE)):  # fmt: skip
        assert parse_date(text) == day.isoformat()
    if serial > 2100:
        assert parse_date(str(serial)) == day.isoformat()
    assert parse_date(
        f"{year}年{'十' if day.month == 10 else digits[day.month % 10] if day.month < 10 else '十' + digits[day.month - 10]}月三日"
    ).startswith(f"{day.year}-{day.month:02d}")


@pytest.mark.parametrize("text", ["1990-02-30", "1879-12-31", "19901301", "yesterday", "", "1990年"])
def test_days_that_do_not_exist_are_none(text):
    assert parse_date(text) == ""
