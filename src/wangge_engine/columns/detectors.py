"""What cells say: for each kind of column, the share of its non-empty cells that look like that kind.

Cheap and forgiving on purpose: a detector proposes, the validation decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from wangge_engine.columns.schemas import plain_word, vocabulary
from wangge_engine.columns.surnames import is_surnamed

Test = Callable[[str], bool]

_ID18 = re.compile(r"[1-9]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
_ID15 = re.compile(r"[1-9]\d{5}\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}")
_ID_FLOAT = re.compile(r"[1-9]\.\d{6,}[eE]\+?1[47]")
_MOBILE = re.compile(r"(\+?86-?)?1[3-9]\d{9}(\.0)?")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}|\d{4}-\d{4}")
_DATE = re.compile(
    r"((18|19|20)\d{2})([-/.年]\s?\d{1,2}([-/.月]\s?\d{1,2}日?)?|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))"
    r"([T ]\d{1,2}:\d{2}(:\d{2})?)?"
    r"|\d{1,2}/\d{1,2}/(19|20)\d{2}|[〇零○ＯO一二三四五六七八九]{4}年.{1,3}月(.{1,4}[日号])?"
)
_YEAR = re.compile(r"(18|19|20)\d{2}")
_SERIAL = re.compile(r"[1-7]?\d{4}(\.0)?")
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9_\-/.]{0,39}")
_CREDIT = re.compile(r"[1-9A-Y][1-59]\d{6}[0-9A-HJ-NP-RTUWXY]{10}")
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ADDRESS = re.compile(r"[省市区县旗乡镇街路道巷弄号楼幢栋村组里园苑庄室院屯]|单元|社区|小区|公寓|花园")
_HOUSE = re.compile(r"\d+[-—号楼幢栋室#]|\d+-\d+")
_ORGANISATION = re.compile(
    r"公司|厂|店|学校|小学|中学|幼儿园|医院|中心|局|委员会|所|部|超市|银行|合作社|集团|餐|馆|院|社$"
)
_TRAIN = re.compile(r"([GDCZTKYSL]\d{1,4}|[A-Z0-9]{2}\d{3,4})", re.IGNORECASE)
_CARRIAGE = re.compile(r"(0?[1-9]|1\d|2[0-4])(车|号车厢?|车厢)?")
_SEAT = re.compile(r"\d{1,3}[A-Fa-f]|\d{1,3}号?[上中下]?铺?|无座|(0?[1-9]|1\d)车\d{1,3}[A-Fa-f]?号?")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

SEX_WORDS = frozenset(("男", "女", "男性", "女性", "先生", "女士", "m", "f", "male", "female"))
ALONE_WORDS = re.compile(r"独居|空巢|同住|合租|寄住|^[是否有无YNyn01√×]$")
RESIDENCE = re.compile(r"户籍|常住|流动|寄住|寄宿|暂住|租住|人户|人在|户在|空挂|外来|本地|境外")
EDUCATION = re.compile(
    r"幼儿|托班|小班|中班|大班|小学|初中|高中|中专|职高|大专|大学|本科|研究生|[一二三四五六七八九高初]年?级|[高初][一二三]|在读"
)
BUILDING_KIND = re.compile(
    r"住宅|居住|居民|商|办公|写字楼|学校|教育|医院|医疗|机关|政府|行政|厂|仓|公寓|宿舍|residential|school"
)
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def valid_identity(text: str) -> bool:
    """GB 11643-1999 check digit of an 18-character number."""
    digits = text.upper()
    if not _ID18.fullmatch(digits):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == digits[17]


def _identity(text: str) -> bool:
    return bool(_ID18.fullmatch(text) or _ID15.fullmatch(text) or _ID_FLOAT.fullmatch(text))


def valid_credit_code(text: str) -> bool:
    """GB 32100-2015 check character of an 18-character unified social credit code."""
    code = text.upper()
    if not _CREDIT.fullmatch(code):
        return False
    total = sum(
        _CREDIT_ALPHABET.index(character) * weight
        for character, weight in zip(code[:17], _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_ALPHABET[-total % 31] == code[17]


def _phone(text: str) -> bool:
    bare = text.replace(" ", "").replace("-", "")
    return bool((_MOBILE.match(bare) and len(bare) <= 24) or _LANDLINE.fullmatch(text))


def _credit(text: str) -> bool:
    code = text.upper()
    return bool(_CREDIT.fullmatch(code)) and (valid_credit_code(code) or not _ID18.fullmatch(code))


def _date(text: str) -> bool:
    return bool(_DATE.fullmatch(text))


def _birth(text: str) -> bool:
    return _date(text) or bool(_SERIAL.fullmatch(text) and 5000 < float(text) < 50000)


def _event_date(text: str) -> bool:
    return _date(text) or bool(_SERIAL.fullmatch(text) and 36000 < float(text) < 60000)


def _between(low: float, high: float) -> Test:
    def test(text: str) -> bool:
        return bool(NUMBER.fullmatch(text)) and low <= float(text) <= high

    return test


def _address(text: str) -> bool:
    return len(text) >= 5 and bool(_ADDRESS.search(text)) and bool(_HOUSE.search(text) or len(text) >= 8)


def _plain_text(text: str) -> bool:
    return not NUMBER.fullmatch(text)


def _in(kind: str) -> Test:
    words = vocabulary(kind)
    return lambda text: plain_word(text) in words


def _matches(pattern: re.Pattern[str], *, whole: bool = True) -> Test:
    if whole:
        return lambda text: bool(pattern.fullmatch(text))
    return lambda text: bool(pattern.search(text))


TESTS: dict[str, Test] = {
    "id_no": _identity,
    "phone": _phone,
    "sex": _in("sex"),
    "birth": _birth,
    "date": _event_date,
    "event_date": _event_date,
    "name": is_surnamed,
    "address": _address,
    "relation": _in("relation"),
    "flag": _in("flag"),
    "alone": _matches(ALONE_WORDS, whole=False),
    "presence": _plain_text,
    "tenure": _in("tenure"),
    "residence": _matches(RESIDENCE, whole=False),
    "education": _matches(EDUCATION, whole=False),
    "credit_code": _credit,
    "organisation_name": _matches(_ORGANISATION, whole=False),
    "building_kind": _matches(BUILDING_KIND, whole=False),
    "division_code": _matches(re.compile(r"[1-6]\d{5}(\d{3}){0,3}(\.0)?")),
    "lon": _between(70, 140),
    "lat": _between(3, 60),
    "count": _between(0, 100000),
    "age": _between(0, 130),
    "train_no": _matches(_TRAIN),
    "carriage": _matches(_CARRIAGE),
    "seat": _matches(_SEAT),
    "code": _matches(_CODE),
    "text": _plain_text,
}

# Kinds whose cells alone can propose a column, with how much that is worth: a valid check digit says nearly
# all, a plain code or number says nothing.
ALONE: dict[str, float] = {
    "id_no": 0.95,
    "credit_code": 0.95,
    "phone": 0.9,
    "name": 0.85,
    "sex": 0.85,
    "birth": 0.75,
    "address": 0.8,
    "relation": 0.8,
    "residence": 0.6,
    "tenure": 0.6,
    "organisation_name": 0.7,
    "lon": 0.7,
    "lat": 0.7,
    "train_no": 0.6,
}


def tidy(cells: Sequence[str], limit: int = 400) -> list[str]:
    """Non-empty cells in half-width, at most `limit` of them."""
    found: list[str] = []
    for cell in cells:
        text = unicodedata.normalize("NFKC", cell).strip() if cell else ""
        if text:
            found.append(text)
            if len(found) >= limit:
                break
    return found


def share(kind: str, cells: Sequence[str], *, named: bool = False) -> float:
    """Share of tidy `cells` that look like `kind`, 0..1; 0 for no cells. `named`: the header says so too, and codes
    (1 and 2 for the sexes) are then believed."""
    if not cells:
        return 0.0
    test = TESTS[kind]
    score = sum(map(test, cells)) / len(cells)
    if kind == "id_no" and score and not any(map(valid_identity, cells)):
        return score * 0.6  # eighteen digits without one right check digit: some other number
    if kind == "sex" and not named and not any(cell.lower() in SEX_WORDS for cell in cells):
        return score * 0.3
    if kind == "birth" and score:
        return score * _birth_spread(cells)
    if kind in ("relation", "flag", "sex") and len(set(cells)) > 40:
        return 0.0
    return score


def _birth_spread(cells: Sequence[str]) -> float:
    """Births spread over a life; dates of registration crowd into a few years."""
    years = sorted(int(found.group()) for cell in cells if (found := _YEAR.search(cell)))
    if len(years) < 5:
        return 0.8
    reach = years[-1 - len(years) // 20] - years[len(years) // 20]
    return 1.0 if reach > 15 else 0.5
