"""The linkage from files to tables, stage by stage; every stage reads and leaves tables of one database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import has_table
from wangge_engine.link.average import average_groups
from wangge_engine.link.cluster import Constraints, Edges, cluster
from wangge_engine.link.components import Ints
from wangge_engine.link.confused import confused_in
from wangge_engine.link.context import (
    CONTEXT_WEIGHT,
    Pairs,
    find_context_pairs,
    find_titled_pairs,
    make_facts,
    renew_facts,
)
from wangge_engine.link.decisions import Decisions, no_decisions, read_decisions
from wangge_engine.link.evaluate import evaluate
from wangge_engine.link.fairness import by_group
from wangge_engine.link.flags import flag_counts
from wangge_engine.link.households import make_households
from wangge_engine.link.intake import Input, load
from wangge_engine.link.kept import keep
from wangge_engine.link.model import Model
from wangge_engine.link.namesakes import find_namesake_pairs
from wangge_engine.link.once import find_respelt_pairs
from wangge_engine.link.schema import Schema
from wangge_engine.link.score import parameters, score
from wangge_engine.link.spark import Spark
from wangge_engine.link.spark import predict as predict_on_spark

THRESHOLD = 0.7  # probability from which a pair is a link; accuracy is flat from 0.5 to 0.95
CONTEXT_ROUNDS = 2
NAMESAKE_ROUNDS = 2  # where some are joined, the others of their name have fewer rivals
NAMES_AGREE = 4.0  # bits from which a pair's names count as agreeing


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    inputs: Sequence[Input]
    schema: Schema
    between: bool = False
    decisions: Path | None = None
    truth: Path | None = None
    strict: bool = False
    threshold: float = THRESHOLD
    keep: Path | None = None  # folder that receives what a later batch needs
    namesakes: bool = True  # whether the only two entities of a name may be joined on it alone
    spark: Spark | None = None  # where pairs are found and scored; None: in the database


def link(
    con: duckdb.DuckDBPyConnection, request: Request, rejects: Rejects, stages: Stages
) -> dict[str, Any]:
    """Run all stages and return the report.

    Leaves tables ``records``, ``pairs``, ``links``, ``entity_of``, ``households``, ``review``.
    """
    with stages.stage("read"):
        rows = load(con, request.inputs, request.schema, rejects)
        if request.strict:
            rejects.require_none()
    with stages.stage("normalise"):
        model = normalise_records(con, request.schema.kind)
    with stages.stage("decisions"):
        decisions = (
            read_decisions(con, request.decisions, rejects)
            if request.decisions is not None
            else no_decisions(con)
        )
        if request.strict:
            rejects.require_none()
    with stages.stage("score"):
        elsewhere = None if request.spark is None else partial(predict_on_spark, place=request.spark)
        settings = score(con, model, between=request.between, predict_with=elsewhere)
    with stages.stage("cluster"):
        labels, constraints = _cluster(con, model, request, decisions)
    if request.schema.kind == "zh" and not request.between:
        with stages.stage("household context"):
            labels = join_by_context(con, labels, constraints, namesakes=request.namesakes)
    with stages.stage("households"):
        _name_entities(con, labels, model.prefix)
        make_households(con)
        make_review(con)
    report = _report(con, request, rows, rejects, parameters(settings))
    if request.keep is not None:
        with stages.stage("keep"):
            body = {
                "schema": asdict(request.schema),
                "between": request.between,
                "threshold": request.threshold,
                "confused": confused_in(con) if request.schema.kind == "zh" else {},
            }
            keep(con, request.keep, model, settings, body)
    if request.truth is not None:
        with stages.stage("evaluate"):
            report["truth"] = evaluate(con, request.truth)
            if request.schema.kind == "zh":
                report["groups"] = by_group(con)
    report["stages"] = stages.report()
    report["peak_memory_mb"] = peak_memory_mb()
    return report


def join_by_context(
    con: duckdb.DuckDBPyConnection,
    labels: Ints,
    constraints: Constraints,
    standing: Mapping[str, Pairs] | None = None,
    *,
    namesakes: bool = True,
) -> Ints:
    """Join what shares housemates, twice, then whom no department tells twice, then titles.

    ``links`` receives what was joined. ``standing``: what no department tells twice, where only the whole shows it.
    """
    make_facts(con)
    for repeated in range(CONTEXT_ROUNDS):
        pairs = find_context_pairs(con, again=repeated > 0)
        labels, joined = add_context(con, labels, constraints, pairs, "household")
        if not joined:
            break
    if standing is None:
        labels, _ = add_context(con, labels, constraints, find_respelt_pairs(con), "respelt")
        spent = 0.0
        for _ in range(NAMESAKE_ROUNDS if namesakes else 0):
            pairs, wrong = find_namesake_pairs(con, spent)
            labels, joined = _add_namesakes(con, labels, constraints, pairs)
            spent += wrong
            if not joined:
                break
    else:
        labels, _ = add_context(con, labels, constraints, standing["respelt"], "respelt")
        labels, _ = _add_namesakes(con, labels, constraints, standing["namesake"])
    return add_context(con, labels, constraints, find_titled_pairs(con), "title")[0]


def _add_namesakes(
    con: duckdb.DuckDBPyConnection, labels: Ints, constraints: Constraints, pairs: Pairs
) -> tuple[Ints, int]:
    labels, joined = add_context(con, labels, constraints, pairs, "namesake")
    if pairs:
        con.execute(
            "UPDATE links SET probability = n.probability FROM namesake_chance n"
            " WHERE kind = 'namesake' AND n.a = links.a AND n.b = links.b"
        )
    return labels, joined


def normalise_records(
    con: duckdb.DuckDBPyConnection, kind: str, confused: Mapping[str, str] | None = None
) -> Model:
    """Build ``records`` from ``records_in``. ``confused`` as of ``normalise_zh``; the other kinds know none."""
    if kind == "zh":
        from wangge_engine.link.model_zh import MODEL
        from wangge_engine.link.normalise_zh import normalise

        normalise(con, confused)
        return MODEL
    if kind == "organisation":
        from wangge_engine.link.model_organisation import MODEL as ORGANISATIONS
        from wangge_engine.link.normalise_organisation import normalise as normalise_organisations

        normalise_organisations(con)
        return ORGANISATIONS
    if kind == "encoded":
        from wangge_engine.link.model_encoded import MODEL as ENCODED
        from wangge_engine.link.normalise_encoded import normalise as normalise_encoded

        normalise_encoded(con)
        return ENCODED
    from wangge_engine.link.model_western import make_model
    from wangge_engine.link.normalise_western import normalise as normalise_western

    normalise_western(con)
    return make_model(con)


def _cluster(
    con: duckdb.DuckDBPyConnection, model: Model, request: Request, decisions: Decisions
) -> tuple[Ints, Constraints]:
    judge(con, model, "pairs")
    nodes = _count(con, "records")
    if model.average is not None and not request.between:
        every = read_edges(con, "NOT vetoed")
        groups = average_groups(nodes, every, model.average)
        kept = (groups[every.left] == groups[every.right]) & (every.weight >= model.average)
        edges = Edges(every.left[kept], every.right[kept], every.weight[kept])
    else:
        edges = read_edges(con, f"NOT vetoed AND probability >= {float(request.threshold)!r}")
    constraints = Constraints(
        keys=tuple(codes(con, column) for column in model.exclusive),
        apart=decisions.different,
        together=decisions.same,
        single=codes(con, "source") if request.between else None,
        spread=None if model.spread is None else (numbers(con, model.spread[0]), model.spread[1]),
        weak=None if model.weak is None else model.weak[1],
    )
    labels = cluster(nodes, edges, constraints)
    _store_links(con, edges)
    for a, b in decisions.same:
        con.execute("INSERT INTO links VALUES (?, ?, NULL, NULL, 'decision', NULL)", sorted((a, b)))
    store_labels(con, labels)
    return labels, constraints


def judge(con: duckdb.DuckDBPyConnection, model: Model, pairs: str) -> None:
    """Columns ``vetoed`` and ``weak`` of a table of pairs."""
    weak = "false" if model.weak is None else model.weak[0]
    con.execute(
        f"ALTER TABLE {pairs} ADD COLUMN vetoed BOOLEAN; ALTER TABLE {pairs} ADD COLUMN weak BOOLEAN;"
        f"UPDATE {pairs} SET vetoed = {model.veto}, weak = {weak}"
    )


def read_edges(con: duckdb.DuckDBPyConnection, condition: str) -> Edges:
    """The pairs that meet a condition, as links to cluster."""
    found = con.execute(f"SELECT a, b, weight, weak FROM pairs WHERE {condition} ORDER BY a, b").fetchnumpy()
    return Edges(
        found["a"].astype(np.int64),
        found["b"].astype(np.int64),
        found["weight"].astype(np.float64),
        found["weak"].astype(bool),
    )


def codes(con: duckdb.DuckDBPyConnection, column: str) -> Ints:
    """Integer codes of a column of records by record number; -1 for none."""
    found = con.execute(
        f"SELECT uid, hash({column}) AS code FROM records WHERE {column} IS NOT NULL"
    ).fetchnumpy()
    every = np.full(_count(con, "records"), -1, dtype=np.int64)
    every[found["uid"]] = (found["code"] >> np.uint64(1)).astype(np.int64)
    return every


def numbers(con: duckdb.DuckDBPyConnection, expression: str) -> NDArray[np.float64]:
    """Values of an SQL expression by record number; NaN for none."""
    found = con.execute(
        f"SELECT coalesce(CAST({expression} AS DOUBLE), 'nan') AS v FROM records ORDER BY uid"
    )
    return np.asarray(found.fetchnumpy()["v"], dtype=np.float64)


def add_context(
    con: duckdb.DuckDBPyConnection, labels: Ints, constraints: Constraints, pairs: Pairs, kind: str
) -> tuple[Ints, int]:
    """Join entities by pairs that context gives; returns the new labels and how many entities went.

    Keeps ``entity_of`` and ``entity_facts`` with them. Only the entities named are clustered: the others stand.
    """
    if not pairs:
        return labels, 0
    array = np.asarray(pairs, dtype=np.int64)
    named = np.zeros(len(labels), dtype=bool)
    named[labels[array[:, :2]]] = True
    members = np.flatnonzero(named[labels])
    place = np.full(len(labels), -1, dtype=np.int64)
    place[members] = np.arange(len(members))
    old = place[labels[members]]
    # What was joined stays joined: a chain through each old cluster is stronger than any context link.
    held = np.flatnonzero(old != np.arange(len(members)))
    grown = Edges(
        np.concatenate([old[held], place[array[:, 0]]]),
        np.concatenate([held, place[array[:, 1]]]),
        np.concatenate([np.full(len(held), 1e6), CONTEXT_WEIGHT + np.minimum(array[:, 2], 5) * 1.0]),
        # births that departments wrote a year apart were weighed where one name was
        np.concatenate([np.zeros(len(held), dtype=bool), np.full(len(array), kind != "namesake")]),
    )
    new = cluster(len(members), grown, constraints.among(members, place))
    taken = np.ones(len(array), dtype=bool)
    refused = np.asarray(grown.refused, dtype=np.int64) - len(held)
    taken[refused[refused >= 0]] = False
    kept = array[taken]
    con.register("__kept", pa.table({"a": kept[:, 0], "b": kept[:, 1], "shared": kept[:, 2]}))
    con.execute(
        "INSERT INTO links SELECT least(a, b), greatest(a, b), NULL, NULL, ?, shared FROM __kept", [kind]
    )
    con.unregister("__kept")
    labels = labels.copy()
    labels[members] = members[new]
    store_labels(con, labels)
    gone = np.flatnonzero((old == np.arange(len(members))) & (new != old))
    renew_facts(con, np.stack([members[gone], members[new[gone]]], axis=1))
    return labels, len(gone)


def _store_links(con: duckdb.DuckDBPyConnection, edges: Edges) -> None:
    """Table ``links``: pairs taken, and ``refused``: pairs good enough but impossible."""
    refused = np.zeros(len(edges.left), dtype=bool)
    refused[edges.refused] = True
    con.register(
        "__edges", pa.table({"a": edges.left, "b": edges.right, "weight": edges.weight, "refused": refused})
    )
    con.execute(
        """
        CREATE OR REPLACE TABLE links AS
        SELECT CAST(a AS INTEGER) AS a, CAST(b AS INTEGER) AS b, CAST(e.weight AS FLOAT) AS weight,
               p.probability, 'scored' AS kind, CAST(NULL AS INTEGER) AS shared
        FROM __edges e JOIN pairs p USING (a, b) WHERE NOT refused
        """
    )
    con.execute("CREATE OR REPLACE TABLE refused AS SELECT a, b FROM __edges WHERE refused")
    con.unregister("__edges")


def store_labels(con: duckdb.DuckDBPyConnection, labels: Ints) -> None:
    con.register("__labels", pa.table({"uid": np.arange(len(labels), dtype=np.int32), "entity": labels}))
    con.execute(
        "CREATE OR REPLACE TABLE entity_of AS SELECT uid, CAST(entity AS INTEGER) AS entity FROM __labels"
    )
    con.unregister("__labels")


def _name_entities(con: duckdb.DuckDBPyConnection, labels: Ints, prefix: str) -> None:
    """An entity is named by the smallest hash of its records' source and id: the same set, the same name."""
    store_labels(con, labels)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE entity_of AS
        WITH named AS (
            SELECT e.entity, '{prefix}' || substr(min(md5(r.source || chr(31) || r.record_id)), 1, 20) AS entity_id
            FROM entity_of e JOIN records r USING (uid) GROUP BY e.entity
        )
        SELECT e.uid, e.entity, n.entity_id FROM entity_of e JOIN named n USING (entity) ORDER BY e.uid
        """
    )


def make_review(con: duckdb.DuckDBPyConnection) -> None:
    """Pairs that a person should see: undecided, vetoed or impossible, the most records settled first.

    A pair whose names agree was vetoed because nothing firm goes with them: that is a question, not another name.
    """
    columns = {row[0] for row in con.execute("DESCRIBE pairs").fetchall()}
    namesakes = f"p.vetoed AND p.w_name >= {NAMES_AGREE}" if "w_name" in columns else "false"
    con.execute(
        f"""
        CREATE OR REPLACE TABLE review AS
        WITH sizes AS (SELECT entity, count(*) AS n FROM entity_of GROUP BY entity)
        SELECT p.a, p.b, p.probability,
               CASE WHEN f.a IS NOT NULL THEN 'impossible' WHEN {namesakes} THEN 'unsure'
                    WHEN p.vetoed THEN 'other_name' ELSE 'unsure' END AS why,
               x.n * y.n * (CASE WHEN f.a IS NOT NULL OR p.vetoed THEN 0.25
                            ELSE p.probability * (1 - p.probability) END) AS worth
        FROM pairs p
        JOIN entity_of l ON l.uid = p.a JOIN entity_of r ON r.uid = p.b AND r.entity <> l.entity
        JOIN sizes x ON x.entity = l.entity JOIN sizes y ON y.entity = r.entity
        LEFT JOIN refused f ON f.a = p.a AND f.b = p.b
        WHERE f.a IS NOT NULL OR (p.vetoed AND p.probability > 0.95)
           OR (p.probability > 0.05 AND (NOT p.vetoed OR {namesakes}))
        -- one question for each pair of entities
        QUALIFY row_number() OVER (PARTITION BY l.entity, r.entity ORDER BY worth DESC, p.a, p.b) = 1
        """
    )


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    found = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0


def _report(
    con: duckdb.DuckDBPyConnection,
    request: Request,
    rows: dict[str, int],
    rejects: Rejects,
    trained: dict[str, Any],
) -> dict[str, Any]:
    entities = con.execute("SELECT count(DISTINCT entity) FROM entity_of").fetchone()
    return {
        "analysis": "link",
        "schema": request.schema.name,
        "mode": "between" if request.between else "all",
        "engine": "duckdb" if request.spark is None else "spark",
        "rows": rows,
        "records": _count(con, "records"),
        "entities": int(entities[0]) if entities else 0,
        "pairs_scored": _count(con, "pairs"),
        "links": _count(con, "links"),
        "review": _count(con, "review"),
        "rejects": rejects.counts(),
        "flags": flag_counts(con) if has_table(con, "flags") else {},
        "model": trained,
        "confused": confused_in(con) if request.schema.kind == "zh" else {},
    }
