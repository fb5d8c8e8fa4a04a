"""A planar tiling: streets, communities and grids as rectangles of one bent lattice.

Every border runs along lattice edges and every polygon carries all lattice vertices on its ring, so neighbours share
their vertices exactly, also where one long border meets two short ones: no gap, no overlap, no sliver.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from demo.scales import Community, Scale

CELLS_PER_GRID = 36
EXCLUSIVE_AREA = 0.4
DECIMALS = 7


@dataclass(frozen=True)
class Rect:
    """Lattice cells x0 <= x < x1, y0 <= y < y1; y grows to the north."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Cells from west to east."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Cells from south to north."""
        return self.y1 - self.y0


@dataclass(frozen=True)
class GridPlan:
    """One grid of the tiling; `use` is residential for a base grid."""

    code: str
    name: str
    kind: str
    use: str
    community: Community
    rect: Rect
    share: float


@dataclass(frozen=True)
class Tiling:
    """The lattice and everything drawn on it."""

    vertices: np.ndarray
    grids: tuple[GridPlan, ...]
    communities: tuple[tuple[Community, Rect], ...]
    streets: tuple[tuple[str, str, Rect], ...]

    def polygon(self, rect: Rect) -> shapely.Polygon:
        """The ring of a rectangle through every lattice vertex on its border, counter-clockwise."""
        v = self.vertices
        ring = np.concatenate(
            [
                v[rect.x0 : rect.x1, rect.y0],
                v[rect.x1, rect.y0 : rect.y1],
                v[rect.x1 : rect.x0 : -1, rect.y1],
                v[rect.x0, rect.y1 : rect.y0 : -1],
            ]
        )
        return shapely.Polygon(ring)

    def inside(self, x: np.ndarray, y: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
        """Points in cells (x, y), moved from the middle by (dx, dy) half-cells, |d| < .6; lon, lat."""
        v = self.vertices
        south = v[x, y] * ((1 - dx) / 2)[:, None] + v[x + 1, y] * ((1 + dx) / 2)[:, None]
        north = v[x, y + 1] * ((1 - dx) / 2)[:, None] + v[x + 1, y + 1] * ((1 + dx) / 2)[:, None]
        points: np.ndarray = np.round(
            south * ((1 - dy) / 2)[:, None] + north * ((1 + dy) / 2)[:, None], DECIMALS
        )
        return points


def split(rect: Rect, weights: Sequence[float], tall: float) -> list[Rect]:
    """Cut a rectangle into one part per weight, area by weight, along its longer side each time.

    `tall` is the height of a lattice cell over its width on the ground.
    """
    if len(weights) == 1:
        return [rect]
    total = sum(weights)
    running, cut = 0.0, 0
    while cut < len(weights) - 1 and (cut == 0 or running + weights[cut] / 2 < total / 2):
        running += weights[cut]
        cut += 1
    share = running / total
    if rect.width >= rect.height * tall:
        at = rect.x0 + min(max(round(rect.width * share), 1), rect.width - 1)
        first, second = Rect(rect.x0, rect.y0, at, rect.y1), Rect(at, rect.y0, rect.x1, rect.y1)
    else:
        at = rect.y1 - min(max(round(rect.height * share), 1), rect.height - 1)
        first, second = Rect(rect.x0, at, rect.x1, rect.y1), Rect(rect.x0, rect.y0, rect.x1, at)
    return split(first, weights[:cut], tall) + split(second, weights[cut:], tall)


def bent_lattice(rng: np.random.Generator, scale: Scale, nx: int, ny: int) -> np.ndarray:
    """Lattice vertices in degrees: corners rounded, turned, bent a little, rounded to decimals once and for all."""
    west, south, east, north = scale.box
    u, v = np.meshgrid(np.arange(nx + 1) / nx, np.arange(ny + 1) / ny, indexing="ij")
    u = u + rng.uniform(-0.1, 0.1, u.shape) / nx
    v = v + rng.uniform(-0.1, 0.1, v.shape) / ny
    a, b = 2 * u - 1, 2 * v - 1
    # half way from the square to the disc
    a, b = a * (0.5 + 0.5 * np.sqrt(1 - b * b / 2)), b * (0.5 + 0.5 * np.sqrt(1 - a * a / 2))
    turn = np.radians(rng.uniform(7, 16))
    a, b = a * np.cos(turn) - b * np.sin(turn), a * np.sin(turn) + b * np.cos(turn)
    da, db = np.zeros_like(a), np.zeros_like(b)
    for wave in (1, 2, 3):
        for target in (da, db):
            p, q = rng.uniform(0, 2 * np.pi, 2)
            mix = rng.uniform(0.3, 0.7)
            size = rng.uniform(0.035, 0.055) / wave
            target += (
                size * np.sin(np.pi * wave * (mix * a + (1 - mix) * b) + p) * np.cos(np.pi * wave * b / 2 + q)
            )
    a, b = a + da, b + db
    a = (a - a.min()) / (a.max() - a.min())
    b = (b - b.min()) / (b.max() - b.min())
    vertices: np.ndarray = np.round(
        np.stack([west + (east - west) * a, south + (north - south) * b], axis=-1), DECIMALS
    )
    return vertices


def _apportion(total: int, weights: np.ndarray, least: int) -> np.ndarray:
    """Whole numbers that add to `total`, each at least `least`, the rest by weight (largest remainder)."""
    free = total - least * len(weights)
    exact = free * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: free - int(whole.sum())]] += 1
    shares: np.ndarray = whole + least
    return shares


def _exclusive_uses(rng: np.random.Generator, count: int) -> list[str]:
    wheel = ["government", "school", "hospital", "school", "mall", "government", "school", "mall"]
    start = 0 if count < len(wheel) else int(rng.integers(0, len(wheel)))
    return [wheel[(start + i) % len(wheel)] for i in range(count)]


def _grid_names(count: int) -> list[str]:
    digits = "零一二三四五六七八九十"
    names = []
    for n in range(1, count + 1):
        tens, ones = divmod(n, 10)
        word = (
            digits[n]
            if n <= 10
            else (digits[tens] if tens > 1 else "") + "十" + (digits[ones] if ones else "")
        )
        names.append(f"第{word}网格")
    return names


def lay_out(rng: np.random.Generator, scale: Scale, communities: Sequence[Community]) -> Tiling:
    """Decide how many grids each community has and draw streets, communities and grids."""
    homes = [c for c in communities if not c.is_virtual]
    zones = [c for c in communities if c.is_virtual]
    weights = np.array(
        [rng.lognormal(0, 0.3) * (0.7 if c.is_village or c.code[9] == "4" else 1.0) for c in homes]
    )
    base = dict(zip((c.code for c in homes), _apportion(scale.base_grids, weights, 1), strict=True))
    spare = scale.exclusive_grids - len(zones)
    exclusive = dict(zip((c.code for c in homes), _apportion(spare, weights, 0), strict=True))
    uses = iter(_exclusive_uses(rng, spare))
    plans: dict[str, list[tuple[str, str, float]]] = {}
    for c in communities:
        if c.is_virtual:
            plans[c.code] = [
                (
                    "exclusive",
                    "school" if c.name.endswith("学社区") or "学院" in c.name else "government",
                    1.0,
                )
            ]
            continue
        plan = [("base", "residential", float(rng.uniform(0.9, 1.1))) for _ in range(int(base[c.code]))]
        for _ in range(int(exclusive[c.code])):
            plan.insert(int(rng.integers(0, len(plan) + 1)), ("exclusive", next(uses), EXCLUSIVE_AREA))
        plans[c.code] = plan
    area = {code: sum(p[2] for p in plan) for code, plan in plans.items()}
    total = sum(area.values())
    west, south, east, north = scale.box
    wide = (east - west) * np.cos(np.radians((south + north) / 2))
    nx = round(np.sqrt(total * CELLS_PER_GRID * wide / (north - south)))
    ny = round(total * CELLS_PER_GRID / nx)
    tall = float((north - south) / ny / (wide / nx))
    vertices = bent_lattice(rng, scale, nx, ny)

    by_street: dict[str, list[Community]] = {}
    for c in communities:
        by_street.setdefault(c.street_code, []).append(c)
    streets = sorted(by_street, key=lambda s: -sum(area[c.code] for c in by_street[s]))
    street_rects = split(
        Rect(0, 0, nx, ny), [1.0 + sum(area[c.code] for c in by_street[s]) for s in streets], tall
    )
    drawn_streets, drawn_communities, grids = [], [], []
    for street, street_rect in zip(streets, street_rects, strict=True):
        members = by_street[street]
        drawn_streets.append((street, members[0].street_name, street_rect))
        for c, rect in zip(members, split(street_rect, [area[m.code] for m in members], tall), strict=True):
            drawn_communities.append((c, rect))
            parts = split(rect, [p[2] for p in plans[c.code]], tall)
            grids += _number(c, plans[c.code], parts, vertices)
    return Tiling(
        vertices,
        tuple(sorted(grids, key=lambda g: g.code)),
        tuple(sorted(drawn_communities, key=lambda pair: pair[0].code)),
        tuple(sorted(drawn_streets, key=lambda triple: triple[0])),
    )


def _number(
    community: Community, plan: list[tuple[str, str, float]], rects: list[Rect], vertices: np.ndarray
) -> list[GridPlan]:
    """Codes west to east and north to south, base grids before exclusive ones."""
    middles = [vertices[(r.x0 + r.x1) // 2, (r.y0 + r.y1) // 2] for r in rects]
    order = sorted(range(len(plan)), key=lambda i: (plan[i][0] != "base", middles[i][0], -middles[i][1]))
    labels = {
        "government": "机关专属网格",
        "school": "学校专属网格",
        "hospital": "医院专属网格",
        "mall": "商圈专属网格",
    }
    names = _grid_names(sum(p[0] == "base" for p in plan))
    grids: list[GridPlan] = []
    for sequence, i in enumerate(order, start=1):
        kind, use, share = plan[i]
        name = names[sequence - 1] if kind == "base" else labels[use]
        grids.append(GridPlan(f"{community.code}{sequence:03d}", name, kind, use, community, rects[i], share))
    return grids
