"""``wangge engine topology``: a file of grids in, the list of all its defects out, each with place and size.

`--within` names borders that the grids are to fill and not to leave: areas with a column of division codes
(communities, streets, a district), or any outline without codes. `--out` is a table (.csv, .parquet) or a layer of
points (.geojson). Rows that say nothing usable (no area, no code) are defects and stand in `--rejects`, too.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wangge_engine.datums.coordinates import Datum
from wangge_engine.frame.outputs import files_aside
from wangge_engine.frame.problems import Problem, Refused, refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer
from wangge_engine.grids.borders import surroundings_of
from wangge_engine.grids.gridrows import SYNONYMS, GridRow, match_columns, understand
from wangge_engine.grids.judging import Surroundings, attribute_defects, datum_defects, topology_of
from wangge_engine.grids.schemes import SCHEMES, load_schemes
from wangge_engine.topology.defects import Defect, in_order
from wangge_engine.topology.intake import Intake, take_in
from wangge_engine.topology.kinds import DefectKind, Severity
from wangge_engine.topology.listing import FORMATS, write_defects

_UNUSABLE = {
    DefectKind.MISSING_GEOMETRY: "geometry",
    DefectKind.NOT_POLYGON: "geometry",
    DefectKind.BAD_CODE: "code",
    DefectKind.BAD_ATTRIBUTE: "",
}
_LAYERS = {".geojson": GeoFormat.GEOJSON, ".gpkg": GeoFormat.GEOPACKAGE, ".zip": GeoFormat.SHAPEFILE}


def arguments(parser: ArgumentParser) -> None:
    datums = [datum.value for datum in Datum]
    parser.add_argument("--grids", type=Path, required=True, metavar="FILE", help=".geojson, .gpkg, .zip")
    parser.add_argument("--within", type=Path, metavar="FILE", help="borders that the grids are to fill")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the defects: .csv, .parquet or .geojson"
    )
    parser.add_argument("--datum", default=Datum.WGS84.value, choices=datums, help="what the grids are in")
    parser.add_argument(
        "--within-datum", default=Datum.WGS84.value, choices=datums, help="what the borders are in"
    )
    parser.add_argument("--scheme", default="DB11-15", help="how grid codes are written")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=HEADER",
        help=f"name a column yourself ({', '.join(SYNONYMS)})",
    )
    parser.add_argument(
        "--mended", type=Path, metavar="FILE", help="close slivers and write the grids so mended"
    )


def run(args: Namespace) -> dict[str, Any]:
    """Check a file; exit code 0 means that the check was done: ``sound`` says whether anything blocks."""
    _known_endings(args)
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    with stages.stage("read"):
        intake = _taken(args.grids, Datum(args.datum))
        rows, defects = _rows(intake, args)
        around = _around(args, rows)
    with stages.stage("check"):
        defects += datum_defects(intake, rows, around)
        defects += attribute_defects(rows, around)
        shapes, report, mended = topology_of(rows, around, mend=args.mended is not None)
        defects = in_order([*defects, *report.defects, *mended])
    _reject(defects, args.grids.name, rejects)
    if args.strict:
        rejects.require_none()
    aside = args.rejects or args.out.with_name(f"{args.out.stem}.rejects.csv")
    with stages.stage("write"), files_aside(args.out, aside, *([args.mended] if args.mended else [])) as made:
        write_defects(made[0], defects)
        rejects.write(made[1])
        if args.mended:
            mended_rows = [replace(row, geometry=shape) for row, shape in zip(rows, shapes, strict=True)]
            made[2].write_bytes(_layer(args.mended, mended_rows))
    blocking = sum(one.severity is Severity.BLOCKING for one in defects)
    stages.say(f"{len(rows)} grids 网格, {len(defects)} defects 缺陷, {blocking} blocking 阻断")
    return {
        "grids": len(rows),
        "sound": not blocking,
        "blocking": blocking,
        "warnings": len(defects) - blocking,
        "defects": dict(sorted(Counter(one.kind.value for one in defects).items())),
        "mended": len(mended),
        "covered_m2": round(report.covered_m2, 2),
        "ignored": {"count": report.ignored, "area_m2": round(report.ignored_m2, 2)},
        "crs": intake.layer.crs,
        "notes": [{"zh": zh, "en": en} for zh, en in intake.layer.notes],
        "rejected": rejects.counts(),
        "stages": stages.report(),
    }


def _known_endings(args: Namespace) -> None:
    for path, known in ((args.out, FORMATS), (args.mended, tuple(_LAYERS))):
        if path is not None and path.suffix.lower() not in known:
            words = "、".join(known)
            raise refuse(
                "unknown_format", f"只能写 {words}", f"only {', '.join(known)} can be written", str(path)
            )


def _taken(path: Path, datum: Datum) -> Intake:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise refuse(
            "no_such_file", "文件打不开", f"the file cannot be opened: {error}", str(path)
        ) from error
    intake = take_in(path.name, body, datum)
    if not intake.usable:
        raise Refused(*(Problem(one.kind.value, one.zh, one.en, path.name) for one in intake.defects))
    return intake


def _rows(intake: Intake, args: Namespace) -> tuple[list[GridRow], list[Defect]]:
    schemes = load_schemes(SCHEMES)
    if args.scheme not in schemes:
        known = ", ".join(schemes)
        raise refuse(
            "scheme_unknown", f"没有编码方案（有：{known}）", f"no such scheme (known: {known})", args.scheme
        )
    names = list(intake.layer.columns)
    matched = match_columns(names, _named(args.column, names, args.grids.name))
    if "code" not in matched:
        told = ", ".join(names) or "-"
        raise refuse(
            "column_missing",
            f"找不到网格编码列；文件中的列：{told}",
            f"no column of grid codes; the file has: {told}",
            args.grids.name,
        )
    return understand(intake.layer.columns, intake.geometries, schemes[args.scheme], matched)


def _named(given: Sequence[str], names: Sequence[str], place: str) -> Mapping[str, str]:
    chosen: dict[str, str] = {}
    for text in given:
        field, _, header = text.partition("=")
        if field not in SYNONYMS or header not in names:
            raise refuse(
                "bad_column", "列的写法应为 字段=表头", f"write a column as FIELD=HEADER: {text}", place
            )
        chosen[field] = header
    return chosen


def _around(args: Namespace, rows: Sequence[GridRow]) -> Surroundings:
    named = sorted({row.community for row in rows if row.community})
    if args.within is None:
        return Surroundings(communities=dict.fromkeys(named, ""))
    borders = _taken(args.within, Datum(args.within_datum))
    return surroundings_of(borders.layer.columns, borders.geometries, named, args.within.name)


def _reject(defects: Sequence[Defect], file: str, rejects: Rejects) -> None:
    for one in defects:
        if one.kind in _UNUSABLE:
            for row in one.rows:
                rejects.add(Reject(file, row, _UNUSABLE[one.kind], one.kind.value, one.zh, one.en))


def _layer(path: Path, rows: Sequence[GridRow]) -> bytes:
    columns: dict[str, list[Any]] = {
        "code": [row.code for row in rows],
        "name": [row.name for row in rows],
        "kind": [row.kind.value for row in rows],
        "subkind": [row.subkind.value for row in rows],
        "households": [row.households for row in rows],
    }
    return write_layer(_LAYERS[path.suffix.lower()], path.stem, columns, [row.geometry for row in rows])[2]
