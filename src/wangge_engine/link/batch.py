"""Adding a batch to a kept linkage: only what the batch can touch is linked again, with the model of the base.

The result is that of linking all records with the base's model, except that a value's commonness and whether a name
is rare are the base's, and that entities outside the closure keep what context joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.link.arrivals import Arrivals, take_in
from wangge_engine.link.closure import Closure, World, candidate_pairs, close, named_columns
from wangge_engine.link.compact import compact, wants_compacting
from wangge_engine.link.components import Ints, components
from wangge_engine.link.households import make_households
from wangge_engine.link.ids import Named, name_entities, row_lookup
from wangge_engine.link.intake import Input
from wangge_engine.link.kept import Base, Writer, carry, review_query
from wangge_engine.link.local import Local
from wangge_engine.link.pipeline import judge, make_review
from wangge_engine.link.terms import add_terms
from wangge_engine.link.verdicts import Verdicts, read_verdicts
from wangge_engine.link.weigh import weigh


@dataclass(frozen=True)
class BatchRequest:
    """What is added. ``resent``: sources whose file is the whole source again, so that what it lacks has left."""

    inputs: Sequence[Input] = ()
    resent: Sequence[str] = ()
    decisions: Path | None = None
    strict: bool = False


@dataclass(frozen=True)
class Added:
    """The state after a batch, in arrays over all records ever kept, and what changed."""

    base: Base
    alive: Any
    component: Ints
    entity: Ints
    entities: pa.Table
    former: pa.Table
    edges: pa.Table
    review: pa.Table
    flags: pa.Table | None
    decisions: pa.Table
    arrivals: Arrivals
    named: Named
    touched: Ints  # records that were linked anew
    before: Ints  # per record ever kept: its entity before, -1 for none

    @cached_property
    def id_of(self) -> list[str]:
        return list(self.entities.column("entity_id").to_pylist())


def add_batch(
    con: duckdb.DuckDBPyConnection, base: Base, request: BatchRequest, rejects: Rejects, stages: Stages
) -> Added:
    """Link a batch against what stands. Leaves table ``fresh`` and ``fresh_given`` for the writer."""
    with stages.stage("read and normalise"):
        arrivals = take_in(con, base, request.inputs, request.resent, rejects)
        if request.strict:
            rejects.require_none()
    with stages.stage("decisions"):
        verdicts = read_verdicts(con, base, arrivals, request.decisions, rejects)
        if request.strict:
            rejects.require_none()
    with stages.stage("find pairs"):
        world = World(con, base, arrivals)
        left, right = candidate_pairs(world)
    with stages.stage("score"):
        _score(con, world, left, right)
    with stages.stage("closure"):
        closure = _close(world, (arrivals, verdicts), left, right)
    with stages.stage("cluster and context"):
        local = Local(con, world, closure, verdicts)
        local.link()
    with stages.stage("ids and households"):
        return _settle(world, arrivals, verdicts, local)


def _score(con: duckdb.DuckDBPyConnection, world: World, left: Ints, right: Ints) -> None:
    """Table ``new_pairs`` by record numbers of the world."""
    base = world.base
    world.take(world.mask(left, right), "compared", named_columns(base, base.model.columns()))
    add_terms(con, base, "compared")
    con.register("candidates", pa.table({"a": left, "b": right}))
    weigh(con, base.model, base.settings, records="compared", into="new_pairs")
    con.unregister("candidates")
    judge(con, base.model, "new_pairs")


def _close(world: World, brought: tuple[Arrivals, Verdicts], left: Ints, right: Ints) -> Closure:
    con, (arrivals, verdicts) = world.con, brought
    base = world.base
    strong = con.execute(
        "SELECT a, b FROM new_pairs WHERE NOT vetoed AND probability >= ?", [base.meta["threshold"]]
    ).fetchnumpy()
    fresh = np.arange(world.first, world.rows, dtype=np.int64)
    touched = [fresh, arrivals.gone, strong["a"], strong["b"], verdicts.news]
    living = base.meta["schema"]["kind"] == "zh" and not base.between
    if living:
        found = con.execute("SELECT uid FROM compared WHERE name_kind = 'partial'").fetchnumpy()["uid"]
        touched.append(found)
    return close(
        world,
        np.concatenate([np.asarray(t, dtype=np.int64) for t in touched]),
        np.union1d(left, right),
        living,
    )


def _settle(world: World, arrivals: Arrivals, verdicts: Verdicts, local: Local) -> Added:
    """Give the entities their ids and put everything into the base's tables."""
    con, base = world.con, world.base
    named, entities, former = _name(con, world, arrivals, local)
    entity = world.entity.copy()
    row_of = np.full(local.count, -1, dtype=np.int64)
    for label, row in named.rows.items():
        row_of[label] = row
    entity[local.whole] = row_of[local.labels]
    entity[~world.stands] = -1
    component = world.component.copy()
    component[~world.stands] = np.flatnonzero(~world.stands)
    joined = local.edges
    again = np.flatnonzero(local.again)
    labels = components(
        local.count,
        np.concatenate([joined.left, local.same[:, 0]]),
        np.concatenate([joined.right, local.same[:, 1]]),
    )[again]
    smallest = np.full(local.count, world.rows, dtype=np.int64)
    np.minimum.at(smallest, labels, local.whole[again])
    component[local.whole[again]] = smallest[labels]
    entities = _house(con, local, named, entities)
    edges = base.table("edges")
    merged = pa.concat_tables(
        [edges.filter(pa.array(local.kept_edges)), local.all_edges().cast(edges.schema)]
    )
    before = np.concatenate([base.entity.astype(np.int64), np.full(arrivals.fresh, -1, dtype=np.int64)])
    return Added(
        base=base,
        alive=world.stands,
        component=component,
        entity=entity,
        entities=entities,
        former=former,
        edges=merged,
        review=_review(con, world, local, entity),
        flags=_flags(con, world),
        decisions=verdicts.kept,
        arrivals=arrivals,
        named=named,
        touched=local.whole[again],
        before=before,
    )


def _name(
    con: duckdb.DuckDBPyConnection, world: World, arrivals: Arrivals, local: Local
) -> tuple[Named, pa.Table, pa.Table]:
    base = world.base
    entities, former = base.table("entities"), base.table("former")
    old = world.entity[local.whole]
    stays = _stays(old, local.labels)
    changed = np.flatnonzero(~stays)
    names = _record_names(con, changed)
    present = np.bincount(base.entity[base.entity >= 0], minlength=entities.num_rows)
    ids, since = entities.column("entity_id"), entities.column("since")
    lost = np.unique(base.entity[arrivals.gone]) if len(arrivals.gone) else np.array([], dtype=np.int64)
    left = np.bincount(world.entity[world.stands & (world.entity >= 0)], minlength=entities.num_rows)
    bore: dict[int, list[int]] = {}
    sizes: dict[int, int] = {}
    replaced_by = {int(heir): world.first + i for i, heir in enumerate(arrivals.heirs.tolist()) if heir >= 0}
    order = np.full(local.count, -1, dtype=np.int64)
    order[changed] = np.arange(len(changed))
    for row, uid in zip(former.column("entity").to_pylist(), former.column("uid").to_pylist(), strict=True):
        sizes[row] = sizes.get(row, 0) + 1
        place = int(local.place[replaced_by.get(uid, uid)])
        if place >= 0 and order[place] >= 0:
            bore.setdefault(int(order[place]), []).append(row)
    named = name_entities(
        old[changed].tolist(),
        local.labels[changed].tolist(),
        vanished=[int(row) for row in lost if row >= 0 and left[row] == 0],
        since=lambda row: int(since[row].as_py()),
        id_of=lambda row: str(ids[row].as_py()),
        lives=lambda row: row < len(present) and bool(present[row]),
        former=bore,
        former_size=sizes,
        digest_of=names.__getitem__,
        row_of_id=row_lookup(con, ids, base.model.prefix, names),
        first_new=entities.num_rows,
        prefix=base.model.prefix,
    )
    rows = dict(zip(local.labels[stays].tolist(), old[stays].tolist(), strict=True))
    named = replace(named, rows={**rows, **named.rows})
    made = len(named.made)
    entities = pa.concat_tables(
        [
            entities,
            pa.table(
                {
                    "entity_id": pa.array(named.made, pa.string()),
                    "since": pa.array([base.run + 1] * made, pa.int32()),
                    "household_id": pa.nulls(made, pa.string()),
                    "dwelling": pa.nulls(made, pa.string()),
                }
            ).cast(entities.schema),
        ]
    )
    return named, entities, _former(world, former, named, replaced_by)


def _stays(old: Ints, labels: Ints) -> NDArray[np.bool_]:
    """Records of entities that hold just what they held: they keep their id, whatever else is named."""
    size = int(max(old.max(initial=0), labels.max(initial=0))) + 2

    def alone(of: Ints, within: Ints) -> NDArray[np.bool_]:
        low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1, dtype=np.int64)
        np.minimum.at(low, within, of)
        np.maximum.at(high, within, of)
        return np.asarray(low == high)

    one_label = alone(labels, old)  # by the entity of before; the last place is that of none
    one_label[-1] = False
    one_entity = alone(old, labels)
    found: NDArray[np.bool_] = one_label[old] & one_entity[labels]
    return found


def _record_names(con: duckdb.DuckDBPyConnection, changed: Ints) -> list[str]:
    """Hashes of the source and id of local records."""
    con.register("__changed", pa.table({"uid": changed}))
    found = con.execute(
        "SELECT md5(source || chr(31) || record_id) AS h FROM records SEMI JOIN __changed USING (uid) ORDER BY uid"
    ).fetchall()
    con.unregister("__changed")
    return [digest for (digest,) in found]


def _former(world: World, former: pa.Table, named: Named, replaced_by: dict[int, int]) -> pa.Table:
    """Which records each ceased entity bore; entities that came back are taken out."""
    living = set(named.rows.values())
    ceased = {r.old for r in named.renamed if r.why == "merged"}
    keep = [row not in living and row not in ceased for row in former.column("entity").to_pylist()]
    flag = np.zeros(int(world.entity.max(initial=0)) + 2, dtype=bool)
    flag[list(ceased)] = True
    flag[-1] = False
    held = np.flatnonzero(flag[world.entity] & world.stands)
    older = former.filter(pa.array(keep, pa.bool_()))
    uids = [replaced_by.get(uid, uid) for uid in older.column("uid").to_pylist()]
    return pa.table(
        {
            "entity": pa.array(
                [*older.column("entity").to_pylist(), *world.entity[held].tolist()], pa.int32()
            ),
            "uid": pa.array([*uids, *held.tolist()], pa.int32()),
        }
    )


def _house(con: duckdb.DuckDBPyConnection, local: Local, named: Named, entities: pa.Table) -> pa.Table:
    """Households of the entities that were linked again; leaves ``entity_of`` with their ids."""
    row_of = np.full(local.count, -1, dtype=np.int64)
    for label, row in named.rows.items():
        row_of[label] = row
    rows = row_of[local.labels]
    ids = entities.column("entity_id").combine_chunks().take(pa.array(rows))
    con.register(
        "__named",
        pa.table(
            {
                "uid": np.arange(local.count, dtype=np.int32),
                "entity": local.labels.astype(np.int32),
                "entity_id": ids,
            }
        ),
    )
    con.execute("CREATE OR REPLACE TABLE entity_of AS SELECT * FROM __named")
    con.unregister("__named")
    make_households(con)
    chosen = np.unique(rows[local.again])
    con.register(
        "__chosen",
        pa.table(
            {"row": chosen, "entity_id": entities.column("entity_id").combine_chunks().take(pa.array(chosen))}
        ),
    )
    found = con.execute(
        "SELECT c.row, h.household_id, h.dwelling FROM __chosen c JOIN households h USING (entity_id) ORDER BY c.row"
    ).to_arrow_table()
    con.unregister("__chosen")
    mask = np.zeros(entities.num_rows, dtype=bool)
    mask[found.column("row").to_numpy()] = True
    for column in ("household_id", "dwelling"):
        place = entities.schema.get_field_index(column)
        merged = pc.replace_with_mask(
            entities.column(column).combine_chunks(), pa.array(mask), found.column(column).combine_chunks()
        )
        entities = entities.set_column(place, column, merged)
    return entities


def _review(con: duckdb.DuckDBPyConnection, world: World, local: Local, entity: Ints) -> pa.Table:
    """Pairs to review: those found now, and the base's that still stand between two entities."""
    old = world.base.table("review")
    a, b = (old.column(c).to_numpy() for c in "ab")
    make_review(con)
    con.register(
        "__whole",
        pa.table({"uid": np.arange(local.count, dtype=np.int32), "whole": local.whole.astype(np.int32)}),
    )
    names = ", ".join(f"v.{c}" for c in old.schema.names[2:])
    found = con.execute(
        f"SELECT least(x.whole, y.whole) AS a, greatest(x.whole, y.whole) AS b, {names} FROM ({review_query(con)}) v"
        " JOIN __whole x ON x.uid = v.a JOIN __whole y ON y.uid = v.b"
    ).to_arrow_table()
    con.unregister("__whole")
    now = [entity[found.column(c).to_numpy()] for c in "ab"]
    asked = np.minimum(*now) << 32 | np.maximum(*now)
    stands = world.stands[a] & world.stands[b] & (entity[a] != entity[b])
    still = np.minimum(entity[a], entity[b]) << 32 | np.maximum(entity[a], entity[b])
    return pa.concat_tables([old.filter(pa.array(stands & ~np.isin(still, asked))), found.cast(old.schema)])


def _flags(con: duckdb.DuckDBPyConnection, world: World) -> pa.Table | None:
    if "flags" not in world.base.meta["files"]:
        return None
    old = world.base.table("flags")
    new = con.execute("SELECT uid, field, code FROM new_flags ORDER BY uid, field, code").to_arrow_table()
    stands = world.stands[old.column("uid").to_numpy()]
    return pa.concat_tables([old.filter(pa.array(stands)), new.cast(old.schema)])


def keep_added(con: duckdb.DuckDBPyConnection, added: Added, folder: Path) -> None:
    """Write the state after a batch into a folder."""
    base = added.base
    writer = Writer(folder, base.run + 1)
    segments = list(base.segments)
    places = [(base.folder, segment) for segment in segments]
    if added.arrivals.fresh:
        made = writer.segment(
            con, ("fresh", "fresh_given"), columns=base.columns, first=base.rows, keys=base.keys
        )
        segments.append(made)
        places.append((folder, made))
    blanked = base.meta.get("blanked", 0)
    if wants_compacting(segments, added.alive, blanked):
        whole = compact(con, places, added.alive, (folder, f"{base.run + 1}-whole"), base.keys)
        for place, segment in places:
            if place == folder:
                for file in segment.files:
                    (folder / file).unlink()
        segments, blanked = [whole], int((~added.alive).sum())
    else:
        for segment in base.segments:
            for file in segment.files:
                carry(base.folder, folder, file)
    writer.array("alive", added.alive)
    writer.array("component", added.component.astype(np.int32))
    writer.array("entity", added.entity.astype(np.int32))
    for name, table in (
        ("entities", added.entities),
        ("former", added.former),
        ("edges", added.edges),
        ("review", added.review),
        ("flags", added.flags),
        ("decisions", added.decisions),
    ):
        if table is not None:
            writer.table(name, table)
    for name in base.meta["files"]:
        if name.startswith("terms_"):
            writer.same(name, base)
    kept = ("model", "settings", "terms", "schema", "between", "threshold", "confused")
    body = {name: base.meta[name] for name in kept}
    writer.finish(segments, base.keys, {**body, "standing": int(added.alive.sum()), "blanked": blanked})


def report_of(added: Added, rejects: Rejects) -> dict[str, Any]:
    """Counts for the report."""
    arrivals = added.arrivals
    standing = added.entity[added.entity >= 0]
    moved = np.flatnonzero(added.alive[: len(added.base.entity)])
    return {
        "analysis": "link",
        "schema": added.base.meta["schema"]["name"],
        "mode": "between" if added.base.between else "all",
        "run": added.base.run + 1,
        "rows": arrivals.rows,
        "new": arrivals.new,
        "told_anew": arrivals.changed,
        "unchanged": arrivals.unchanged,
        "removed": arrivals.removed,
        "read_differently": arrivals.reread,
        "records": int(added.alive.sum()),
        "entities": int(np.count_nonzero(np.bincount(standing))),
        "linked_again": len(added.touched),
        "moved": int((added.entity[moved] != added.before[moved]).sum()),
        "renamed": len(added.named.renamed),
        "links": int((~added.edges.column("refused").to_numpy()).sum()),
        "review": added.review.num_rows,
        "decisions": added.decisions.num_rows,
        "rejects": rejects.counts(),
    }
