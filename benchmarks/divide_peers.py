"""METIS, KaHIP and gerrychain on a district, as their users run them, in an environment of their own.

    PEERS/bin/python -m benchmarks.divide_peers CASE.json OUT.json

made from `requirements-peers.lock` by the benchmark that asks for it (its pandas is not ours).

Each gives a plan: unit index to grid name. Exclusive units are left out of their graphs (each is its own grid), so
are communities of no household. Nested means: community by community, k = round(households / target).
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx

Plan = dict[int, str]


def graph_of(case: dict[str, Any]) -> nx.Graph:
    """Residential and open units with weights, and their borders with metres."""
    graph = nx.Graph()
    at = {}
    for index, node in enumerate(case["nodes"]):
        at[node["id"]] = index
        if node["kind"] != "exclusive":
            graph.add_node(index, weight=int(node["weight"]), within=node["within"], keep=node["keep"])
    for a, b, metres, _ in case["edges"]:
        if at[a] in graph and at[b] in graph:
            graph.add_edge(at[a], at[b], metres=max(1, round(metres)))
    return graph


def pieces_of(graph: nx.Graph) -> list[nx.Graph]:
    """Each community's connected pieces that hold a household."""
    nodes = defaultdict(list)
    for index, facts in graph.nodes(data=True):
        nodes[facts["within"]].append(index)
    found = []
    for some in nodes.values():
        part = graph.subgraph(some)
        found += [part.subgraph(sorted(piece)) for piece in nx.connected_components(part)]
    return [piece for piece in found if sum(w for _, w in piece.nodes(data="weight"))]


def _adjacency(graph: nx.Graph) -> tuple[list[int], list[int], list[int], list[int], list[int]]:
    order = list(graph.nodes)
    at = {node: position for position, node in enumerate(order)}
    starts, ends, metres = [0], [], []
    for node in order:
        for other, facts in graph[node].items():
            ends.append(at[other])
            metres.append(facts["metres"])
        starts.append(len(ends))
    return order, starts, ends, metres, [graph.nodes[node]["weight"] for node in order]


def _asked_to_keep(case: dict[str, Any]) -> nx.Graph:
    """Homes alone, and borders weighed by what is wanted: METIS can be told of estates and communities no other way.

    Inside an estate ten times the metres, inside a community three times, across a barrier a twentieth.
    """
    graph = graph_of(case)
    graph.remove_nodes_from([node for node, weight in graph.nodes(data="weight") if not weight])
    at = {node["id"]: index for index, node in enumerate(case["nodes"])}
    barrier = {frozenset((at[a], at[b])) for a, b, _, crosses in case["edges"] if crosses}
    for a, b, facts in graph.edges(data=True):
        one, two = graph.nodes[a], graph.nodes[b]
        times = 10.0 * (10 if one["keep"] and one["keep"] == two["keep"] else 1)
        times *= (3 if one["within"] == two["within"] else 1) / (20 if frozenset((a, b)) in barrier else 1)
        facts["metres"] = max(1, round(facts["metres"] * times))
    return graph


def metis_kway(case: dict[str, Any], target: int) -> Plan:
    """METIS k-way over the whole district with contiguous parts, borders weighed by what is to be kept."""
    import pymetis

    plan: Plan = {}
    graph = _asked_to_keep(case)
    for number, piece in enumerate(sorted(nx.connected_components(graph), key=min)):
        part = graph.subgraph(sorted(piece))
        order, starts, ends, metres, weights = _adjacency(part)
        k = max(1, round(sum(weights) / target))
        options = pymetis.Options(contig=1, seed=1)
        _, member = (
            (0, [0] * len(order))
            if k == 1
            else pymetis.part_graph(
                k,
                adjacency=pymetis.CSRAdjacency(starts, ends),
                vweights=weights,
                eweights=metres,
                recursive=False,
                options=options,
            )
        )
        plan |= {node: f"{number}-{grid}" for node, grid in zip(order, member, strict=True)}
    return plan


def metis_nested(case: dict[str, Any], target: int) -> Plan:
    """METIS recursive bisection, community by community."""
    import pymetis

    plan: Plan = {}
    for number, piece in enumerate(pieces_of(graph_of(case))):
        order, starts, ends, metres, weights = _adjacency(piece)
        k = min(max(1, round(sum(weights) / target)), len(order))
        member = [0] * len(order)
        if k > 1:
            _, member = pymetis.part_graph(
                k, adjacency=pymetis.CSRAdjacency(starts, ends), vweights=weights, eweights=metres, recursive=True,
                options=pymetis.Options(seed=1),
            )  # fmt: skip
        plan |= {node: f"{number}-{grid}" for node, grid in zip(order, member, strict=True)}
    return plan


def kahip_nested(case: dict[str, Any], target: int) -> Plan:
    """KaHIP strong, imbalance .03, community by community."""
    import kahip

    plan: Plan = {}
    for number, piece in enumerate(pieces_of(graph_of(case))):
        order, starts, ends, metres, weights = _adjacency(piece)
        k = min(max(1, round(sum(weights) / target)), len(order))
        member = [0] * len(order)
        if k > 1:
            _, member = kahip.kaffpa(weights, starts, metres, ends, k, 0.03, True, 1, 2)
        plan |= {node: f"{number}-{grid}" for node, grid in zip(order, member, strict=True)}
    return plan


def gerrychain_nested(case: dict[str, Any], target: int, surcharge: float = 0.0) -> Plan:
    """gerrychain's recursive_tree_part, community by community, epsilon from .08 up until it finds a plan."""
    from gerrychain import Graph
    from gerrychain.partition import recursive_tree_part
    from gerrychain.tree import bipartition_tree

    plan: Plan = {}
    surcharges = {"region_surcharge": {"keep": surcharge}} if surcharge else {}
    cut = partial(bipartition_tree, max_attempts=60, warn_attempts=1000, **surcharges)
    for number, piece in enumerate(pieces_of(graph_of(case))):
        total = sum(w for _, w in piece.nodes(data="weight"))
        k = min(max(1, round(total / target)), len(piece))
        member = dict.fromkeys(piece.nodes, 0)
        graph = Graph.from_networkx(nx.Graph(piece)) if k > 1 else None
        for epsilon in (0.08, 0.12, 0.15, 0.2, 0.3, 0.5, 0.8) if k > 1 else ():
            try:
                found = recursive_tree_part(
                    graph, range(k), total / k, "weight", epsilon, bipartition_tree_fn=cut, rng=1
                )
            except Exception:
                continue
            names = (
                graph.original_nx_node_ids_for_list(list(found))
                if hasattr(graph, "original_nx_node_ids_for_list")
                else list(found)
            )
            member = dict(zip(names, found.values(), strict=True))
            break
        plan |= {node: f"{number}-{grid}" for node, grid in member.items()}
    return plan


PEERS = {
    "METIS k-way contiguous": metis_kway,
    "METIS recursive, nested": metis_nested,
    "KaHIP strong .03, nested": kahip_nested,
    "gerrychain recursive tree, nested": gerrychain_nested,
    "gerrychain + estate surcharge": partial(gerrychain_nested, surcharge=1.0),
}


def main(case: Path, out: Path) -> None:
    """Write each peer's plan (unit id to grid) and CPU seconds."""
    warnings.simplefilter("ignore")
    body = json.loads(case.read_text(encoding="utf-8"))
    found = {}
    for name, method in PEERS.items():
        began = time.process_time()
        plan = method(body, 300)
        spent = time.process_time() - began
        found[name] = {"plan": {body["nodes"][unit]["id"]: grid for unit, grid in plan.items()}, "cpu": spent}
    out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
