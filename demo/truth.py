"""The truth, kept apart from what the departments know, for evaluation only."""

import json

import polars as pl

from demo.departments.market_supervision import org_ids
from demo.habits import FACTS
from demo.register import Register


def write(register: Register) -> None:
    """Write truth/*.csv and rates.json."""
    world = register.world
    folder = register.out / "truth"
    truth = pl.concat(register.truth)
    truth.write_csv(folder / "truth.csv")
    register.add_entry(folder / "truth.csv", "", "truth", len(truth))
    p = world.persons
    homes = ("D" + (pl.col("home") + 1).cast(pl.String).str.zfill(7)).alias("dwelling_id")
    code = world.grid_code(p.select(pl.when(pl.col("home") >= 0).then("home"))[:, 0])
    p.select(
        "entity_id", "name", "former_name", pl.when("female").then(pl.lit("female")).otherwise(pl.lit("male")).alias("sex"), "birth",
        "id_no", pl.col("own_phone").alias("phone"),
        pl.when(pl.col("household") >= 0).then("H" + (pl.col("household") + 1).cast(pl.String).str.zfill(7)).alias("household_id"),
        "role", pl.when(pl.col("home") >= 0).then(homes).alias("dwelling_id"), code.alias("grid_code"), "resident_kind", "lives_alone",
        pl.col("disabled").alias("disability"), "front_line", "front_line_family", "twin", pl.col("stage").alias("education_stage"),
    ).write_csv(folder / "persons.csv")  # fmt: skip
    households = (
        p.filter(pl.col("household") >= 0)
        .group_by("household", maintain_order=True)
        .agg(pl.len().alias("people"), pl.col("home").first(), pl.col("entity_id").first().alias("head"))
    )
    households.select(
        ("H" + (pl.col("household") + 1).cast(pl.String).str.zfill(7)).alias("household_id"),
        homes,
        "people",
        "head",
    ).write_csv(folder / "households.csv")
    d = world.places.dwellings
    d.select(
        ("D" + (pl.int_range(pl.len()) + 1).cast(pl.String).str.zfill(7)).alias("dwelling_id"),
        ("B" + (pl.col("building") + 1).cast(pl.String).str.zfill(6)).alias("building_id"),
        world.grid_code(pl.int_range(len(d), eager=True)).alias("grid_code"),
        world.book.write("plain", pl.int_range(len(d), eager=True)).alias("address"),
        p["entity_id"].gather(pl.Series(world.owner)).alias("owner"),
    ).write_csv(folder / "dwellings.csv")
    o = world.organisations
    o.select(
        org_ids(pl.int_range(len(o), eager=True)).alias("entity_id"), "name", "credit_code", "kind", "industry",
        p["entity_id"].gather(o["legal_person"]).alias("legal_person"), "phone", "founded",
    ).write_csv(folder / "organisations.csv")  # fmt: skip
    bad = pl.DataFrame(
        register.bad,
        schema={
            "path": pl.String,
            "sheet": pl.String,
            "row": pl.Int64,
            "record_id": pl.String,
            "reason": pl.String,
        },
        orient="row",
    )
    bad.sort("path", "sheet", "row").write_csv(folder / "bad_rows.csv")
    (folder / "rates.json").write_text(
        json.dumps(rates(register), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def rates(register: Register) -> dict[str, object]:
    """Our error rates beside those they must reach, and the shares of each source."""
    measured = register.tally.rates()
    p = register.world.persons
    living = p.filter(pl.col("household") >= 0)
    measured["twins"] = float(living["twin"].mean() or 0.0)  # type: ignore[arg-type]
    measured["name_transliterated"] = float((p["surname"] == "").mean() or 0.0)  # type: ignore[arg-type]
    measured["same_name_neighbours"] = _neighbours(register, living)
    people = register.world.scale.people
    sources = pl.concat(register.truth)["source"].value_counts().sort("source")
    extra = {
        k: round(v / register.tally.records, 5) for k, v in register.tally.counts.items() if k not in FACTS
    }
    return {
        "records": register.tally.records,
        "records_a_person": round(register.tally.records / people, 3),
        "rates": {k: {"ours": round(measured[k], 5), "facts": v} for k, v in FACTS.items()},
        "also": extra,
        "records_by_source": dict(sources.rows()),
    }


def _neighbours(register: Register, living: pl.DataFrame) -> float:
    """Share of residents with a namesake in another household of the same or a neighbouring building of the grid."""
    building = register.world.places.dwellings["building"].gather(living["home"])
    table = living.select("entity_id", "name", "household").with_columns(building=building)
    beside = pl.concat(
        [table, table.with_columns(pl.col("building") + 1), table.with_columns(pl.col("building") - 1)]
    )
    pairs = table.join(beside, on=["name", "building"]).filter(
        pl.col("household") != pl.col("household_right")
    )
    return pairs["entity_id"].n_unique() / len(living)
