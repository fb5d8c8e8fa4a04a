"""Names of organisations: place, core, legal form, branch and shop taken apart.

天津华鑫商贸有限公司, 华鑫（天津）商贸有限公司 and 华鑫商贸公司 share their core; 东丽分公司 and the company that
it belongs to do not share their branch, and neither do two shops of one brand.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wangge_engine.text.hanzi import numerals_to_digits, plain

_WORDS = tomllib.loads(files(__package__).joinpath("organisations.toml").read_text(encoding="utf-8"))
_H = "\u3400-\u9fff"
PROVINCES = tuple(sorted(_WORDS["provinces"].split(), key=len, reverse=True))
FORMS = tuple(sorted(_WORDS["forms"].split(), key=len, reverse=True))
GENERIC = frozenset(_WORDS["generic"].split())
PLACEHOLDERS = frozenset(_WORDS["placeholders"].split())
_PROVINCE = re.compile(
    f"^({'|'.join(PROVINCES)})(?:省|市(?!场)|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?"
)
_CITY = re.compile(f"^([{_H}]{{2,4}}?)(?:市(?!场|政)|自治州)")
_DISTRICT = re.compile(f"^([{_H}]{{1,4}}?)(?:(?<![小社园厂校矿库])区|县(?!城)|旗(?!舰))")
_STREET = re.compile(f"^([{_H}]{{2,4}}?)(?:街道办事处|街道|镇|乡)(?![{_H}]?(?:路|大街))")
_FORM = re.compile(f"(?:{'|'.join(map(re.escape, FORMS))})$")
_BRACKET = re.compile(r"[(\[【〔<《]([^()\[\]【】〔〕<>《》]*)[)\]】〕>》]")
_BRANCH = re.compile(
    f"([{_H}A-Z0-9]{{0,10}}?(?:分公司|分店|分院|分部|分校|分行|支行|营业部|办事处|门市部|专卖店|分理处|支公司))$"
)
_AFTER_FORM = re.compile(f"^(.*?(?:{'|'.join(map(re.escape, FORMS))}))([{_H}A-Z0-9]{{1,12}})$")
_SHOP = re.compile(r"(?:店|分店|分部|馆|点|网点|校区|院区|厂区|仓库|车间|项目部|门市)$")
_TRADE = re.compile(
    f"(?:{'|'.join(map(re.escape, sorted(_WORDS['trades'].split(), key=len, reverse=True)))})"
)
_SHORT_BRANCH = re.compile(
    f"((?:第?[一二三四五六七八九十0-9]+|[{_H}]{{2}})(?:分公司|支公司|分行|支行|营业部|办事处|门市部))$"
)
_SHOP_END = re.compile(r"(?:总店|[店铺馆行部厂社点坊])$")
_KEEP = re.compile(f"[^{_H}A-Z0-9]")
_SHORTEST_CORE = 2


@dataclass(frozen=True)
class OrganisationName:
    """A name as read. ``core``: without place, legal form and branch; ``brand``: the core before its trade;
    ``province`` and ``district`` as named in it, without suffix; ``branch``: the part that tells a branch or shop from
    its parent and its sisters; ``sound``: the core in pinyin. All empty when nothing usable was written.
    """

    clean: str
    core: str
    brand: str
    province: str
    district: str
    branch: str
    form: str
    sound: str


NO_ORGANISATION = OrganisationName("", "", "", "", "", "", "", "")


@cache
def _syllable(char: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return str(lazy_pinyin(char, style=Style.NORMAL)[0]).lower()


def parse_organisation(text: str | None, places: frozenset[str] = frozenset()) -> OrganisationName:
    """Read a name. ``places`` are names of divisions that may stand without 市, 区 or 县, learnt from other names."""
    if not text:
        return NO_ORGANISATION
    raw = re.sub(r"\s+", "", plain(text)).upper()
    clean = _KEEP.sub("", raw)
    if not clean or clean.lower() in PLACEHOLDERS or clean.isdigit():
        return NO_ORGANISATION
    body, branch, province, district, form = _brackets(raw, places)
    body = _KEEP.sub("", body)
    body, cut = _branch(body)
    branch = cut or branch
    found = _FORM.search(body)
    while found and found.start() >= _SHORTEST_CORE:
        form, body = form or found.group(), body[: found.start()]
        found = _FORM.search(body)
    core, own_province, own_district = _place(body, places)
    province, district = own_province or province, own_district or district
    if core in GENERIC or len(core) < _SHORTEST_CORE:
        core = (district or province) + core
    return OrganisationName(
        clean=clean,
        core=core,
        brand=_brand(core),
        province=province,
        district=district,
        branch=_same_numerals(_without_place(branch, places)),
        form=form,
        sound="".join(_syllable(c) for c in core),
    )


def _brand(core: str) -> str:
    trade = _TRADE.search(core, _SHORTEST_CORE)
    if trade:
        return core[: trade.start()]
    bare = _SHOP_END.sub("", core)
    return (bare if len(bare) >= _SHORTEST_CORE else core)[:4]


def read_places(text: str | None) -> tuple[str, ...]:
    """Names of city and district that a name or address writes with their suffix at its front."""
    if not text:
        return ()
    rest = _PROVINCE.sub("", re.sub(r"\s+", "", plain(text)), count=1)
    found = []
    for pattern in (_CITY, _DISTRICT):
        match = pattern.match(rest)
        if match and len(match[1]) >= _SHORTEST_CORE:
            found.append(match[1])
            rest = rest[match.end() :]
    return tuple(found)


def _brackets(raw: str, places: frozenset[str]) -> tuple[str, str, str, str, str]:
    """What stands in brackets is a place, a legal form, or a shop; the rest is the body."""
    branch = province = district = form = ""
    for inside in _BRACKET.findall(raw):
        if inside in FORMS:
            form = form or inside
            continue
        left, own_province, own_district = _place(inside, places)
        if not left:
            province, district = province or own_province, district or own_district
        elif _SHOP.search(inside) or _BRANCH.search(inside):
            branch = inside
    return _BRACKET.sub("", raw), branch, province, district, form


def _branch(body: str) -> tuple[str, str]:
    """A branch named after the company's legal form: 华鑫商贸有限公司 + 东丽分公司, 肯德基有限公司 + 万新店."""
    cut = _AFTER_FORM.match(body)
    if cut and (_BRANCH.search(cut[2]) or _SHOP.search(cut[2])):
        return cut[1], cut[2]
    short = _SHORT_BRANCH.search(body)
    if short and short.start() >= _SHORTEST_CORE:
        return body[: short.start()], short[1]
    return body, ""


def _place(text: str, places: frozenset[str]) -> tuple[str, str, str]:
    """Cut province, city, district and street off the front: (rest, province, district)."""
    province = district = ""
    match = _PROVINCE.match(text)
    if match:
        province, text = match[1], text[match.end() :]
    match = _CITY.match(text)
    if match:
        district, text = match[1], text[match.end() :]
    match = _DISTRICT.match(text)
    if match:
        district, text = match[1], text[match.end() :]
    else:
        bare = next((text[:n] for n in (4, 3, 2) if text[:n] in places and len(text) > n), "")
        if not bare and text in places:
            bare = text
        if bare:
            district, text = bare, text[len(bare) :]
    if district:
        match = _STREET.match(text)
        if match:
            text = text[match.end() :]
    return text, province, district


def _without_place(branch: str, places: frozenset[str]) -> str:
    """东丽区分公司 and 天津东丽分公司 are one branch: a branch's own place is its name, written shortly."""
    if not branch:
        return ""
    rest, province, district = _place(branch, places)
    for word in ("分公司", "分店", "店", "专卖店", "营业部", "门市部"):
        if rest == word:
            return (district or province) + ("店" if word.endswith("店") else word)
    return rest.removesuffix("分店").removesuffix("店") + "店" if rest.endswith("店") else rest


def _same_numerals(branch: str) -> str:
    return re.sub(r"第?(\d+)", r"\1", numerals_to_digits(branch))
