"""规划: the register of buildings with their points; a few points are swapped, zero or out of range."""

import polars as pl

from demo.register import Register
from demo.scales import CITY_NAME, DISTRICT_NAME
from demo.sheets import write_csv
from demo.wording import either

DEPARTMENT = "planning"
_USES = {"government": "行政办公", "school": "学校", "hospital": "医院", "mall": "商场"}


def write(register: Register) -> None:
    """Write 规划_建筑物名录.csv."""
    world = register.world
    rng = world.rng(DEPARTMENT)
    places = world.places
    grids = places.tiling.grids
    streets = pl.Series([g.community.street_name for g in grids])
    codes = pl.Series([g.code for g in grids])
    b = places.buildings
    village = places.estates["is_village"].gather(b["estate"])
    homes = pl.DataFrame(
        {
            "小区或单位名称": places.estates["name"].gather(b["estate"]),
            "楼栋号": b["number"].cast(pl.String) + either(village.to_numpy(), pl.Series(["排"]), pl.Series(["号楼"])),
            "grid": b["grid"], "经度": b["lon"], "纬度": b["lat"], "地上层数": b["floors"], "单元数": b["units"],
            "户数": b["units"] * b["floors"] * b["doors"], "用途": ["住宅"] * len(b),
        }
    )  # fmt: skip
    i = places.institutions
    others = pl.DataFrame(
        {
            "小区或单位名称": i["name"], "楼栋号": i["number"].cast(pl.String) + "号楼", "grid": i["grid"], "经度": i["lon"],
            "纬度": i["lat"], "地上层数": i["floors"], "单元数": pl.Series([1] * len(i), dtype=pl.Int64),
            "户数": pl.Series([0] * len(i), dtype=pl.Int64), "用途": i["use"].replace_strict(_USES),
        }
    )  # fmt: skip
    good = pl.concat([homes, others])
    count = len(good)
    each = max(1, count // 400)
    picks = good[pl.Series(rng.integers(0, count, 3 * each))].with_columns(number=pl.int_range(3 * each))
    lon, lat, n = pl.col("经度"), pl.col("纬度"), pl.col("number")
    bad = picks.with_columns(
        经度=pl.when(n < each).then(lat).when(n < 2 * each).then(0.0).otherwise(lon + 100),
        纬度=pl.when(n < each).then(lon).when(n < 2 * each).then(0.0).otherwise(lat),
    ).drop("number")
    whole = pl.concat([good, bad])
    table = whole.select(
        ("JZ" + pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(6)).alias("建筑编号"),
        "小区或单位名称",
        "楼栋号",
        pl.concat_str(
            pl.lit(CITY_NAME + DISTRICT_NAME), streets.gather(whole["grid"]), "小区或单位名称", "楼栋号"
        ).alias("地址"),
        pl.col("经度").cast(pl.String),
        pl.col("纬度").cast(pl.String),
        pl.lit("WGS84").alias("坐标系"),
        pl.col("地上层数").cast(pl.String),
        pl.col("单元数").cast(pl.String),
        pl.col("户数").cast(pl.String),
        "用途",
    )
    path = register.path("规划_建筑物名录.csv")
    write_csv(path, table.columns, table, encoding="utf-8-sig")
    relative = path.relative_to(register.out).as_posix()
    for k in range(3 * each):
        reason = ("lon_lat_swapped", "zero_point", "out_of_range")[k // each]
        register.bad.append((relative, None, count + k + 2, table["建筑编号"][count + k], reason))
    register.add_entry(path, DEPARTMENT, "building", len(table), 3 * each, "utf-8-sig")
    truth = pl.DataFrame(
        {
            "record_id": table["建筑编号"].head(count), "source": [DEPARTMENT] * count,
            "building": pl.Series([f"B{n + 1:06d}" for n in range(count)]), "grid_code": codes.gather(good["grid"]),
        }
    )  # fmt: skip
    truth.write_csv(register.out / "truth" / "building_records.csv")
