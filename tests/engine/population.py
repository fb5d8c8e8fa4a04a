"""Invented people as six departments would write them down, with the truth kept apart.

The error rates are those of a measured set of linkage trials: a quarter of records without identity number,
borrowed numbers, homophones, old telephones, household registers kept elsewhere, twins, neighbours of one
name. It knows nothing of the linker. Nobody in it is real.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
COMPOUND = ("欧阳", "上官", "司马", "诸葛", "皇甫")
TRANSLITERATED = (
    "阿",
    "卜",
    "杜",
    "买",
    "提",
    "艾",
    "力",
    "古",
    "丽",
    "热",
    "娜",
    "木",
    "江",
    "努",
    "尔",
    "哈",
    "拉",
    "依",
    "明",
    "玛",
    "扎",
    "吐",
    "逊",
    "麦",
    "斯",
    "布",
    "帕",
    "提",
)
TRADITIONAL = str.maketrans(
    "张刘陈杨黄赵吴孙马郑谢罗邓冯苏吕卢钟谭陆贾韦邹严龙贺顾龚邵钱华国军丽兰伟东红",
    "張劉陳楊黃趙吳孫馬鄭謝羅鄧馮蘇呂盧鍾譚陸賈韋鄒嚴龍賀顧龔邵錢華國軍麗蘭偉東紅",
)
NEAR = {"张": "章", "陈": "程", "黄": "王", "徐": "许", "余": "于", "付": "傅", "肖": "萧", "闫": "阎"}
ESTATES = (
    "海棠",
    "云锦",
    "东湖",
    "丽景",
    "金桥",
    "程林",
    "月牙",
    "华明",
    "雪莲",
    "万山",
    "顺驰",
    "香邑",
    "蓝庭",
    "宝元",
    "秋霞",
)
KINDS = ("里", "园", "家园", "花园", "公寓", "新村", "名邸", "东里", "西里", "北里")
SOURCES = ("hukou", "clinic", "housing", "visits", "social", "school")
FIELDS = ("record_id", "name", "id_no", "sex", "birth", "phone", "address", "household_ref")


@dataclass(frozen=True)
class Rates:
    """Share of records with each fault."""

    no_id: float = 0.24
    id_typo: float = 0.012
    id_borrowed: float = 0.0012
    id_15: float = 0.002
    no_birth: float = 0.23
    birth_wrong: float = 0.0095
    no_phone: float = 0.28
    phone_old: float = 0.10
    phone_shared: float = 0.096
    no_address: float = 0.094
    address_elsewhere: float = 0.074
    address_old: float = 0.024
    address_typo: float = 0.012
    name_sound: float = 0.026
    name_traditional: float = 0.008
    name_title: float = 0.003
    swapped: float = 0.003
    repeated: float = 0.032


HARSH = replace(Rates(), no_id=0.44, no_birth=0.42, no_phone=0.39, no_address=0.21)


@dataclass
class Person:
    key: int
    name: str
    sex: str
    birth: date
    id_no: str
    phone: str
    old_phone: str
    home: tuple[str, int, int, int]
    elsewhere: tuple[str, int, int, int]
    household: int


@cache
def _characters() -> list[str]:
    """The 3,755 common characters of GB 2312, which stand in the order of their sound."""
    found = []
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                found.append(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


@cache
def _by_sound() -> dict[str, list[str]]:
    from pypinyin import lazy_pinyin

    groups: dict[str, list[str]] = defaultdict(list)
    for char in _characters():
        groups[lazy_pinyin(char)[0]].append(char)
    return groups


@cache
def _sound(char: str) -> str:
    from pypinyin import lazy_pinyin

    return lazy_pinyin(char)[0]


def identity_number(rng: random.Random, birth: date, sex: str, taken: set[str]) -> str:
    """A valid number that nobody else has."""
    while (number := _identity_number(rng, birth, sex)) in taken:
        pass
    taken.add(number)
    return number


def _identity_number(rng: random.Random, birth: date, sex: str) -> str:
    area = "120110" if rng.random() < 0.6 else rng.choice(("120103", "130681", "371402", "230102", "412823"))
    order = rng.randrange(0, 500) * 2 + (1 if sex == "男" else 0)
    first = f"{area}{birth:%Y%m%d}{order:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


class Population:
    """People in households in dwellings; then their records, source by source."""

    def __init__(self, people: int, seed: int = 1, rates: Rates | None = None) -> None:
        self.rng = random.Random(seed)
        self.rates = rates or Rates()
        self.people: list[Person] = []
        self.taken: set[str] = set()
        self.homes: dict[int, list[Person]] = defaultdict(list)
        characters = _characters()
        self.given = self.rng.sample(characters, 700)
        self.given_weights = [1 / (rank + 8) for rank in range(700)]
        self.estates = [
            self.rng.choice(ESTATES) + self.rng.choice(("", "东", "南", "馨", "瑞")) + self.rng.choice(KINDS)
            for _ in range(max(3, people // 900))
        ]
        while len(self.people) < people:
            self._household(len(self.homes))

    def _phone(self) -> str:
        return (
            self.rng.choice(("130", "135", "138", "150", "158", "186", "189", "199"))
            + f"{self.rng.randrange(10**8):08d}"
        )

    def _home(self) -> tuple[str, int, int, int]:
        r = self.rng
        return (
            r.choice(self.estates),
            r.randint(1, 24),
            r.randint(1, 4),
            r.randint(1, 18) * 100 + r.randint(1, 4),
        )

    def _given(self, length: int) -> str:
        return "".join(self.rng.choices(self.given, self.given_weights, k=length))

    def _surname(self) -> str:
        if self.rng.random() < 0.006:
            return self.rng.choice(COMPOUND)
        return self.rng.choices(SURNAMES, [1 / (i + 4) for i in range(len(SURNAMES))])[0]

    def _person(
        self,
        surname: str,
        born: int,
        sex: str,
        home: tuple[str, int, int, int],
        household: int,
        *,
        given: str = "",
        birth: date | None = None,
    ) -> Person:
        r = self.rng
        birth = birth or date(born, 1, 1) + timedelta(days=r.randrange(365))
        name = surname + (given or self._given(1 if r.random() < 0.22 else 2))
        if r.random() < 0.01:
            name = (
                "".join(r.choices(TRANSLITERATED, k=r.randint(3, 5)))
                + "·"
                + "".join(r.choices(TRANSLITERATED, k=r.randint(2, 4)))
            )
        found = Person(
            len(self.people),
            name,
            sex,
            birth,
            identity_number(r, birth, sex, self.taken),
            self._phone(),
            self._phone(),
            home,
            self._home(),
            household,
        )
        self.people.append(found)
        self.homes[household].append(found)
        return found

    def _household(self, number: int) -> None:
        r = self.rng
        home, surname = self._home(), self._surname()
        kind = r.random()
        born = r.randint(1940, 1998)
        if kind < 0.22:
            self._person(surname, born, r.choice("男女"), home, number)
            return
        generation = self._given(1) if r.random() < 0.5 else ""
        head = self._person(surname, born, "男", home, number)
        self._person(self._surname(), born + r.randint(-4, 5), "女", home, number)
        for _ in range(r.choices((0, 1, 2, 3), (25, 45, 24, 6))[0]):
            self._person(
                surname,
                min(2021, born + r.randint(22, 36)),
                r.choice("男女"),
                home,
                number,
                given=generation + self._given(1) if generation else "",
            )
        if r.random() < 0.012:  # twins
            birth = date(min(2021, born + 27), 1, 1) + timedelta(days=r.randrange(365))
            for _ in range(2):
                self._person(
                    surname,
                    0,
                    r.choice("男女"),
                    home,
                    number,
                    given=(generation or "小") + self._given(1),
                    birth=birth,
                )
        if r.random() < 0.15:
            self._person(
                surname if r.random() < 0.6 else self._surname(),
                born - r.randint(22, 34),
                r.choice("男女"),
                home,
                number,
            )
        if r.random() < 0.02:  # a neighbour of one name
            near = (home[0], home[1], r.randint(1, 4), r.randint(1, 18) * 100 + r.randint(1, 4))
            other = self._person(head.name, r.randint(1945, 1999), r.choice("男女"), near, number + 10**7)
            other.name = head.name

    def records(self) -> Iterator[tuple[str, int, dict[str, str]]]:
        """(source, person, record) in a shuffled order."""
        r = self.rng
        rows = []
        for person in self.people:
            for source in r.sample(SOURCES, r.choices((1, 2, 3, 4, 5), (10, 22, 34, 24, 10))[0]):
                for _ in range(2 if r.random() < self.rates.repeated else 1):
                    rows.append((source, person.key, self._record(person, source)))
        r.shuffle(rows)
        for index, (source, key, row) in enumerate(rows):
            row["record_id"] = f"{source[0]}{index:07d}"
            yield source, key, row

    def _record(self, p: Person, source: str) -> dict[str, str]:
        r, rates = self.rng, self.rates
        row = {
            "name": self._name(p.name),
            "id_no": self._id_no(p),
            "sex": p.sex if r.random() < 0.93 else "",
            "birth": self._birth(p.birth),
            "phone": self._phone_of(p),
            "address": self._address(p),
            "household_ref": str(p.household) if source in ("hukou", "visits") and r.random() < 0.9 else "",
        }
        if r.random() < rates.name_title:
            row["name"] = p.name[0] + ("先生" if p.sex == "男" else "女士")
        if row["id_no"] and r.random() < rates.swapped:
            row["name"], row["id_no"] = row["id_no"], row["name"]
        return row

    def _name(self, name: str) -> str:
        r, rates = self.rng, self.rates
        x = r.random()
        if x < rates.name_sound:
            at = r.randrange(len(name))
            if name[at] in NEAR and r.random() < 0.3:
                return name[:at] + NEAR[name[at]] + name[at + 1 :]
            same = _by_sound().get(_sound(name[at]), [name[at]])
            return name[:at] + r.choice(same) + name[at + 1 :]
        if x < rates.name_sound + rates.name_traditional:
            return name.translate(TRADITIONAL)
        if "·" in name and r.random() < 0.4:
            return name.replace("·", "") if r.random() < 0.7 else name.partition("·")[0]
        return name if r.random() > 0.01 else " ".join(name)

    def _id_no(self, p: Person) -> str:
        r, rates = self.rng, self.rates
        if r.random() < rates.no_id:
            return ""
        x = r.random()
        if x < rates.id_typo:
            at = r.randrange(16)
            if r.random() < 0.4:
                return p.id_no[:at] + p.id_no[at + 1] + p.id_no[at] + p.id_no[at + 2 :]
            return p.id_no[:at] + str(r.randrange(10)) + p.id_no[at + 1 :]
        if x < rates.id_typo + rates.id_borrowed:
            return r.choice(self.homes[p.household]).id_no
        if x < rates.id_typo + rates.id_borrowed + rates.id_15 and p.birth.year < 2000:
            return p.id_no[:6] + p.id_no[8:17]
        if x > 0.98:
            return p.id_no.lower().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        return p.id_no

    def _birth(self, birth: date) -> str:
        r, rates = self.rng, self.rates
        if r.random() < rates.no_birth:
            return ""
        if r.random() < rates.birth_wrong:
            kind = r.random()
            if kind < 0.35:
                birth = birth.replace(month=1, day=1)
            elif kind < 0.65:
                birth = birth - timedelta(days=r.randint(20, 50))
            elif birth.day <= 12:
                birth = birth.replace(month=birth.day, day=birth.month)
            else:
                birth = birth + timedelta(days=r.randint(1, 900))
        return r.choice(
            (
                f"{birth:%Y-%m-%d}",
                f"{birth:%Y%m%d}",
                f"{birth.year}年{birth.month}月{birth.day}日",
                f"{birth.year}/{birth.month}/{birth.day}",
            )
        )

    def _phone_of(self, p: Person) -> str:
        r, rates = self.rng, self.rates
        if r.random() < rates.no_phone:
            return ""
        x = r.random()
        phone = p.phone
        if x < rates.phone_old:
            phone = p.old_phone
        elif x < rates.phone_old + rates.phone_shared:
            phone = r.choice(self.homes[p.household]).phone
        return r.choice(
            (
                phone,
                phone,
                phone,
                "+86" + phone,
                f"{phone[:3]} {phone[3:7]} {phone[7:]}",
                f"{phone[:3]}-{phone[3:7]}-{phone[7:]}",
            )
        )

    def _address(self, p: Person) -> str:
        r, rates = self.rng, self.rates
        if r.random() < rates.no_address:
            return ""
        x = r.random()
        home = p.home
        if x < rates.address_elsewhere:
            home = p.elsewhere
        elif x < rates.address_elsewhere + rates.address_old:
            home = self._home()
        elif x < rates.address_elsewhere + rates.address_old + rates.address_typo:
            home = (home[0], home[1], home[2], home[3] + r.choice((1, -1, 100, 10)))
        e, b, u, n = home
        text = r.choice(
            (
                f"{e}{b}号楼{u}单元{n}",
                f"{e}{b}号楼{u}单元{n}室",
                f"{e}{b}-{u}-{n}",
                f"{e}{b}栋{u}门{n}",
                f"{e}小区{b}号楼{u}门{n}号",
                f"{e}{b}#{u}-{n}",
                f"{e}{b}号楼{u}单元{n // 100}层{n % 100}号",
                f"{e}{b}号楼{n}",
            )
        )
        return r.choice(("", "", "东丽区", "天津市东丽区", "天津市东丽区万新街道")) + text


def write(folder: Path, population: Population) -> dict[str, Path]:
    """One CSV per source and ``truth.csv``; returns the sources' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[dict[str, str]]] = {source: [] for source in SOURCES}
    truth = []
    for source, key, row in population.records():
        rows[source].append(row)
        truth.append((row["record_id"], source, key))
    for source, held in rows.items():
        with (folder / f"{source}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, FIELDS)
            writer.writeheader()
            writer.writerows(held)
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("record_id", "source", "entity_id"))
        writer.writerows(truth)
    return {source: folder / f"{source}.csv" for source in SOURCES}
