"""Invented people of past centuries, each written down about ten times with heavy errors; the truth apart.

Shaped after the public set of 50,578 records of 5,156 historical persons that Splink's documentation uses
(names that lose and swap their parts, pet names, titles in place of surnames, half of the fields missing).
The set itself is not here; its published profile is, and ``benchmarks.link_public`` prints both side by side.
It knows nothing of the linker. Nobody in it is real.
"""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from itertools import product
from pathlib import Path

# Counted in a public profile of the set: distinct values, share of rows filled, pairs of rows that agree.
PUBLISHED = {
    "records": 50_578,
    "people": 5_156,
    "true_pairs": 303_961,
    "full_name": (25_573, 0.999, 87_973),
    "first_and_surname": (20_479, 0.999, 262_393),
    "first_name": (4_413, 0.999, 16_372_982),
    "surname": (6_195, 0.911, 733_085),
    "dob": (8_985, 0.774, 1_549_081),
    "birth_place": (2_373, 0.863, 4_923_790),
    "postcode_fake": (12_363, 0.774, 112_172),
    "occupation": (453, 0.5, 12_573_944),
}


def _words(text: str) -> list[str]:
    return text.split()


MEN = _words(
    "william john thomas george henry james charles robert edward richard joseph arthur samuel francis frederick "
    "alfred alexander walter david daniel benjamin albert philip hugh edmund andrew peter stephen herbert ernest "
    "ralph nicholas patrick harold anthony michael matthew nathaniel christopher augustus reginald lewis percy "
    "gilbert leonard roger isaac humphrey simon sidney jonathan theodore laurence martin cecil timothy oliver"
)
WOMEN = _words(
    "mary elizabeth anne jane margaret sarah catherine frances charlotte emily florence ellen alice harriet emma "
    "louisa caroline isabella dorothy martha edith eleanor helen susan agnes lucy julia matilda rosa beatrice"
)
PETS = {
    "william": ("will", "bill", "billy", "willie"),
    "john": ("jack", "johnny", "jon"),
    "thomas": ("tom", "tommy"),
    "george": ("georgie",),
    "henry": ("harry", "hal", "hank"),
    "james": ("jim", "jimmy", "jamie"),
    "charles": ("charlie", "chuck"),
    "robert": ("bob", "rob", "bobby"),
    "edward": ("ed", "ned", "ted", "eddie"),
    "richard": ("dick", "rick", "richie"),
    "joseph": ("joe", "joey"),
    "arthur": ("art", "arty"),
    "samuel": ("sam", "sammy"),
    "francis": ("frank", "fran"),
    "frederick": ("fred", "freddie"),
    "alfred": ("alf", "fred"),
    "alexander": ("alex", "sandy", "alec"),
    "walter": ("walt", "wat"),
    "david": ("dave", "davy"),
    "daniel": ("dan", "danny"),
    "benjamin": ("ben", "benny"),
    "albert": ("bert", "al"),
    "mary": ("molly", "polly", "may"),
    "elizabeth": ("liz", "betty", "eliza", "bess"),
    "anne": ("annie", "nan", "anna"),
    "margaret": ("maggie", "peggy", "meg"),
    "sarah": ("sally", "sadie"),
    "catherine": ("kate", "kitty", "cathy"),
    "frances": ("fanny", "fran"),
    "charlotte": ("lottie",),
    "eleanor": ("nell", "nora", "ellie"),
}
FRONTS = _words(
    "hart wood ash brook black mar hal whit stan har ald wen pem thorn chad ash mor had rad win ban cal den ever fal "
    "gar hol ing kel lang mid nor oak pen quin ridge sand tal under vin wal york bar chil dun ease fair gold hey"
)
ENDS = _words(
    "well field ton ley ford worth ham by wick bury man shaw land more wood ridge stone gate dale son"
)
CALLINGS = _words(
    "politician painter writer footballer cricketer cleric botanist architect engineer lawyer actor poet "
    "physician soldier composer merchant judge historian engraver explorer chemist publisher"
)
TITLES = ("sir", "captain", "rev.", "dr.", "lord")
SUFFIXES = ("1st baronet", "2nd baronet", "1st baron", "3rd baron", "2nd earl", "1st viscount", "jr.")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HEADER = (
    "unique_id",
    "full_name",
    "first_and_surname",
    "first_name",
    "surname",
    "dob",
    "birth_place",
    "postcode_fake",
    "gender",
    "occupation",
)


def write(folder: Path, people: int = 5_156, seed: int = 1) -> tuple[Path, Path]:
    """Write ``records.csv`` and ``truth.csv`` (record_id, entity_id); returns both paths."""
    rng = random.Random(f"historical {seed}")
    world = _World(rng)
    folder.mkdir(parents=True, exist_ok=True)
    records, truth = folder / "records.csv", folder / "truth.csv"
    rows: list[tuple[str, ...]] = []
    told: list[tuple[str, str]] = []
    person = world.person()
    for number in range(people):
        # Sons and brothers of the known are known too: one name, one seat, other years.
        person = world.relative(person) if rng.random() < 0.06 else world.person()
        entity = f"Q{rng.randrange(10**8)}x{number}"
        for copy in range(1, 1 + max(1, min(22, round(rng.gauss(9.8, 5.2))))):
            key = f"{entity}-{copy}"
            rows.append((key, *world.written(person, first=copy == 1)))
            told.append((key, entity))
    rng.shuffle(rows)
    for path, header, content in ((records, HEADER, rows), (truth, ("record_id", "entity_id"), told)):
        with path.open("w", encoding="utf-8", newline="") as handle:
            out = csv.writer(handle)
            out.writerow(header)
            out.writerows(content)
    return records, truth


class _World:
    """Where people come from, and how clerks write them down."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.surnames = [a + b + c for a, b, c in product(FRONTS, ENDS, ("", "s", "e"))]
        rng.shuffle(self.surnames)
        self.places = [
            f"{a}{b}" for a, b in product(FRONTS, ("hampton", "bridge", "mouth", "chester", "stead"))
        ]
        self.places += [
            f"{place} {word}" for place in self.places for word in ("upon sea", "green", "st mary")
        ]
        rng.shuffle(self.places)
        self.callings = list(CALLINGS) + [f"{a} {b}" for a in CALLINGS for b in CALLINGS[:18] if a != b]

    def _ranked(self, values: list[str], slope: float) -> str:
        """A value by its rank, common ones first."""
        return values[min(len(values) - 1, int(len(values) * self.rng.random() ** slope))]

    def person(self) -> dict[str, object]:
        rng = self.rng
        woman = rng.random() < 0.14
        given = self._ranked(WOMEN if woman else MEN, 1.75)
        surname = self._ranked(self.surnames, 1.25)
        middles = [
            self._ranked(WOMEN if woman else MEN, 1.6) for _ in range(rng.choices((0, 1, 2), (50, 38, 12))[0])
        ]
        if middles and rng.random() < 0.25:
            middles[-1] = self._ranked(self.surnames, 1.2)
        name = [given, *middles, surname]
        kind = rng.random()
        if kind < 0.03:
            name = ["sir", *name, *rng.choice(SUFFIXES[:2]).split()]
        elif kind < 0.2:
            name = [*name, *rng.choice(SUFFIXES[2:6]).split(), self._ranked(self.surnames, 1.0)]
        elif kind < 0.25:
            name = [*name, *rng.choice(SUFFIXES[2:6]).split(), surname, "of", self._ranked(self.places, 1.2)]
        elif kind < 0.3:
            name = [rng.choice(TITLES), *name]
        year = int(rng.triangular(1590, 1905, 1860))
        born = (
            f"{year}-01-01"
            if rng.random() < 0.12
            else str(date(year, 1, 1) + timedelta(days=rng.randrange(365)))
        )
        if rng.random() < 0.035:
            born = rng.choice(("1700-01-01", "1800-01-01"))  # all that is known is the century
        return {
            "name": name,
            "given": given,
            "surname": surname,
            "born": born,
            "place": self._ranked(self.places, 2.1),
            "codes": self._codes(),
            "gender": "female" if woman else "male",
            "calling": self._ranked(self.callings, 4.5),
        }

    def relative(self, other: dict[str, object]) -> dict[str, object]:
        """Someone of the same family: surname, place and town are shared, often the given name too."""
        rng = self.rng
        person = self.person()
        for held in ("surname", "place"):
            person["name"] = [
                str(other[held]) if part == person[held] else part
                for part in person["name"]  # type: ignore[attr-defined]
            ]
            person[held] = other[held]
        if rng.random() < 0.25 and person["gender"] == other["gender"]:
            person["name"] = [
                other["given"] if part == person["given"] else part
                for part in person["name"]  # type: ignore[attr-defined]
            ]
            person["given"] = other["given"]
        area = str(other["codes"][0]).split()[0]  # type: ignore[index]
        person["codes"] = [f"{area} {str(code).split()[1]}" for code in person["codes"]]  # type: ignore[attr-defined]
        if rng.random() < 0.4:
            person["calling"] = other["calling"]
        return person

    def _codes(self) -> list[str]:
        """Postcodes that this person's records carry: most often the first, else others of the same town."""
        rng = self.rng
        area = "".join(rng.choice(LETTERS) for _ in range(rng.choice((1, 2)))) + str(rng.randrange(1, 30))
        return [f"{area} {rng.randrange(10)}{rng.choice(LETTERS)}{rng.choice(LETTERS)}" for _ in range(6)]

    def written(self, person: dict[str, object], *, first: bool) -> tuple[str, ...]:
        rng = self.rng
        name = [str(part) for part in person["name"]]  # type: ignore[attr-defined]
        given, surname = str(person["given"]), str(person["surname"])
        born, place, calling = str(person["born"]), str(person["place"]), str(person["calling"])
        codes = person["codes"]
        assert isinstance(codes, list)
        code = codes[0]
        # A careless clerk errs in everything: the faults of one record go together.
        care = 0.0 if first else rng.choice((0.1, 0.6, 1.3, 2.4))
        if not first:
            name = self._spoilt(name, given, surname, care)
            if rng.random() < 0.25:
                code = rng.choice(codes[1:])
            if rng.random() < 0.27:
                born = self._other_day(born)
            if rng.random() < 0.08:
                place = self._typed(place)
        full = " ".join(name)
        ends = name[0], name[-1] if len(name) > 1 else ""
        return (
            full,
            " ".join(part for part in ends if part),
            *ends,
            "" if rng.random() < 0.23 * care else born,
            "" if rng.random() < 0.137 else place,
            "" if rng.random() < 0.23 * care else code,
            "" if rng.random() < 0.222 else str(person["gender"]),
            "" if rng.random() < 0.5 else calling,
        )

    def _spoilt(self, name: list[str], given: str, surname: str, care: float) -> list[str]:
        rng = self.rng
        made = list(name)
        if rng.random() < 0.55:
            pet = rng.choice(PETS.get(given, (given[:3],)))
            made = [pet if part == given else part for part in made]
        # A part is left out: seldom the given name, seldom the last, often what stands between.
        kept = [
            part
            for place, part in enumerate(made)
            if rng.random() >= (care * (0.06 if place == 0 else 0.09 if part == surname else 0.3))
        ]
        made = kept or made[:1]
        made = [self._typed(part) if rng.random() < 0.15 * care else part for part in made]
        if len(made) > 1 and rng.random() < 0.03:
            made[0], made[-1] = made[-1], made[0]
        if rng.random() < 0.04 * care:
            made = made[:1]
        return made

    def _typed(self, text: str) -> str:
        """A slip: a letter more, less, another, or two in the wrong order."""
        rng = self.rng
        if len(text) < 3:
            return text
        at = rng.randrange(1, len(text) - 1)
        return rng.choice(
            (
                text[:at] + rng.choice(LETTERS) + text[at:],
                text[:at] + text[at + 1 :],
                text[:at] + rng.choice(LETTERS) + text[at + 1 :],
                text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            )
        )

    def _other_day(self, born: str) -> str:
        rng = self.rng
        kind = rng.random()
        year, month, day = born.split("-")
        if kind < 0.4:
            return f"{year}-01-01"
        if kind < 0.6:
            return f"{year}-{month}-{rng.randrange(1, 29):02d}"
        if kind < 0.8:
            return f"{int(year) + rng.choice((-10, -1, 1, 10, 2))}-{month}-{day}"
        return f"{year}-{rng.randrange(1, 13):02d}-{day}"
