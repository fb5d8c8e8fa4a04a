"""``wangge engine crosswalk``: two nets in; their pairs, conflicts and the fewest changes to one net out.

`--a` and `--b` are polygons (GeoJSON, GeoPackage, Shapefile) with a code each, or both tables (CSV) with the columns
`unit` and `grid`. `--out` is the pairs as CSV. `--report` holds everything else: relations, conflicts, changes.
"""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from wangge_engine.crosswalk.agreement import Agreement, Relation, fewest_changes, relations
from wangge_engine.crosswalk.nets import Net, is_table, read_listing, read_net, read_units
from wangge_engine.crosswalk.overlay import OPEN, Overlay, Pair, of_listings, of_polygons
from wangge_engine.datums.coordinates import Datum
from wangge_engine.frame.outputs import files_aside
from wangge_engine.frame.plots import plot_argument, require_known_picture
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Rejects
from wangge_engine.topology.checking import Cell, check_topology
from wangge_engine.topology.defects import in_order

COLUMNS = ("a", "b", "area_m2", "share_a", "share_b", "households")
_LISTED = 50  # units named in one change


def arguments(parser: ArgumentParser) -> None:
    datums = [one.value for one in Datum]
    parser.add_argument(
        "--a", type=Path, required=True, metavar="NET", help="one net: .geojson, .gpkg, .zip, .shp, .csv"
    )
    parser.add_argument("--b", type=Path, required=True, metavar="NET", help="the other net")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the pairs, .csv")
    parser.add_argument(
        "--units", type=Path, metavar="FILE", help="buildings with households: .csv with lon, lat, or a layer"
    )
    parser.add_argument("--code-a", default="code", metavar="FIELD", help="column of a's codes")
    parser.add_argument("--code-b", default="code", metavar="FIELD", help="column of b's codes")
    parser.add_argument("--weight", default="households", metavar="FIELD", help="column of households")
    parser.add_argument("--datum-a", default=Datum.WGS84.value, choices=datums, help="what a is drawn in")
    parser.add_argument("--datum-b", default=Datum.WGS84.value, choices=datums, help="what b is drawn in")
    parser.add_argument(
        "--ignore-m", type=float, default=0.5, metavar="M", help="thinner ground is drawing noise"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="relations, conflicts and changes, as JSON"
    )
    plot_argument(parser, "both nets and what would move")


def run(args: Namespace) -> dict[str, Any]:
    """Lay the nets over each other; exit code 0 means that the pairs were written."""
    _known(args)
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    tables = is_table(args.a)
    if tables != is_table(args.b):
        raise refuse(
            "nets_differ",
            "两张网须同为图形或同为单元表",
            "both nets must be polygons, or both tables of units",
            str(args.b),
        )
    nets: tuple[Net, Net] | None = None
    conflicts: dict[str, Any] = {}
    if tables:
        with stages.stage("read"):
            listings = [
                read_listing(path, field, args.weight, rejects)
                for path, field in ((args.a, args.code_a), (args.b, args.code_b))
            ]
        with stages.stage("overlay"):
            overlay = of_listings(listings[0], listings[1])
    else:
        with stages.stage("read"):
            nets = (
                read_net(args.a, args.code_a, args.weight, Datum(args.datum_a), rejects),
                read_net(args.b, args.code_b, args.weight, Datum(args.datum_b), rejects),
            )
            units = read_units(args.units, args.weight, Datum.WGS84, rejects) if args.units else None
        with stages.stage("overlay"):
            overlay = of_polygons(*nets, units, args.ignore_m)
        with stages.stage("conflicts"):
            conflicts = {name: _conflicts(net) for name, net in zip("ab", nets, strict=True)}
    if args.strict:
        rejects.require_none()
    agreed = fewest_changes(overlay.pairs)
    body = _body(overlay, agreed, conflicts)
    body["rejected"] = rejects.counts()
    with stages.stage("write"):
        _write(args, overlay, agreed, body, nets, rejects)
    said = (
        f"{len(overlay.pairs)} pairs 对, {body['fewest_changes']['moves']:,} {body['fewest_changes']['unit']}"
    )
    stages.say(f"{said} would move 须移动 ({body['fewest_changes']['share']:.1%})")
    told = {key: value for key, value in body.items() if key not in ("conflicts_list", "grids")}
    told["fewest_changes"] = {
        k: v for k, v in body["fewest_changes"].items() if k not in ("changes", "partners")
    }
    return told | {"stages": stages.report(), "peak_memory_mb": peak_memory_mb()}


def _known(args: Namespace) -> None:
    require_known_picture(args.plot)
    if args.out.suffix.lower() != ".csv":
        raise refuse("unknown_format", "只能写 .csv", "only .csv can be written", str(args.out))
    if not 0 <= args.ignore_m <= 100:
        raise refuse("bad_width", "宽度应在 0 至 100 米", "a width of 0 to 100 metres", "--ignore-m")
    if args.units and is_table(args.a):
        raise refuse("units_with_tables", "单元表自带户数", "tables carry their own weights", "--units")
    if args.plot and is_table(args.a):
        raise refuse(
            "no_ground", "单元表没有图形，无法成图", "tables of units have no ground to draw", "--plot"
        )


def _conflicts(net: Net) -> list[dict[str, Any]]:
    """Gaps, overlaps, slivers and codes twice inside one net, the worst first."""
    report = check_topology([Cell(code, "", shape, row) for code, shape, row in net.drawn])
    return [
        {
            "kind": one.kind.value,
            "severity": one.severity.value,
            "grids": list(one.codes),
            "lon": one.lon,
            "lat": one.lat,
            "area_m2": round(one.area_m2, 2),
            "width_m": None if one.width_m is None else round(one.width_m, 2),
            "zh": one.zh,
            "en": one.en,
        }
        for one in in_order(report.defects)
    ]


def _body(overlay: Overlay, agreed: Agreement, conflicts: dict[str, Any]) -> dict[str, Any]:
    of_a, of_b = relations(overlay.pairs)
    whole = agreed.stays + agreed.moves
    by_home = overlay.basis != "none"
    return {
        "pairs": len(overlay.pairs),
        "grids_a": len(of_a),
        "grids_b": len(of_b),
        "households_from": overlay.basis,
        "households_in_neither": round(overlay.outside, 3),
        "ignored": {"count": overlay.ignored, "area_m2": round(overlay.ignored_m2, 2)},
        "only_a_m2": _open(overlay.pairs, "b"),
        "only_b_m2": _open(overlay.pairs, "a"),
        "relations_a": _counted(of_a),
        "relations_b": _counted(of_b),
        "conflicts": {
            name: dict(sorted(Counter(one["kind"] for one in some).items()))
            for name, some in conflicts.items()
        },
        "fewest_changes": {
            "unit": "households" if by_home else "m2",
            "moves": round(agreed.moves, 2),
            "stays": round(agreed.stays, 2),
            "share": round(agreed.moves / whole, 6) if whole else 0.0,
            "optimal": True,
            "pieces": len(agreed.changes),
            "alone_a": agreed.alone_a,
            "alone_b": agreed.alone_b,
            "partners": agreed.partners,
            "changes": [
                {
                    "a": one.pair.a,
                    "b": one.pair.b,
                    "to_a": one.to_a,
                    "to_b": one.to_b,
                    "households": _rounded(one.pair.households, 2),
                    "area_m2": _rounded(one.pair.area_m2, 2),
                    "units": len(one.pair.units),
                    "unit_ids": list(one.pair.units[:_LISTED]),
                }
                for one in agreed.changes
            ],
        },
        "grids": {
            name: {code: told.value for code, told in some.items()}
            for name, some in (("a", of_a), ("b", of_b))
        },
        "conflicts_list": conflicts,
    }


def _counted(told: dict[str, Relation]) -> dict[str, int]:
    return dict(sorted(Counter(one.value for one in told.values()).items()))


def _open(pairs: list[Pair], side: str) -> float:
    return round(sum(pair.area_m2 or 0.0 for pair in pairs if getattr(pair, side) == OPEN), 2)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _write(  # noqa: PLR0917 -- one thing each, of its own type
    args: Namespace, overlay: Overlay, agreed: Agreement, body: dict[str, Any], nets: tuple[Net, Net] | None,
    rejects: Rejects,
) -> None:  # fmt: skip
    aside = args.rejects or args.out.with_name(f"{args.out.stem}.rejects.csv")
    targets = [args.out, aside, *([args.report] if args.report else []), *([args.plot] if args.plot else [])]
    with files_aside(*targets) as made:
        with made[0].open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(COLUMNS)
            for pair in overlay.pairs:
                writer.writerow(
                    [
                        pair.a,
                        pair.b,
                        *(
                            "" if value is None else round(value, digits)
                            for value, digits in (
                                (pair.area_m2, 2),
                                (pair.share_a, 6),
                                (pair.share_b, 6),
                                (pair.households, 3),
                            )
                        ),
                    ]
                )
        rejects.write(made[1])
        if args.report:
            made[2].write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
        if args.plot and nets is not None:
            from wangge_engine.crosswalk.picture import draw

            draw(made[-1], nets, overlay, agreed, body["fewest_changes"]["unit"])
