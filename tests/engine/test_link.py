"""Linkage as a whole: villages, FEBRL, and the laws that hold whatever the data."""

import csv
import json
import random
from collections import defaultdict

import pytest

from tests.engine.febrl import febrl, store
from tests.engine.population import SOURCES, Population, write
from wangge_engine import run
from wangge_engine.frame.cli import main
from wangge_engine.frame.snapshots import publish


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    folder = tmp_path_factory.mktemp("village")
    write(folder, Population(600, seed=3))
    return folder


def command(folder, out, *extra, sources=SOURCES):
    inputs = [part for source in sources for part in ("--input", f"{source}={folder / source}.csv")]
    return main(["link", *inputs, "--out", str(out), "--quiet", *extra])


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def clusters(out):
    return {(row["source"], row["record_id"]): row["entity_id"] for row in rows(out / "clusters.csv")}


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory):
    """A smaller one, for the laws that hold whatever the size."""
    folder = tmp_path_factory.mktemp("hamlet")
    write(folder, Population(150, seed=3))
    assert command(folder, folder / "out") == 0
    return folder


@pytest.fixture(scope="module")
def linked(village):
    out = village / "out"
    report = village / "report.json"
    picture = village / "link.svg"
    told = ("--truth", village / "truth.csv", "--report", report, "--plot", picture)
    assert command(village, out, *map(str, told)) == 0
    return out, json.loads(report.read_text(encoding="utf-8"))


def test_a_village_links_well(linked):
    _, report = linked
    assert report["truth"]["pairwise"]["precision"] >= 0.99
    assert report["truth"]["pairwise"]["f1"] >= 0.98
    assert report["truth"]["exactly_right"] >= 0.95


def test_the_picture_shows_each_group(village, linked):
    groups = [name for kind in linked[1]["groups"].values() for name in kind]
    drawn = (village / "link.svg").read_text(encoding="utf-8")
    assert groups
    assert all(f"<!-- {name} -->" in drawn for name in groups)


def test_every_record_is_in_exactly_one_cluster(village, linked):
    out, report = linked
    given = [(source, row["record_id"]) for source in SOURCES for row in rows(village / f"{source}.csv")]
    found = [(row["source"], row["record_id"]) for row in rows(out / "clusters.csv")]
    assert sorted(found) == sorted(given)
    assert report["entities"] == len(set(clusters(out).values()))


def test_links_join_only_records_of_one_cluster(linked):
    out, _ = linked
    entity = clusters(out)
    for row in rows(out / "links.csv"):
        assert entity[row["source_a"], row["record_a"]] == entity[row["source_b"], row["record_b"]]


def test_order_of_files_and_rows_does_not_matter(hamlet, tmp_path):
    chance = random.Random(5)
    for source in SOURCES:
        held = rows(hamlet / f"{source}.csv")
        chance.shuffle(held)
        with (tmp_path / f"{source}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(held[0]))
            writer.writeheader()
            writer.writerows(held)
    assert command(tmp_path, tmp_path / "out", sources=tuple(reversed(SOURCES))) == 0
    assert clusters(tmp_path / "out") == clusters(hamlet / "out")


def test_no_cluster_holds_two_trusted_numbers(hamlet, tmp_path):
    import pyarrow.parquet as pq

    snapshot = as_snapshot(hamlet, tmp_path / "in")
    result = run("link", snapshot.directory, {}, out=tmp_path / "out")
    numbers = defaultdict(set)
    for row in pq.read_table(result.path("records")).to_pylist():
        if row["id_ok"]:
            numbers[row["entity_id"]].add(row["id_ok"])
    assert numbers
    assert max(map(len, numbers.values())) == 1


def as_snapshot(village, folder):
    import pyarrow as pa

    held = [{"source": source} | row for source in SOURCES for row in rows(village / f"{source}.csv")]
    return publish(
        folder,
        {"records": pa.Table.from_pylist(held)},
        purpose="registry_maintenance",
        privacy="personal",
        made_by="test",
    )


def test_decisions_are_obeyed(hamlet, tmp_path):
    entity = clusters(hamlet / "out")
    members = defaultdict(list)
    for record, name in sorted(entity.items()):
        members[name].append(record)
    whole = [records for records in members.values() if len(records) >= 3]
    apart = whole[:6]
    together = list(zip(whole[6:12], whole[12:18], strict=True))
    assert len(apart) == len(together) == 6
    with (tmp_path / "decisions.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("record_a", "record_b", "decision", "by"))
        writer.writerows(("/".join(r[0]), "/".join(r[1]), "different", "a clerk") for r in apart)
        writer.writerows(("/".join(a[0]), "/".join(b[0]), "same", "a clerk") for a, b in together)
    assert command(hamlet, tmp_path / "out", "--decisions", str(tmp_path / "decisions.csv")) == 0
    after = clusters(tmp_path / "out")
    assert all(after[r[0]] != after[r[1]] for r in apart)
    assert all(after[a[0]] == after[b[0]] for a, b in together)
    decided = [row for row in rows(tmp_path / "out" / "links.csv") if row["kind"] == "decision"]
    assert len(decided) == len(together)


def test_contradicting_decisions_are_refused(hamlet, tmp_path, capsys):
    first, second = [row["record_id"] for row in rows(hamlet / "hukou.csv")[:2]]
    (tmp_path / "d.csv").write_text(
        f"record_a,record_b,decision,by\n{first},{second},same,x\n{second},{first},different,y\n",
        encoding="utf-8",
    )
    assert command(hamlet, tmp_path / "out", "--decisions", str(tmp_path / "d.csv")) == 2
    assert not (tmp_path / "out").exists()
    assert "contradicting_decisions" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [1, pytest.param(2, marks=pytest.mark.long), 3, 4],  # the second is the third with fewer duplicates
)
def test_febrl(number, tmp_path):
    """The public sets, as they are published, without labels or further settings."""
    parts = febrl(number)
    inputs, truth = [], ["record_id,entity_id"]
    for part, records in enumerate(parts):
        inputs += ["--input", f"part{part}={store(tmp_path / f'part{part}.csv', records)}"]
        truth += [f"{one['rec_id']},{one['rec_id'].split('-')[1]}" for one in records]
    (tmp_path / "truth.csv").write_text("\n".join(truth) + "\n", encoding="utf-8")
    mode = ["--mode", "between"] if len(parts) > 1 else []
    code = main(
        ["link", "--schema", "person", *inputs, *mode, "--truth", str(tmp_path / "truth.csv"),
         "--out", str(tmp_path / "out"), "--report", str(tmp_path / "r.json"), "--quiet"]
    )  # fmt: skip
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert code == 0
    assert report["truth"]["pairwise"]["f1"] >= 0.9995
