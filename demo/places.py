"""Estates, buildings and dwellings of a tiling, and how an address is written by each department."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from demo.scales import CITY_NAME, DISTRICT_NAME
from demo.tiling import GridPlan, Rect, Tiling, split

_FIRST = "锦瑞嘉康泰和祥福安荣华丰盛景明秀清雅翠金玉龙凤紫云海天星月阳春秋枫桂兰竹梅松柏荷莲碧绿蓝滨江湖河港湾岭峰林园庭"
_SECOND = "华泰祥瑞和顺康宁安盛丰达兴旺悦欣怡馨雅致远景澜庭轩苑阁汇城都府邸湾堤岸溪泉林森海天月辰星阳晖晨曦"
_TAILS = (
    "里",
    "园",
    "家园",
    "花园",
    "公寓",
    "苑",
    "轩",
    "新村",
    "名邸",
    "新苑",
    "雅居",
    "南里",
    "北里",
    "东里",
    "西里",
)
_VILLAGE_PARTS = ("", "东区", "西区", "南区", "北区", "新区", "一区", "二区", "三区", "四区", "五区", "六区")

OCCUPANCY = 0.93


@dataclass(frozen=True)
class Places:
    """Tables by row number: `estates` (name, grid, is_village), `buildings`, `dwellings`."""

    tiling: Tiling
    estates: pl.DataFrame
    buildings: pl.DataFrame
    dwellings: pl.DataFrame
    institutions: pl.DataFrame


def _stem(grid: GridPlan) -> str | None:
    """The estate a community is named after, where its name is one."""
    name = grid.community.short_name.removesuffix("社区")
    if any(mark in name for mark in "第（园区期团") and not name.endswith("园"):
        return None
    return name if len(name) <= 6 else None


def _estate_names(rng: np.random.Generator, taken: set[str]) -> list[str]:
    pairs = [a + b for a in _FIRST for b in _SECOND if a != b]
    names = [
        pairs[i] + _TAILS[int(t)]
        for i, t in zip(rng.permutation(len(pairs)), rng.integers(0, len(_TAILS), len(pairs)), strict=True)
    ]
    return [name for name in names if name not in taken]


def _building_shapes(rng: np.random.Generator, style: str, wanted: int) -> list[tuple[int, int, int]]:
    """(units, floors, doors a floor) of each building until the wanted number of dwellings is reached."""
    shapes: list[tuple[int, int, int]] = []
    while wanted > 0:
        if style == "village":
            shape = (1, 1, int(rng.integers(8, 15)))
        elif style == "high":
            shape = (int(rng.integers(1, 3)), int(rng.integers(11, 27)), int(rng.integers(2, 5)))
        else:
            shape = (int(rng.integers(2, 6)), 6, 2 if rng.random() < 0.75 else 3)
        size = shape[0] * shape[1] * shape[2]
        if size > wanted * 1.3 and style != "village":
            shape = (max(1, round(wanted / (shape[1] * shape[2]))), shape[1], shape[2])
            size = shape[0] * shape[1] * shape[2]
            if size > wanted * 1.6:
                shape = (1, max(4, round(wanted / shape[2])), shape[2])
                size = shape[1] * shape[2]
        shapes.append(shape)
        wanted -= size
    return shapes


def build(rng: np.random.Generator, tiling: Tiling, households: np.ndarray) -> Places:
    """Fill every base grid with estates that hold its households with a few dwellings to spare.

    `households`: how many households each grid of `tiling.grids` will hold (0 in exclusive grids).
    """
    stems = {s for g in tiling.grids if (s := _stem(g)) is not None}
    fresh = iter(_estate_names(rng, stems))
    used: set[str] = set()
    estates: list[tuple[str, int, bool]] = []
    buildings: list[tuple[int, int, int, int, int, int, int, int, float, float]] = []
    for g, (grid, count) in enumerate(zip(tiling.grids, households, strict=True)):
        if count == 0:
            continue
        parts = 1 if grid.community.is_village else int(rng.choice([1, 2, 3], p=[0.45, 0.4, 0.15]))
        shares = rng.dirichlet(np.full(parts, 6.0))
        wanted = int(np.ceil(count / OCCUPANCY))
        for i, rect in enumerate(split(grid.rect, list(shares), 1.0)):
            estate = len(estates)
            estates.append((_estate_name(grid, i, used, fresh), g, grid.community.is_village))
            style = "village" if grid.community.is_village else ("high" if rng.random() < 0.4 else "multi")
            shapes = _building_shapes(rng, style, int(np.ceil(wanted * shares[i])))
            cells = _spread(rect, len(shapes))
            for number, ((units, floors, doors), (x, y)) in enumerate(
                zip(shapes, cells, strict=True), start=1
            ):
                dx, dy = rng.uniform(-0.55, 0.55, 2)
                buildings.append((estate, g, number, units, floors, doors, x, y, dx, dy))
    table = pl.DataFrame(
        buildings,
        schema=["estate", "grid", "number", "units", "floors", "doors", "x", "y", "dx", "dy"],
        orient="row",
    )
    points = tiling.inside(*(table[c].to_numpy() for c in ("x", "y", "dx", "dy")))
    table = table.drop("x", "y", "dx", "dy").with_columns(lon=points[:, 0], lat=points[:, 1])
    estate_table = pl.DataFrame(estates, schema=["name", "grid", "is_village"], orient="row")
    return Places(tiling, estate_table, table, _dwellings(table, estate_table), _institutions(rng, tiling))


def _estate_name(grid: GridPlan, part: int, used: set[str], fresh: Iterator[str]) -> str:
    stem = _stem(grid)
    if grid.community.is_village:
        for tail in _VILLAGE_PARTS:
            if (stem or grid.community.short_name) + tail not in used:
                name = (stem or grid.community.short_name) + tail
                used.add(name)
                return name
    if part == 0 and stem is not None and stem not in used:
        used.add(stem)
        return stem
    return next(fresh)


def _spread(rect: Rect, count: int) -> list[tuple[int, int]]:
    """Cells for buildings, spread evenly over the rectangle row by row."""
    cells = [(x, y) for y in range(rect.y1 - 1, rect.y0 - 1, -1) for x in range(rect.x0, rect.x1)]
    return [cells[int(i * len(cells) / count)] for i in range(count)]


def _dwellings(buildings: pl.DataFrame, estates: pl.DataFrame) -> pl.DataFrame:
    """One row per dwelling in building order: building, estate, grid, unit, floor, door, room."""
    size = (buildings["units"] * buildings["floors"] * buildings["doors"]).to_numpy()
    row = np.repeat(np.arange(len(size)), size)
    within = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    floors = buildings["floors"].to_numpy()[row]
    doors = buildings["doors"].to_numpy()[row]
    unit, rest = np.divmod(within, floors * doors)
    floor, door = np.divmod(rest, doors)
    village = estates["is_village"].to_numpy()[buildings["estate"].to_numpy()[row]]
    return pl.DataFrame(
        {
            "building": row,
            "estate": buildings["estate"].to_numpy()[row],
            "grid": buildings["grid"].to_numpy()[row],
            "number": buildings["number"].to_numpy()[row],
            "unit": unit + 1,
            "floor": floor + 1,
            "room": np.where(village, door + 1, (floor + 1) * 100 + door + 1),
            "village": village,
        }
    )


def _institutions(rng: np.random.Generator, tiling: Tiling) -> pl.DataFrame:
    """Buildings of the exclusive grids."""
    nouns = {
        "government": ("街道办事处", "政务服务中心", "园区管理委员会", "行政服务大厅"),
        "school": ("小学", "中学", "实验学校", "职业技术学院"),
        "hospital": ("医院", "社区卫生服务中心", "中医医院"),
        "mall": ("购物中心", "生活广场", "商业城"),
    }
    rows = []
    for g, grid in enumerate(tiling.grids):
        if grid.kind == "base":
            continue
        stem = grid.community.short_name.removesuffix("社区").removeprefix("天津市").removeprefix("天津")
        noun = nouns[grid.use][int(rng.integers(0, len(nouns[grid.use])))]
        name = stem if grid.community.is_virtual and grid.use == "school" else stem + noun
        for number, (x, y) in enumerate(_spread(grid.rect, int(rng.integers(2, 5))), start=1):
            dx, dy = rng.uniform(-0.5, 0.5, 2)
            rows.append((name, g, grid.use, number, int(rng.integers(2, 9)), x, y, dx, dy))
    table = pl.DataFrame(
        rows, schema=["name", "grid", "use", "number", "floors", "x", "y", "dx", "dy"], orient="row"
    )
    points = tiling.inside(*(table[c].to_numpy() for c in ("x", "y", "dx", "dy")))
    return table.drop("x", "y", "dx", "dy").with_columns(lon=points[:, 0], lat=points[:, 1])


class AddressBook:
    """Addresses of dwellings in each department's manner; a style is written once for all dwellings and looked up."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._written: dict[str, pl.Series] = {}
        grids = places.tiling.grids
        communities = pl.DataFrame(
            {
                "street": [g.community.street_name for g in grids],
                "community": [g.community.short_name for g in grids],
            }
        )
        d = places.dwellings
        self._parts = d.select(
            pl.Series("street", communities["street"].gather(d["grid"])),
            pl.Series("community", communities["community"].gather(d["grid"])),
            pl.Series("estate", places.estates["name"].gather(d["estate"])),
            pl.col("number").cast(pl.String).alias("b"),
            pl.col("unit").cast(pl.String).alias("u"),
            pl.col("room").cast(pl.String).alias("r"),
            "village",
        )

    def part(self, name: str, rows: pl.Series) -> pl.Series:
        """One component (street, community, estate, b, u, r, village) of some dwellings; null where unknown."""
        return self._parts[name].gather(rows)

    def write(self, style: str, rows: pl.Series) -> pl.Series:
        """Addresses of the dwellings in `rows` (null stays null); styles: :data:`STYLES`."""
        if style not in self._written:
            b, u, r, e = pl.col("b"), pl.col("u"), pl.col("r"), pl.col("estate")
            flat, house = STYLES[style]
            env = {
                "b": b,
                "u": u,
                "r": r,
                "estate": e,
                "street": pl.col("street"),
                "community": pl.col("community"),
            }
            self._written[style] = self._parts.select(
                pl.when("village").then(_template(house, env)).otherwise(_template(flat, env))
            ).to_series()
        return self._written[style].gather(rows)


# style -> (flat, house in a village); {estate} {b}uilding {u}nit {r}oom
STYLES = {
    "full": (
        CITY_NAME + DISTRICT_NAME + "{street}{community}{estate}{b}号楼{u}单元{r}室",
        CITY_NAME + DISTRICT_NAME + "{street}{estate}{b}排{r}号",
    ),
    "dash": ("{estate}{b}-{u}-{r}", "{estate}{b}-{r}"),
    "block": ("{estate}小区{b}栋{u}单元{r}", "{estate}{b}排{r}号"),
    "gate": (DISTRICT_NAME + "{estate}{b}栋{u}门{r}", DISTRICT_NAME + "{estate}{b}排{r}号"),
    "plain": ("{estate}{b}号楼{u}单元{r}室", "{estate}{b}排{r}号"),
    "hash": ("{estate}{b}#{u}-{r}", "{estate}{b}排{r}"),
}


def _template(text: str, env: dict[str, pl.Expr]) -> pl.Expr:
    pieces: list[pl.Expr] = []
    for chunk in text.replace("{", "\0{").replace("}", "}\0").split("\0"):
        if chunk.startswith("{"):
            pieces.append(env[chunk[1:-1]])
        elif chunk:
            pieces.append(pl.lit(chunk))
    return pl.concat_str(pieces)
