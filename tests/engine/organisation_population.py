"""Invented organisations as six lists would write them down, with the truth kept apart.

Business register, tax, food licences, property management, social insurance, grid visits: each leaves out and misspells
what such lists do. Chains with shops, branches, one owner's sister firms, one name in two districts, renamed companies,
agencies whose telephone and address serve dozens. It knows nothing of the linker. Nothing in it is real.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.engine.population import ESTATES, SURNAMES, TRADITIONAL, _by_sound, _characters, _sound

LISTS = ("business", "tax", "licence", "property", "insurance", "visits")
FIELDS = ("record_id", "name", "credit_code", "address", "legal_person", "phone", "kind")
_WORDS = "华鑫盛达恒通瑞丰永兴海河津滨联创远大中天博宇宏泰金源东方佳和诚信立德智汇蓝天绿源众合航雅顺凯旋"
_TRADES = (
    "商贸",
    "物流",
    "机械制造",
    "电子科技",
    "餐饮管理",
    "建筑工程",
    "物业服务",
    "食品",
    "汽车配件",
    "教育咨询",
    "家政服务",
    "广告传媒",
)
_SHOPS = (
    "便利店",
    "超市",
    "烟酒店",
    "面馆",
    "理发店",
    "药店",
    "五金店",
    "水果店",
    "早点铺",
    "洗车行",
    "饭店",
    "小吃店",
)
_CHAINS = ("津味多", "百佳乐", "麦香园", "康泽堂", "小天鹅", "快客来")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Faults:
    """Share of rows with each fault, by list where lists differ."""

    no_code: tuple[float, ...] = (0.03, 0.04, 0.25, 0.65, 0.05, 0.5)
    no_phone: tuple[float, ...] = (0.15, 0.2, 0.2, 0.15, 0.25, 0.2)
    no_person: tuple[float, ...] = (0.01, 0.1, 0.1, 0.5, 0.25, 0.3)
    no_address: tuple[float, ...] = (0.02, 0.08, 0.03, 0.05, 0.3, 0.02)
    signboard: tuple[float, ...] = (0.0, 0.01, 0.15, 0.4, 0.01, 0.4)
    code_slip: float = 0.015
    code_old: float = (
        0.07  # organisation code or tax number or registration number, in licence, tax and property
    )
    code_of_parent: float = 0.1  # of rows about branches
    old_phone: float = 0.1
    old_person: float = 0.05
    sound: float = 0.015
    traditional: float = 0.01
    one_character: float = 0.01
    old_name: float = 0.3  # of rows about renamed ones outside the register
    premises: float = 0.25  # registered in one place, working in another


def organisation_code(rng: random.Random) -> str:
    first = "MA" + "".join(rng.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=6)) if rng.random() < 0.7 else ""
    first = first or f"{rng.randrange(10**8):08d}"
    total = sum(int(c, 36) * w for c, w in zip(first, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return first + "0123456789X"[-total % 11]


def credit_code(rng: random.Random, kind: str, area: str = "120110") -> str:
    first = kind + area + organisation_code(rng)
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    return first + _ALPHABET[-sum(_ALPHABET.index(c) * w for c, w in zip(first, weights, strict=True)) % 31]


def registration_number(rng: random.Random) -> str:
    first = f"1201100{rng.randrange(10**7):07d}"
    product = 10
    for digit in first:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return first + str((11 - product) % 10)


@dataclass
class Body:
    """One organisation. ``parent``: whose branch or shop it is."""

    key: int
    name: str
    sign: str
    kind: str
    code: str
    registration: str
    person: str
    phone: str
    home: str
    works: str
    parent: Body | None = None
    before: str = ""


class Organisations:
    def __init__(self, size: int, seed: int = 1, faults: Faults | None = None) -> None:
        self.rng = random.Random(seed)
        self.faults = faults or Faults()
        self.bodies: list[Body] = []
        self.given = self.rng.sample(_characters(), 400)
        self.agencies = [(self._phone(), self._address()) for _ in range(max(1, size // 400))]
        self.used: set[str] = set()
        while len(self.bodies) < size:
            self._make()

    def _phone(self) -> str:
        r = self.rng
        if r.random() < 0.4:
            return f"022-{r.randrange(24_300_000, 24_999_999)}"
        return r.choice(("130", "135", "138", "150", "186")) + f"{r.randrange(10**8):08d}"

    def _person(self) -> str:
        r = self.rng
        return r.choices(SURNAMES, [1 / (i + 4) for i in range(len(SURNAMES))])[0] + "".join(
            r.choices(self.given, k=r.choice((1, 2, 2, 2)))
        )

    def _address(self) -> str:
        r = self.rng
        if r.random() < 0.5:
            road = r.choice(("津塘", "跃进", "先锋", "利津", "栖霞", "登州", "雪莲", "成林"))
            return f"{road}{r.choice(('路', '道', '街'))}{r.randint(1, 260)}号"
        return f"{r.choice(ESTATES)}{r.choice(('里', '园', '公寓'))}{r.randint(1, 24)}号楼{r.choice(('', '底商'))}{r.randint(101, 130)}"

    def _core(self) -> str:
        r = self.rng
        return "".join(r.sample(_WORDS, r.choice((2, 2, 3))))

    def _body(self, name: str, sign: str, kind: str, **given: object) -> Body:
        r = self.rng
        phone, home = self._phone(), self._address()
        if kind == "有限责任公司" and r.random() < 0.12:
            agency = r.choice(self.agencies)
            home = agency[1] + (f"-{r.randint(1, 400)}" if r.random() < 0.4 else "")
            phone = agency[0] if r.random() < 0.7 else phone
        prefix = {"个体工商户": "92", "事业单位": "12"}.get(kind, "91")
        works = self._address() if r.random() < self.faults.premises else home
        made = Body(
            len(self.bodies), name, sign, kind, credit_code(r, prefix), registration_number(r), self._person(), phone,
            home, works,
        )  # fmt: skip
        for field, value in given.items():
            setattr(made, field, value)
        self.bodies.append(made)
        self.used.add(name)
        return made

    def _make(self) -> None:
        r = self.rng
        x = r.random()
        if x < 0.42:
            person, shop = self._person(), r.choice(_SHOPS)
            core = r.choice(
                (f"{person[0]}记", f"老{person[0]}", self._core(), person[1:] or person, self._core())
            )
            name = f"天津市东丽区{core}{shop}"
            name += "（个体工商户）" if r.random() < 0.3 else ""
            self._body(
                name, core + r.choice((shop, shop, "店", r.choice(_SHOPS))), "个体工商户", person=person
            )
        elif x < 0.80:
            core, trade = self._core(), r.choice(_TRADES)
            place = r.choice(("天津", "天津", "天津市", "天津市东丽区"))
            if core + trade in self.used:  # one name of one trade is registered once
                return
            self.used.add(core + trade)
            first = self._body(f"{place}{core}{trade}有限公司", core + trade, "有限责任公司")
            if r.random() < 0.08:
                first.before = f"天津{self._core()}{trade}有限公司"
            if r.random() < 0.10:  # the owner's second firm, at one address
                other = r.choice([t for t in _TRADES if t != trade])
                self.used.add(core + other)
                self._body(
                    f"天津{core}{other}有限公司", core + other, "有限责任公司", person=first.person,
                    phone=first.phone if r.random() < 0.7 else self._phone(), home=first.home, works=first.works,
                )  # fmt: skip
            if r.random() < 0.04:  # the same name, from another province
                far = r.choice(("河北", "山东", "北京"))
                self._body(f"{far}{core}{trade}有限公司", core + trade, "有限责任公司")
            for n in range(r.choice((1, 1, 2)) if r.random() < 0.08 else 0):
                tail = (
                    r.choice(("东丽分公司", "第一分公司", "第二分公司", "滨海分公司"))
                    if not n
                    else "第三分公司"
                )
                self._body(
                    first.name + tail, first.sign + tail, "分公司", parent=first,
                    phone=first.phone if r.random() < 0.3 else self._phone(),
                    person=first.person if r.random() < 0.4 else self._person(),
                )  # fmt: skip
        elif x < 0.90:
            brand = r.choice(_CHAINS)
            owner, phone = self._person(), self._phone()
            for _ in range(r.randint(1, 4)):
                spot = r.choice(ESTATES) + r.choice(("", "南", "北", "路"))
                name = f"天津{brand}餐饮管理有限公司{spot}店"
                if name not in self.used:
                    self._body(
                        name,
                        f"{brand}（{spot}店）",
                        "分公司",
                        person=owner,
                        phone=phone if r.random() < 0.4 else self._phone(),
                    )
        else:
            name = r.choice(ESTATES) + r.choice(
                ("中学", "小学", "幼儿园", "养老院", "社区卫生服务中心", "居委会")
            )
            if f"天津市东丽区{name}" not in self.used:
                self._body(f"天津市东丽区{name}", name, "事业单位")

    def records(self) -> Iterator[tuple[str, int, dict[str, str]]]:
        r = self.rng
        rows = []
        for body in self.bodies:
            for at in sorted(r.sample(range(6), r.choices((1, 2, 3, 4, 5), (12, 24, 32, 22, 10))[0])):
                for _ in range(2 if r.random() < 0.03 else 1):
                    rows.append((LISTS[at], body.key, self._record(body, at)))
        r.shuffle(rows)
        for number, (source, key, row) in enumerate(rows):
            row["record_id"] = f"{source[0]}{number:07d}"
            yield source, key, row

    def _record(self, body: Body, at: int) -> dict[str, str]:
        r, f = self.rng, self.faults
        source = LISTS[at]
        home = body.home if source in ("business", "tax", "insurance") else body.works
        person = body.person if r.random() >= f.old_person else self._person()
        if r.random() < f.sound:
            person = person[:-1] + r.choice(_by_sound().get(_sound(person[-1]), [person[-1]]))
        phone = body.phone if r.random() >= f.old_phone else self._phone()
        return {
            "name": self._name(body, at),
            "credit_code": self._code(body, at),
            "address": "" if r.random() < f.no_address[at] else self._written(home),
            "legal_person": "" if r.random() < f.no_person[at] else person,
            "phone": "" if r.random() < f.no_phone[at] else r.choice((phone, phone, phone.replace("-", ""))),
            "kind": body.kind if r.random() < 0.7 else "",
        }

    def _written(self, address: str) -> str:
        r = self.rng
        return r.choice(("", "", "东丽区", "天津市东丽区", "天津市东丽区万新街道")) + r.choice(
            (
                address,
                address,
                address.replace("号楼", "-").replace("底商", ""),
                address + ("室" if address[-1].isdigit() and "楼" in address else ""),
            )
        )

    def _name(self, body: Body, at: int) -> str:
        r, f = self.rng, self.faults
        name = body.name
        if body.before and at and r.random() < f.old_name:
            name = body.before
        elif r.random() < f.signboard[at]:
            name = body.sign
        x = r.random()
        if x < 0.08:
            name = name.replace("天津市东丽区", r.choice(("", "东丽区", "天津", "天津市"))) or name
        elif x < 0.16 and name.startswith("天津") and not name.startswith("天津市"):
            rest = name.removeprefix("天津")
            name = r.choice((rest, "天津市" + rest, rest[:2] + "（天津）" + rest[2:], "天津市东丽区" + rest))
        elif x < 0.22:
            name = r.choice(
                (
                    name.replace("有限公司", "公司"),
                    name.replace("有限公司", "有限责任公司"),
                    name.replace("有限公司", "", 1),
                )
            )
        if r.random() < f.one_character and len(name) > 6:
            at = r.randrange(2, len(name) - 2)
            name = name[:at] + r.choice(
                (
                    name[at + 1] + name[at] + name[at + 2 :],
                    name[at + 1 :],
                    r.choice(_characters()) + name[at + 1 :],
                )
            )
        elif r.random() < f.sound:
            at = r.randrange(len(name))
            name = name[:at] + r.choice(_by_sound().get(_sound(name[at]), [name[at]])) + name[at + 1 :]
        if r.random() < f.traditional:
            name = name.translate(TRADITIONAL)
        return " ".join((name[:2], name[2:])) if r.random() < 0.01 else name

    def _code(self, body: Body, at: int) -> str:
        r, f = self.rng, self.faults
        if r.random() < f.no_code[at]:
            return r.choice(("", "", "", "无"))
        code = body.code
        if body.parent is not None and r.random() < f.code_of_parent:
            code = body.parent.code
        x = r.random()
        if LISTS[at] in ("tax", "licence", "property") and x < f.code_old:
            inside = code[8:17]
            return r.choice(
                (f"{inside[:8]}-{inside[8]}", inside, code[2:17], body.registration, body.registration)
            )
        if x > 1 - f.code_slip:
            at = r.randrange(17)
            if r.random() < 0.5:
                return code[:at] + code[at + 1] + code[at] + code[at + 2 :]
            return code[:at] + r.choice(_ALPHABET) + code[at + 1 :]
        return r.choice((code, code, code, code, code.lower(), f"{code[:8]} {code[8:]}"))


def write(folder: Path, organisations: Organisations) -> dict[str, Path]:
    """One CSV per list and ``truth.csv``; returns the lists' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[dict[str, str]]] = {source: [] for source in LISTS}
    truth = []
    for source, key, row in organisations.records():
        rows[source].append(row)
        truth.append((row["record_id"], source, f"O{key}"))
    for source, held in rows.items():
        with (folder / f"{source}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, FIELDS)
            writer.writeheader()
            writer.writerows(held)
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("record_id", "source", "entity_id"))
        writer.writerows(truth)
    return {source: folder / f"{source}.csv" for source in LISTS}
