"""What departments told of six records, and how a test has it linked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from wangge.linkage.actions import import_grounds
from wangge.linkage.analysis import Linked, Publication, link
from wangge.registry import actions, queries
from wangge.registry.types import ImportReport
from wangge_engine.frame.snapshots import Snapshot

NOWHERE = 120110000000000


def valid(first17: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights, strict=True)) % 11]


def row(source: str, record_id: str, **values: object) -> dict[str, object]:
    told = {k: v for k, v in values.items() if k in ("name", "id_no", "sex", "birth", "phone", "address")}
    return {
        "source": source,
        "record_id": record_id,
        "batch": None,
        "sheet": "表1",
        "row_no": int("".join(c for c in record_id if c.isdigit())),
        "as_of": values.pop("as_of", "2026-01-01"),
        "facts": json.dumps(values.pop("facts", None)) if "facts" in values else None,
        "told": json.dumps(told, ensure_ascii=False),
        **values,
    }


WANG = valid("12011019850312001")
LI = valid("12011019900101002")
CHILD = valid("12011020150601003")
TOLD = [
    row("public_security", "p1", name="王建国", id_no=WANG, sex="男", birth="19850312", phone=None,
        address="天津市东丽区万新街道嘉春园社区嘉春园12号楼3单元502室", household_ref="h1", as_of="2020-01-01"),
    row("grid_office", "g1", name="王建国", id_no=WANG, sex="男", phone="13812345678", address="嘉春园12#3-502",
        as_of="2026-10-01", facts={"lives_alone": "no"}),
    row("health", "k1", name="王健国", id_no=WANG, birth="1985-03-12", phone="13712340000",
        address="嘉春园小区12栋3单元502", as_of="2019-01-01"),
    row("public_security", "p2", name="李梅", id_no=LI, sex="女", birth="19900101", phone="13912345678",
        address="天津市东丽区万新街道嘉春园社区嘉春园12号楼3单元502室", household_ref="h1"),
    row("education", "e1", name="王小明", id_no=CHILD, sex="男", birth="2015-06-01", phone="13812345678",
        address="嘉春园12号楼3单元502室"),
    row("health", "k2", name="赵敏", id_no=valid("12011019700505004"), birth="1970-05-05", phone=None, address=None),
]  # fmt: skip


_LINKED: dict[tuple[tuple[str, str], ...], Linked] = {}


def linked(snapshot: Path, work: Path) -> Linked:
    """What the engine makes of a snapshot; the same tables, byte for byte, are linked once by each test worker."""
    told = tuple((table.name, table.sha256) for table in Snapshot.read(snapshot).tables)
    if told not in _LINKED:
        _LINKED[told] = link(snapshot, work)
    return _LINKED[told]


def relinked(
    access: Any, work: Path, rows: list[dict[str, object]], *, owners: Any = None, batches: Any = ()
) -> ImportReport:
    """Link rows (and accepted batches) as the background does, decisions obeyed, and take the result in."""
    publication = Publication(work / "in")
    publication.add(pa.Table.from_pylist(rows))
    for accepted in batches:
        for frame in accepted.frames():
            publication.add_frame(
                frame, source=accepted.resource_code, batch=accepted.batch, as_of=accepted.as_of_on
            )
    anchors = queries.anchors(access, persons=tuple(person for _, _, person in publication.about))
    found = linked(publication.finish(queries.decisions(access), anchors), work / "work")
    report = actions.import_linkage(access, golden=found.golden, members=found.members, unlocated=NOWHERE)
    actions.import_worth(access, sources=found.grounds["sources"], copies=found.grounds["copies"])
    import_grounds(access, grounds=found.grounds, owners=owners or {})
    return report
