"""DuckDB and Splink against the naive reference, and the laws of clustering."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine import reference_link as naive
from tests.engine.population import HARSH, Population, Rates, write
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.cluster import Constraints, Edges, cluster
from wangge_engine.link.components import components
from wangge_engine.link.intake import Input
from wangge_engine.link.model_zh import MODEL
from wangge_engine.link.pipeline import THRESHOLD, Request, link
from wangge_engine.link.schema import read_schema
from wangge_engine.link.score import KEEP_WEIGHT


@pytest.fixture(scope="module", params=[(60, 1, Rates()), (150, 2, HARSH)], ids=["plain", "harsh"])
def linked(request, tmp_path_factory):
    people, seed, rates = request.param
    files = write(tmp_path_factory.mktemp("people"), Population(people, seed, rates))
    con = connect()
    inputs = [Input(source, path) for source, path in files.items()]
    report = link(con, Request(inputs=inputs, schema=read_schema("person-zh")), Rejects(), Stages(quiet=True))
    cursor = con.execute("SELECT * FROM records ORDER BY uid")
    columns = [column[0] for column in cursor.description]
    records = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    terms = {
        column: dict(con.execute(f"SELECT {column}, tf_{column} FROM {column}_terms").fetchall())
        for column in ("name", "pinyin", "fuzzy", "surname")
    }
    return con, report, records, naive.weights(records, report["model"], terms)


def test_every_pair_has_the_weight_and_levels_of_the_reference(linked):
    con, _, records, expected = linked
    level_columns = ", ".join(f"g_{c.name}" for c in MODEL.comparisons)
    found = {
        (a, b): (weight, dict(zip((c.name for c in MODEL.comparisons), levels, strict=True)))
        for a, b, weight, *levels in con.execute(
            f"SELECT a, b, weight, {level_columns} FROM pairs"
        ).fetchall()
    }
    kept = {pair: value for pair, value in expected.items() if value[0] >= KEEP_WEIGHT + 0.01}
    assert len(kept) > len(records) / 2
    assert set(kept) <= set(found)
    assert all(pair in expected for pair in found)
    for pair, (weight, levels) in found.items():
        assert weight == pytest.approx(expected[pair][0], abs=0.02), pair
        named = {c.name: c.code_of(levels[c.name]) for c in MODEL.comparisons}
        assert named == expected[pair][1], pair
        for c in MODEL.comparisons:
            assert named[c.name] == "missing" or c.number_of(named[c.name]) == levels[c.name]


def test_scored_links_cluster_as_in_the_reference(linked):
    con, _, records, expected = linked
    bits = np.log2(THRESHOLD / (1 - THRESHOLD))
    links = [
        (round(weight, 3), a, b)
        for (a, b), (weight, levels) in expected.items()
        if weight >= bits and not naive.vetoed(weight, levels)
    ]
    days = dict(con.execute(f"SELECT uid, {MODEL.spread[0]} FROM records").fetchall())
    reference = naive.clusters(
        len(records),
        links,
        [r["id_ok"] for r in records],
        [days[r["uid"]] for r in records],
        MODEL.spread[1],
        ({link for link in links if naive.weak(*expected[link[1:]])}, MODEL.weak[1]),
    )
    # What the household pass adds comes after: every cluster of the reference lies inside one of ours.
    ours = dict(con.execute("SELECT uid, entity FROM entity_of").fetchall())
    added = con.execute("SELECT count(*) FROM links WHERE kind <> 'scored'").fetchall()[0][0]
    assert all(len({ours[node] for node in members}) == 1 for members in reference)
    assert len(reference) - len(set(ours.values())) <= added


NODES = 12
WEAK = 3
EDGES = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(1, 6)).filter(
        lambda e: e[0] != e[1]
    ),
    max_size=30,
)
KEYS = st.lists(st.integers(-1, 3), min_size=NODES, max_size=NODES)
PAIRS = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda p: p[0] != p[1]), max_size=4
)


def arrays(edges):
    table = np.asarray(edges, dtype=np.int64).reshape(-1, 3)
    weight = table[:, 2].astype(np.float64)
    return Edges(table[:, 0], table[:, 1], weight, weight < WEAK)


@settings(deadline=None)
@given(EDGES)
def test_components_are_the_closure_of_the_links(edges):
    made = arrays(edges)
    labels = components(NODES, made.left, made.right)
    group = {node: {node} for node in range(NODES)}
    for a, b, _ in edges:
        merged = group[a] | group[b]
        for node in merged:
            group[node] = merged
    assert [int(label) for label in labels] == [min(group[node]) for node in range(NODES)]


@settings(deadline=None)
@given(EDGES, KEYS)
def test_clusters_with_exclusive_keys_equal_the_naive_ones(edges, keys):
    edges = [(min(a, b), max(a, b), w) for a, b, w in edges]
    labels = cluster(NODES, arrays(edges), Constraints(keys=(np.asarray(keys, dtype=np.int64),)))
    expected = naive.clusters(
        NODES, [(w, a, b) for a, b, w in edges], [k if k >= 0 else None for k in keys], [None] * NODES, 0.0
    )
    made = {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}
    assert made == expected
    assert all(int(label) == min(np.flatnonzero(labels == label)) for label in set(labels.tolist()))


DAYS = st.lists(st.none() | st.integers(0, 9), min_size=NODES, max_size=NODES)


@settings(deadline=None)
@given(EDGES, DAYS)
def test_clusters_with_births_equal_the_naive_ones(edges, days):
    edges = [(min(a, b), max(a, b), w) for a, b, w in edges]
    known = np.array([np.nan if day is None else day for day in days], dtype=np.float64)
    labels = cluster(NODES, arrays(edges), Constraints(spread=(known, 4.0), weak=1.0))
    links = [(w, a, b) for a, b, w in edges]
    weak = {link for link in links if link[0] < WEAK}
    expected = naive.clusters(NODES, links, [None] * NODES, days, 4.0, (weak, 1.0))
    made = {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}
    assert made == expected


@settings(deadline=None)
@given(EDGES, KEYS, PAIRS, PAIRS)
def test_decisions_overrule_links_and_keys(edges, keys, together, apart):
    group = components(NODES, *np.asarray(together, dtype=np.int64).reshape(-1, 2).T)
    apart = [(a, b) for a, b in apart if group[a] != group[b]]  # contradictions are refused before
    labels = cluster(
        NODES,
        arrays(edges),
        Constraints(keys=(np.asarray(keys, dtype=np.int64),), apart=tuple(apart), together=tuple(together)),
    )
    assert all(labels[a] == labels[b] for a, b in together)
    assert all(labels[a] != labels[b] for a, b in apart)


@settings(deadline=None)
@given(EDGES, KEYS, PAIRS)
def test_no_cluster_holds_two_numbers_unless_a_person_joined_them(edges, keys, together):
    made = arrays(edges)
    labels = cluster(
        NODES, made, Constraints(keys=(np.asarray(keys, dtype=np.int64),), together=tuple(together))
    )
    assert (labels[labels] == labels).all()  # an equivalence, named by its smallest record
    decided = components(NODES, *np.asarray(together, dtype=np.int64).reshape(-1, 2).T)
    for label in set(labels.tolist()):
        members = np.flatnonzero(labels == label).tolist()
        numbers = {keys[node] for node in members if keys[node] >= 0}
        joined = [
            {keys[node] for node in members if decided[node] == group and keys[node] >= 0}
            for group in {int(decided[node]) for node in members}
        ]
        assert len(numbers) <= max(1, *map(len, joined), 0)


@settings(deadline=None)
@given(EDGES, KEYS, st.randoms())
def test_the_order_of_links_does_not_matter(edges, keys, chance):
    edges = [(min(a, b), max(a, b), w) for a, b, w in edges]
    constraints = Constraints(keys=(np.asarray(keys, dtype=np.int64),))
    shuffled = list(edges)
    chance.shuffle(shuffled)
    first, second = (cluster(NODES, arrays(e), constraints) for e in (edges, shuffled))
    assert first.tolist() == second.tolist()


@settings(deadline=None)
@given(EDGES, st.lists(st.integers(0, 2), min_size=NODES, max_size=NODES))
def test_between_files_a_cluster_holds_one_record_of_each(edges, files):
    labels = cluster(NODES, arrays(edges), Constraints(single=np.asarray(files, dtype=np.int64)))
    for label in set(labels.tolist()):
        inside = [files[node] for node in np.flatnonzero(labels == label)]
        assert len(inside) == len(set(inside))
