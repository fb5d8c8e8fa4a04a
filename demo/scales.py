"""The three published scales of the demo and the communities each covers."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

AS_OF = date(2026, 11, 1)
DISTRICT = "120110"
DISTRICT_NAME = "东丽区"
CITY_NAME = "天津市"
DIVISIONS = Path(__file__).resolve().parent.parent / "contracts" / "divisions"


@dataclass(frozen=True)
class Scale:
    """How many people and grids, and the box (west, south, east, north; degrees WGS-84) they fill."""

    name: str
    people: int
    base_grids: int
    exclusive_grids: int
    prefixes: tuple[str, ...]
    box: tuple[float, float, float, float]


SCALES = {
    "village": Scale("village", 2_000, 3, 3, ("120110003020",), (117.3280, 39.1180, 117.3385, 39.1255)),
    "town": Scale(
        "town",
        100_000,
        150,
        12,
        ("120110001", "120110002", "120110003"),
        (117.3050, 39.0950, 117.3750, 39.1500),
    ),
    "district": Scale("district", 710_000, 1_064, 83, ("120110",), (117.3000, 39.0000, 117.5000, 39.2000)),
}


@dataclass(frozen=True)
class Community:
    """One official community or village committee; `code` has 12 digits."""

    code: str
    name: str
    street_code: str
    street_name: str

    @property
    def is_village(self) -> bool:
        """A village committee (村委会): farm houses in rows, no estates."""
        return self.name.endswith("村委会")

    @property
    def is_virtual(self) -> bool:
        """A campus or zone without homes: its grids are all exclusive."""
        return "虚拟" in self.name or "大学社区" in self.name[-5:] or "学院社区" in self.name

    @property
    def short_name(self) -> str:
        """The name as addresses write it: 嘉春园社区, 南坨村."""
        for tail in ("社区居民委员会", "社区居委会", "社区"):
            if self.name.endswith(tail):
                return self.name.removesuffix(tail) + "社区"
        if self.is_village:
            return self.name.removesuffix("村委会").removesuffix("村") + "村"
        return self.name.removesuffix("居委会") + "社区"


def communities_of(scale: Scale) -> list[Community]:
    """The official communities a scale covers, by code."""
    with (DIVISIONS / "communities.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["code12"].startswith(scale.prefixes)]
    return [Community(r["code12"], r["name"], r["street9"] + "000", r["street_name"]) for r in rows]
