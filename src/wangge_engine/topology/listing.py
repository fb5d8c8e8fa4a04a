"""The list of defects as a file: a table, or a layer of points."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from wangge_engine.topology.defects import Defect

FORMATS = (".csv", ".parquet", ".geojson")
SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("severity", pa.string()),
        ("codes", pa.string()),
        ("rows", pa.string()),
        ("lon", pa.float64()),
        ("lat", pa.float64()),
        ("area_m2", pa.float64()),
        ("width_m", pa.float64()),
        ("mended", pa.int8()),
        ("zh", pa.string()),
        ("en", pa.string()),
    ]
)


def write_defects(path: Path, defects: Sequence[Defect]) -> None:
    """Writes defects in the order given, by the path's ending; several codes or rows are joined by ``;``."""
    records = [_record(one) for one in defects]
    if path.suffix == ".geojson":
        path.write_bytes(
            orjson.dumps({"type": "FeatureCollection", "features": [_point(r) for r in records]})
        )
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(records, SCHEMA), path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, SCHEMA.names)
            writer.writeheader()
            writer.writerows(records)


def _record(one: Defect) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "severity": one.severity.value,
        "codes": ";".join(one.codes),
        "rows": ";".join(map(str, one.rows)),
        "lon": one.lon,
        "lat": one.lat,
        "area_m2": round(one.area_m2, 4),
        "width_m": None if one.width_m is None else round(one.width_m, 4),
        "mended": int(one.mended),
        "zh": one.zh,
        "en": one.en,
    }


def _point(record: dict[str, Any]) -> dict[str, Any]:
    """A point; a defect that cannot be pointed at keeps its line without one."""
    place = None
    if record["lon"] is not None:
        place = {"type": "Point", "coordinates": [record["lon"], record["lat"]]}
    facts = {key: value for key, value in record.items() if key not in ("lon", "lat")}
    return {"type": "Feature", "geometry": place, "properties": facts}
