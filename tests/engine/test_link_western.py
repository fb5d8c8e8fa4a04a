"""Given name and surname data: pet names, whole names, groups that chains of likeness must not join."""

import json
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.historical import write
from wangge_engine.frame.cli import main
from wangge_engine.link.average import UNSEEN, average_groups
from wangge_engine.link.cluster import Edges
from wangge_engine.link.pet_names import formal_names

NODES = 7


def edges(weights):
    pairs = sorted(weights)
    return Edges(
        np.array([a for a, _ in pairs], dtype=np.int64),
        np.array([b for _, b in pairs], dtype=np.int64),
        np.array([weights[pair] for pair in pairs], dtype=np.float64),
    )


def naive(nodes, weights, least):
    """Merge the two groups of highest mean weight until none reaches the least."""
    groups = [{n} for n in range(nodes)]

    def mean(x, y):
        return sum(weights.get((min(a, b), max(a, b)), UNSEEN) for a in x for b in y) / len(x) / len(y)

    while len(groups) > 1:
        x, y = max(combinations(groups, 2), key=lambda pair: mean(*pair))
        if mean(x, y) < least:
            break
        groups = [g for g in groups if g is not x and g is not y] + [x | y]
    return sorted(min(g) for g in groups for _ in g)


@given(
    st.dictionaries(
        st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(
            lambda pair: pair[0] < pair[1]
        ),
        st.floats(-12, 12).map(lambda x: round(x, 3)),
    )
)
def test_groups_are_those_of_the_plain_definition(weights):
    values = list(weights.values())
    if len(set(values)) < len(values):
        return  # equal weights may be taken in either order
    labels = average_groups(NODES, edges(weights), 0.0)
    assert sorted(labels.tolist()) == naive(NODES, weights, 0.0)
    assert all(label == min(i for i, other in enumerate(labels) if other == label) for label in labels)


def test_a_chain_of_likeness_does_not_join_brothers():
    """Two strong triangles and one strong link between them: the eight other pairs speak against it."""
    triangles = {pair: 9.0 for group in ((0, 1, 2), (3, 4, 5)) for pair in combinations(group, 2)}
    assert average_groups(6, edges(triangles | {(2, 3): 9.0}), 0.0).tolist() == [0, 0, 0, 3, 3, 3]
    close = triangles | {(a, b): 2.0 for a in (0, 1, 2) for b in (3, 4, 5)}
    assert average_groups(6, edges(close), 0.0).tolist() == [0] * 6


def test_pet_names_stand_for_formal_names():
    assert "thomas" in formal_names("tom")
    assert {"albert", "robert"} <= set(formal_names("bert"))
    assert formal_names("elizabeth")[0] == "elizabeth"
    assert formal_names("xyzzy") == ()


def test_heavy_errors(tmp_path):
    """Ten faulty records a person: recall beyond what any one link gives, without families run together."""
    records, truth = write(tmp_path, people=300, seed=2)
    code = main(
        ["link", "--schema", "person", "--input", f"h={records}", "--truth", str(truth),
         "--out", str(tmp_path / "out"), "--report", str(tmp_path / "r.json"), "--quiet"]
    )  # fmt: skip
    found = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["truth"]["pairwise"]
    assert code == 0
    assert found["f1"] >= 0.87
    assert found["precision"] >= 0.93
