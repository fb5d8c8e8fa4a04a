"""The part of a kept linkage that a batch touches, linked again as a small linkage of its own."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa

from wangge_engine.link import context, households
from wangge_engine.link.blocks import DOOR, HOUSEHOLD
from wangge_engine.link.closure import Closure, World, named_columns
from wangge_engine.link.cluster import Constraints, cluster
from wangge_engine.link.components import Ints, components
from wangge_engine.link.context import Pairs
from wangge_engine.link.kept import KINDS, Base
from wangge_engine.link.namesakes import CHANCE_COLUMNS
from wangge_engine.link.pipeline import codes, join_by_context, numbers, read_edges
from wangge_engine.link.verdicts import Verdicts

_OWN_COLUMNS = ("source", "record_id", "household_ref", "door")


def _columns(base: Base) -> list[str]:
    """What clustering, context, households and their groups ask of a record."""
    texts = [
        text for module in (context, households) for text in vars(module).values() if isinstance(text, str)
    ]
    texts += [part for key in (DOOR, HOUSEHOLD) for part in key.parts]
    texts += [*base.model.exclusive, *(base.model.spread or ("",))[:1], *_OWN_COLUMNS]
    return named_columns(base, texts)


class Local:
    """The closure as a small linkage of its own, in the tables that the stages know, with numbers from 0."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, world: World, closure: Closure, verdicts: Verdicts
    ) -> None:
        self.con, self.world, self.base = con, world, world.base
        world.take(closure.seen, "seen", _columns(self.base))
        con.execute(
            """
            CREATE OR REPLACE TABLE records AS
            SELECT CAST(row_number() OVER (ORDER BY source, record_id) - 1 AS INTEGER) AS uid, uid AS whole,
                   * EXCLUDE (uid)
            FROM seen ORDER BY source, record_id
            """
        )
        self.whole: Ints = (
            con.execute("SELECT whole FROM records ORDER BY uid").fetchnumpy()["whole"].astype(np.int64)
        )
        con.execute("ALTER TABLE records DROP whole")
        self.count = len(self.whole)
        self.place = np.full(world.rows, -1, dtype=np.int64)
        self.place[self.whole] = np.arange(self.count)
        self.again = closure.again[self.whole]
        self.same = self._inside(verdicts.same)
        self.different = self._inside(verdicts.different)
        self._pairs()
        self.whole_groups = closure.whole_groups

    def _inside(self, pairs: Ints) -> Ints:
        """Pairs of the world, in local numbers, that lie in what is linked again on either side."""
        here = self.place[pairs]
        inside = (here >= 0).all(axis=1)
        return here[inside & self.again[here].any(axis=1)]

    def _pairs(self) -> None:
        """Table ``pairs``: those scored now and those of the base between records that are linked again."""
        edges = self.base.table("edges")
        a, b = (edges.column(c).to_numpy() for c in "ab")
        again = np.zeros(self.world.rows, dtype=bool)
        again[self.whole[self.again]] = True
        scored = edges.column("kind").to_numpy() == KINDS.index("scored")
        self.kept_edges = self.world.stands[a] & self.world.stands[b] & ~(again[a] | again[b])
        here = np.flatnonzero(scored & again[a] & again[b])
        mine = edges.take(pa.array(here))
        bits = evidence_of(edges.schema)
        self.bits = bits
        numbers = {c: self.place[mine.column(c).to_numpy()] for c in "ab"}
        self.con.register(
            "__mine",
            pa.table(
                {
                    "a": np.minimum(numbers["a"], numbers["b"]),
                    "b": np.maximum(numbers["a"], numbers["b"]),
                    **{c: mine.column(c) for c in ("weight", "probability", *bits, "weak")},
                }
            ),
        )
        self.con.register("__place", pa.table({"uid": self.whole, "place": np.arange(self.count)}))
        chosen = ", ".join(("weight", "probability", "vetoed", *bits, "weak"))
        self.con.execute(
            f"""
            CREATE OR REPLACE TABLE pairs AS
            SELECT CAST(a AS INTEGER) AS a, CAST(b AS INTEGER) AS b, {chosen.replace("vetoed", "false AS vetoed")}
            FROM __mine
            UNION ALL
            SELECT CAST(least(x.place, y.place) AS INTEGER), CAST(greatest(x.place, y.place) AS INTEGER), {chosen}
            FROM new_pairs p JOIN __place x ON x.uid = p.a JOIN __place y ON y.uid = p.b
            """
        )
        self.con.unregister("__mine")
        self.con.unregister("__place")

    def link(self) -> None:
        """Cluster, then context; ``labels`` are the entities by local number."""
        con, base = self.con, self.base
        model = base.model
        self.edges = read_edges(con, f"NOT vetoed AND probability >= {float(base.meta['threshold'])!r}")
        frozen = self._frozen()
        constraints = Constraints(
            keys=tuple(codes(con, column) for column in model.exclusive),
            apart=tuple(map(tuple, self.different.tolist())),
            together=(*map(tuple, self.same.tolist()), *map(tuple, frozen.tolist())),
            single=codes(con, "source") if base.between else None,
            spread=None if model.spread is None else (numbers(con, model.spread[0]), model.spread[1]),
            weak=None if model.weak is None else model.weak[1],
        )
        self.labels = cluster(self.count, self.edges, constraints)
        self._store_links()
        if self.base.meta["schema"]["kind"] == "zh" and not base.between:
            self._hide_torn_groups()
            standing = self._standing()
            con.execute("ALTER TABLE records RENAME TO every")
            con.register("__met", pa.table({"uid": self._who_may_meet(standing)}))
            con.execute("CREATE TABLE records AS FROM every SEMI JOIN __met USING (uid)")
            con.unregister("__met")
            self.labels = join_by_context(con, self.labels, constraints, standing)
            con.execute("DROP TABLE records; ALTER TABLE every RENAME TO records")
            con.execute(
                "UPDATE records SET household_ref = t.household_ref FROM torn t WHERE t.uid = records.uid"
            )

    def _frozen(self) -> Ints:
        """Chains through the entities that are only seen."""
        still = np.flatnonzero(~self.again)
        entity = self.world.entity[self.whole[still]]
        order = np.lexsort((still, entity))
        still, entity = still[order], entity[order]
        joined = np.flatnonzero(entity[1:] == entity[:-1])
        return np.stack([still[joined], still[joined + 1]], axis=1)

    def _standing(self) -> dict[str, Pairs]:
        """What only the whole shows, as the base has it."""
        edges = self.base.table("edges")
        kind, a, b = (edges.column(c).to_numpy() for c in ("kind", "a", "b"))
        found = {}
        for name in ("respelt", "namesake"):
            chosen = kind == KINDS.index(name)
            ends = self.place[np.stack([a[chosen], b[chosen]], axis=1)]
            inside = ends[(ends >= 0).all(axis=1) & self.again[ends].all(axis=1)]
            found[name] = [(int(min(pair)), int(max(pair)), 1) for pair in inside.tolist()]
        self._keep_chances()
        return found

    def _keep_chances(self) -> None:
        """Table ``namesake_chance``: how sure the base was of those it joined on their name."""
        edges = self.base.table("edges")
        mine = edges.filter(pa.array(edges.column("kind").to_numpy() == KINDS.index("namesake")))
        ends = self.place[np.stack([mine.column(c).to_numpy() for c in "ab"], axis=1)]
        held = pa.table({"a": ends.min(axis=1), "b": ends.max(axis=1), "p": mine.column("probability")})
        self.con.register("__chances", held)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE namesake_chance ({CHANCE_COLUMNS})")
        self.con.execute("INSERT INTO namesake_chance FROM __chances WHERE a >= 0")
        self.con.unregister("__chances")

    def _who_may_meet(self, standing: Mapping[str, Pairs]) -> Ints:
        """Local records that context may join or join to: of table ``every``, by what clustering has left.

        Context joins two entities of one name who live with one another or with one third, so both are of one family:
        entities in a chain of doors and households. A family in which no name is borne by two entities cannot change.
        Titles look at whoever shares a telephone with them, or a door.
        """
        found = self.con.execute(
            "SELECT hash(fuzzy) AS name, fuzzy IS NOT NULL AS named,"
            " hash('d', door) AS door, door IS NOT NULL AS doored,"
            " hash('r', source, household_ref) AS ref, household_ref IS NOT NULL AS housed,"
            " hash(phone_key) AS phone, phone_key IS NOT NULL AS phoned, name_kind = 'partial' AS titled"
            " FROM every ORDER BY uid"
        ).fetchnumpy()
        doored, housed, phoned, titled, whole = (
            np.asarray(found[c], dtype=bool) for c in ("doored", "housed", "phoned", "titled", "named")
        )
        member = np.concatenate([np.flatnonzero(doored), np.flatnonzero(housed)])
        _, group = np.unique(
            np.concatenate([found["door"][doored], found["ref"][housed]]), return_inverse=True
        )
        nodes = self.count + int(group.max(initial=-1)) + 1
        families = components(nodes, self.labels[member], self.count + group)[self.labels]
        named = np.flatnonzero(whole)
        order = named[np.lexsort((self.labels[named], found["name"][named], families[named]))]
        alike = (np.diff(families[order]) == 0) & (np.diff(found["name"][order]) == 0)
        twice = order[1:][alike & (np.diff(self.labels[order]) != 0)]
        called = phoned & np.isin(found["phone"], found["phone"][titled & phoned])
        chosen = np.zeros(nodes, dtype=bool)
        chosen[families[twice]] = True
        chosen[families[titled | called]] = True
        for a, b, _ in (pair for pairs in standing.values() for pair in pairs):
            chosen[families[[a, b]]] = True
        return np.flatnonzero(chosen[families])

    def _hide_torn_groups(self) -> None:
        """Take the doors and households away of which only some records are at hand: they cannot be judged."""
        con = self.con
        con.execute("CREATE OR REPLACE TABLE torn AS SELECT uid, household_ref FROM records WHERE false")
        con.register("__groups", pa.table({"k": self.whole_groups}))
        # a table of its own: DuckDB hands few keys to Arrow as signed numbers, which cannot hold 2^63 and more
        con.execute("CREATE OR REPLACE TEMP TABLE whole_groups AS SELECT k FROM __groups")
        con.unregister("__groups")
        for key, column in ((HOUSEHOLD, "household_ref"), (DOOR, "door")):
            torn = (
                f"FROM records r WHERE {column} IS NOT NULL"
                f" AND NOT EXISTS (FROM whole_groups g WHERE g.k = {key.value})"
            )
            if column == "household_ref":
                con.execute(f"INSERT INTO torn SELECT uid, household_ref {torn}")
            con.execute(f"CREATE OR REPLACE TEMP TABLE hidden AS SELECT uid {torn}")
            con.execute(f"UPDATE records SET {column} = NULL FROM hidden h WHERE h.uid = records.uid")

    def _store_links(self) -> None:
        """Empty ``links`` for the context, and ``refused``."""
        con = self.con
        refused = np.zeros(len(self.edges.left), dtype=bool)
        refused[self.edges.refused] = True
        self.refused = refused
        con.register("__refused", pa.table({"a": self.edges.left[refused], "b": self.edges.right[refused]}))
        con.execute(
            "CREATE OR REPLACE TABLE refused AS SELECT CAST(a AS INTEGER) AS a, CAST(b AS INTEGER) AS b FROM __refused"
        )
        con.unregister("__refused")
        con.execute(
            "CREATE OR REPLACE TABLE links (a INTEGER, b INTEGER, weight FLOAT, probability FLOAT, kind VARCHAR,"
            " shared INTEGER)"
        )
        for a, b in self.same.tolist():
            con.execute("INSERT INTO links VALUES (?, ?, NULL, NULL, 'decision', NULL)", sorted((a, b)))
        con.register(
            "__labels", pa.table({"uid": np.arange(self.count, dtype=np.int32), "entity": self.labels})
        )
        con.execute(
            "CREATE OR REPLACE TABLE entity_of AS SELECT uid, CAST(entity AS INTEGER) AS entity FROM __labels"
        )
        con.unregister("__labels")

    def all_edges(self) -> pa.Table:
        """Links and refused links of what was linked again, with the world's numbers."""
        con = self.con
        con.register(
            "__whole",
            pa.table({"uid": np.arange(self.count, dtype=np.int32), "whole": self.whole.astype(np.int32)}),
        )
        bits = ", ".join(f"p.{c}" for c in self.bits)
        kinds = " ".join(f"WHEN '{kind}' THEN {i}" for i, kind in enumerate(KINDS))
        ends = "least(x.whole, y.whole) AS a, greatest(x.whole, y.whole) AS b"
        found = con.execute(
            f"""
            SELECT {ends}, CAST(0 AS TINYINT) AS kind, p.weight, p.probability, CAST(NULL AS INTEGER) AS shared,
                   f.a IS NOT NULL AS refused, {bits}, p.weak
            FROM pairs p LEFT JOIN refused f ON f.a = p.a AND f.b = p.b
            JOIN __whole x ON x.uid = p.a JOIN __whole y ON y.uid = p.b
            WHERE NOT p.vetoed AND p.probability >= ?
            UNION ALL
            SELECT {ends}, CAST(CASE l.kind {kinds} END AS TINYINT), p.weight, l.probability, l.shared, false, {bits},
                   false
            FROM links l LEFT JOIN pairs p ON p.a = l.a AND p.b = l.b
            JOIN __whole x ON x.uid = l.a JOIN __whole y ON y.uid = l.b
            ORDER BY a, b, kind
            """,
            [self.base.meta["threshold"]],
        ).to_arrow_table()
        con.unregister("__whole")
        return found


def evidence_of(schema: pa.Schema) -> list[str]:
    return [name for name in schema.names if name.startswith("w_")]
