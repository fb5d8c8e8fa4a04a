"""住建: who owns and who occupies each dwelling; one address in four columns, no sex and no birth date."""

import numpy as np
import polars as pl

from demo.register import Layout, Ledger, Register
from demo.sheets import write_csv
from demo.wording import days_before, either, written_date

DEPARTMENT = "housing"
LAYOUT = Layout("登记编号", "姓名", "证件号码", "手机", "小区名称")
_NO = pl.Series([None], dtype=pl.String)


def write(register: Register) -> None:
    """Write 住建_房屋居住登记.csv."""
    world, drafter = register.world, register.drafter(DEPARTMENT)
    rng = world.rng(DEPARTMENT)
    persons, dwelling, kind = occupants(
        register, drafter.habits.share, rng, co_owner=0.22, tenant=0.5, member=0.03
    )
    twice = rng.choice(len(persons), size=int(np.ceil(drafter.habits.duplicates * len(persons) * 1.02)))
    drafter.tally.add("duplicate_within_source", len(twice))
    order = rng.permutation(np.concatenate([np.arange(len(persons)), twice]))
    persons, dwelling, kind = persons[order], dwelling[order], kind[order]
    d = drafter.draft(persons, at=dwelling)
    words = pl.Series(["产权人", "共有人", "承租人", "同住人"]).gather(pl.Series(kind))
    at, book = d["at"], world.book
    village = book.part("village", at).fill_null(False).to_numpy()
    room = book.part("r", at)
    has_id = d["id_no"].is_not_null().to_numpy()
    table = pl.DataFrame(
        {
            "登记编号": pl.Series([None] * len(d), dtype=pl.String),
            "房屋代码": "F" + pl.Series(dwelling).cast(pl.String).str.zfill(8),
            "小区名称": drafter.spoil(book.part("estate", at), 0.5),
            "楼号": book.part("b", at) + either(village, pl.Series(["排"]), pl.Series(["号楼"])),
            "单元": either(village, _NO, book.part("u", at) + "单元"),
            "房号": drafter.spoil(either(village, room + "号", room), 0.5),
            "姓名": d["name"],
            "人员类别": words,
            "证件类型": either(has_id, pl.Series(["居民身份证"]), _NO),
            "证件号码": d["id_no"],
            "手机": d["phone"],
            "登记日期": written_date(days_before(rng, len(d), world.as_of, 60, 7_000), "loose:/"),
            "建筑面积": pl.Series(np.round(rng.uniform(42, 148, len(d)), 1)).cast(pl.String),
        }
    )
    path = register.path("住建_房屋居住登记.csv")
    rows, bad = Ledger(register, DEPARTMENT, "FW8").compose(table, d["person"], LAYOUT, path, "", 1)
    write_csv(path, table.columns, rows, encoding="utf-8-sig")
    register.add_entry(path, DEPARTMENT, "person", len(rows), bad, "utf-8-sig")


def occupants(
    register: Register, share: float, rng: np.random.Generator, *, co_owner: float, tenant: float, member: float,
    absent: float = 1.0, estates_only: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """People tied to a share of all dwellings: person, dwelling, kind (0 owner, 1 co-owner, 2 tenant, 3 member).

    `absent`: share of the owners who live elsewhere that is listed at all.
    """
    world = register.world
    covered = rng.random(len(world.owner)) < share
    if estates_only:
        covered &= ~world.places.dwellings["village"].to_numpy()
    covered_rows = np.flatnonzero(covered)
    household = world.population.column("household")
    home = world.population.column("home")
    role = world.population.column("role")
    floating = world.population.column("resident_kind") == "floating"
    lives = (household >= 0) & covered[np.maximum(home, 0)]
    people = np.arange(len(household))
    is_owner = lives & (world.owner[np.maximum(home, 0)] == people)
    owner_at_home = np.zeros(len(world.owner), dtype=bool)
    owner_at_home[home[is_owner]] = True
    draw = rng.random(len(people))
    grown = world.population.column("age") >= 20
    partner = lives & ~is_owner & np.isin(role, ("spouse", "head")) & owner_at_home[np.maximum(home, 0)]
    renter = (
        lives
        & ~is_owner
        & ~owner_at_home[np.maximum(home, 0)]
        & (np.isin(role, ("head", "mate")) | floating)
        & grown
    )
    other = lives & ~is_owner & ~partner & ~renter
    listed = covered_rows[owner_at_home[covered_rows] | (rng.random(len(covered_rows)) < absent)]
    chosen = (
        (listed, 0), (np.flatnonzero(partner & (draw < co_owner)), 1), (np.flatnonzero(renter & (draw < tenant)), 2),
        (np.flatnonzero(other & (draw < member)), 3),
    )  # fmt: skip
    persons = np.concatenate([world.owner[listed], *(rows for rows, _ in chosen[1:])])
    dwelling = np.concatenate([listed, *(home[rows] for rows, _ in chosen[1:])])
    kind = np.concatenate([np.full(len(rows), k) for rows, k in chosen])
    return persons, dwelling, kind
