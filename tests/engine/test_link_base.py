"""Adding to a linkage: as from scratch, ids that stay, decisions that last, records that change and leave."""

import csv
import json
from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine import febrl
from tests.engine.population import SOURCES, Population, Rates, write
from wangge_engine import run as engine
from wangge_engine.frame.cli import main
from wangge_engine.frame.snapshots import publish

CLEAN = Rates(
    no_id=0.2, id_typo=0, id_borrowed=0, id_15=0, no_birth=0.2, birth_wrong=0, no_phone=0.2, phone_old=0,
    phone_shared=0, no_address=0.1, address_elsewhere=0, address_old=0, address_typo=0, name_sound=0.01,
    name_traditional=0.01, name_title=0, swapped=0.01, repeated=0.03,
)  # fmt: skip


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def store(path, body):
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(body[0]))
        writer.writeheader()
        writer.writerows(body)
    return path


def run(out, *arguments):
    report = out.parent / f"{out.name}.json"
    code = main(["link", *map(str, arguments), "--out", str(out), "--report", str(report), "--quiet"])
    assert code == 0
    return json.loads(report.read_text(encoding="utf-8"))


def clusters(out):
    return {(row["source"], row["record_id"]): row["entity_id"] for row in rows(out / "clusters.csv")}


def partition(labels):
    found = defaultdict(set)
    for record, label in labels.items():
        found[label].add(record)
    return {frozenset(group) for group in found.values()}


def differing(one, other):
    """Share of records whose cluster is another set."""
    same = partition(one) & partition(other)
    return 1 - sum(map(len, same)) / len(one)


def inputs(folder, records, name):
    """Input options for records (source, row), one file per source."""
    found = []
    for source in SOURCES:
        body = [row for s, row in records if s == source]
        if body:
            found += ["--input", f"{source}={store(folder / f'{source}-{name}.csv', body)}"]
    return found


class Town:
    """A population's records in three thirds, its base from the first and the linkage from scratch of all."""

    def __init__(self, folder, people, seed, rates):
        self.folder = folder
        files = write(folder, Population(people, seed, rates))
        self.records = [(source, row) for source, path in files.items() for row in rows(path)]
        self.records.sort(key=lambda r: r[1]["record_id"][1:])  # the order of the shuffle
        cut = len(self.records) * 8 // 10
        self.first, rest = self.records[:cut], self.records[cut:]
        self.parts = [rest[i::3] for i in range(3)]
        self.base = folder / "base"
        run(self.base, *inputs(folder, self.first, "first"))
        run(folder / "scratch", *inputs(folder, self.records, "all"))
        self.scratch = clusters(folder / "scratch")

    def add(self, base, records, name, *more):
        out = self.folder / name
        return out, run(out, *inputs(self.folder, records, name), "--base", base, *more)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return Town(tmp_path_factory.mktemp("clean"), 500, 4, CLEAN)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    return Town(tmp_path_factory.mktemp("faulty"), 900, 5, Rates())


@pytest.fixture(scope="module")
def added(clean):
    return clean.add(clean.base, [r for part in clean.parts for r in part], "added")


def test_a_clean_batch_gives_the_clusters_of_linking_all(clean, added):
    out, report = added
    made = clusters(out)
    assert report["records"] == len(clean.records) == len(made)
    assert differing(made, clean.scratch) <= 0.002


@pytest.mark.slow
def test_a_faulty_batch_nearly_gives_them(faulty):
    out, report = faulty.add(faulty.base, [r for part in faulty.parts for r in part], "added")
    assert report["new"] == len(faulty.records) - len(faulty.first)
    assert differing(clusters(out), faulty.scratch) <= 0.02


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_any_order_of_batches_gives_the_same_clusters(clean, added, order):
    base = clean.base
    for turn in order:
        base, _ = clean.add(base, clean.parts[turn], f"order{order[0]}-{turn}")
    assert differing(clusters(base), clusters(added[0])) <= 0.002


def test_entities_keep_their_ids(clean, added):
    out, report = added
    before, after = clusters(clean.base), clusters(out)
    renamed = {row["old_id"]: row for row in rows(out / "renamed.csv")}
    assert all(after[r] == e or e in renamed for r, e in before.items())
    assert len(renamed) == report["renamed"] < len(set(before.values())) / 50
    for row in renamed.values():
        assert row["why"] in ("merged", "split")
        if row["why"] == "merged":
            assert row["old_id"] not in after.values()
            assert row["new_id"] in after.values()


def test_what_changed_tells_a_reader_of_the_base_all(clean, added):
    out, _ = added
    known = clusters(clean.base)
    for row in rows(out / "changed.csv"):
        record = (row["source"], row["record_id"])
        assert known.get(record, "") == row["was"]
        if row["why"] == "removed":
            del known[record]
        else:
            known[record] = row["entity_id"]
    assert known == clusters(out)


def test_links_and_households_are_whole(clean, added):
    out, report = added
    entity = clusters(out)
    links = rows(out / "links.csv")
    assert len(links) == report["links"]
    for row in links:
        assert entity[row["source_a"], row["record_a"]] == entity[row["source_b"], row["record_b"]]
    houses = {row["entity_id"]: row["household_id"] for row in rows(out / "households.csv")}
    assert set(houses) == set(entity.values())
    scratch = {
        row["entity_id"]: row["household_id"] for row in rows(clean.folder / "scratch" / "households.csv")
    }
    together = [(houses[entity[r]], scratch[clean.scratch[r]]) for r in entity]
    assert len(set(together)) <= len(set(scratch.values())) * 1.01


def test_the_same_file_again_changes_nothing(clean, added):
    again, report = clean.add(added[0], clean.parts[0], "again")
    assert (report["new"], report["told_anew"], report["unchanged"]) == (0, 0, len(clean.parts[0]))
    assert clusters(again) == clusters(added[0])
    assert rows(again / "renamed.csv") == rows(again / "changed.csv") == []


def test_a_record_told_anew_replaces_the_old_and_may_move(clean, added):
    entity = clusters(added[0])
    sizes = defaultdict(int)
    for e in entity.values():
        sizes[e] += 1
    (source, row) = next(
        (s, r) for s, r in clean.first if sizes[entity[s, r["record_id"]]] > 2 and r["id_no"]
    )
    stranger = next(
        r
        for s, r in clean.first
        if r["id_no"] and r["name"] and entity[s, r["record_id"]] != entity[source, row["record_id"]]
    )
    out, report = clean.add(added[0], [(source, {**stranger, "record_id": row["record_id"]})], "told-anew")
    after = clusters(out)
    assert (report["told_anew"], report["records"]) == (1, len(entity))
    assert (
        after[source, row["record_id"]]
        == entity[next(s for s, r in clean.first if r is stranger), stranger["record_id"]]
    )
    back, _ = clean.add(out, [(source, row)], "told-back")
    assert clusters(back) == entity


def test_a_source_sent_again_loses_what_its_file_lacks(clean, added):
    source = SOURCES[0]
    whole = [r for r in clean.records if r[0] == source]
    out, report = clean.add(added[0], whole[: len(whole) // 2], "resent", "--resent", source)
    left = {(s, r["record_id"]) for s, r in whole[len(whole) // 2 :]}
    after, before = clusters(out), clusters(added[0])
    assert report["removed"] == len(left)
    assert set(after) == set(before) - left
    gone = [row for row in rows(out / "renamed.csv") if row["why"] == "gone"]
    assert {row["old_id"] for row in gone} == set(before.values()) - set(after.values()) - {
        row["old_id"] for row in rows(out / "renamed.csv") if row["why"] == "merged"
    }
    back, _ = clean.add(out, whole, "resent-back", "--resent", source)
    assert differing(clusters(back), before) <= 0.005
    same = sum(clusters(back)[r] == e for r, e in before.items())
    assert same >= 0.99 * len(before)


def decide(folder, name, *told):
    return store(
        folder / f"{name}.csv",
        [
            {"record_a": "/".join(a), "record_b": "/".join(b), "decision": word, "by": "a clerk"}
            for a, b, word in told
        ],
    )


def test_a_merge_undone_stays_undone_and_withdrawing_restores_it(clean, added):
    entity = clusters(added[0])
    members = defaultdict(list)
    for record, e in sorted(entity.items()):
        members[e].append(record)
    pair = next(m for m in members.values() if len(m) == 2)
    apart = decide(clean.folder, "apart", (*pair, "different"))
    out, report = clean.add(clean.base, clean.parts[0], "undone", "--decisions", apart)
    if all(r in clusters(out) for r in pair):
        assert clusters(out)[pair[0]] != clusters(out)[pair[1]]
    for turn in (1, 2):
        out, _ = clean.add(out, clean.parts[turn], f"undone{turn}")
    after = clusters(out)
    assert after[pair[0]] != after[pair[1]]
    assert entity[pair[0]] in (after[pair[0]], after[pair[1]])
    back, report = clean.add(
        out, [], "withdrawn", "--decisions", decide(clean.folder, "open", (*pair, "withdrawn"))
    )
    assert report["decisions"] == 0
    assert clusters(back)[pair[0]] == clusters(back)[pair[1]]
    assert differing(clusters(back), entity) <= 0.002


def test_a_merge_by_decision_is_undone_with_both_ids_as_before(clean, added):
    entity = clusters(added[0])
    members = defaultdict(list)
    for record, e in sorted(entity.items()):
        members[e].append(record)
    large = [m for m in members.values() if len(m) >= 3]
    a, b = large[0], large[1]
    joined, _ = clean.add(
        added[0], [], "joined", "--decisions", decide(clean.folder, "same", (a[0], b[0], "same"))
    )
    after = clusters(joined)
    assert len({after[r] for r in (*a, *b)}) == 1
    assert [(row["why"], row["new_id"]) for row in rows(joined / "renamed.csv")] == [("merged", after[a[0]])]
    parted, _ = clean.add(
        joined, [], "parted", "--decisions", decide(clean.folder, "not", (a[0], b[0], "different"))
    )
    assert clusters(parted) == entity


def test_contradicting_decisions_over_time_are_refused(clean, added, capsys):
    a, b, c = list(clusters(added[0]))[:3]
    first, _ = clean.add(
        added[0], [], "one", "--decisions", decide(clean.folder, "one", (a, b, "same"), (b, c, "same"))
    )
    told = decide(clean.folder, "two", (a, c, "different"))
    code = main(
        ["link", "--base", str(first), "--decisions", str(told), "--out", str(clean.folder / "no"), "--quiet"]
    )
    assert code == 2
    assert "contradicting_decisions" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--threshold", "0.9"],
        ["--schema", "person"],
        ["--mode", "between"],
        ["--resent", "nobody"],
    ],
)
def test_what_the_base_does_not_allow_is_refused(clean, arguments, capsys):
    file = store(clean.folder / "one.csv", [clean.first[0][1]])
    command = [
        "link",
        "--base",
        str(clean.base),
        "--input",
        f"x={file}",
        "--out",
        str(clean.folder / "refused"),
    ]
    assert main([*command, *arguments, "--quiet"]) == 2
    assert not (clean.folder / "refused").exists()
    assert "refused" in capsys.readouterr().err


def test_a_folder_without_a_base_is_refused(clean, tmp_path, capsys):
    out = tmp_path / "plain"
    run(out, *inputs(clean.folder, clean.first[:50], "few"), "--no-base")
    assert not list(out.glob("base*"))
    assert (
        main(["link", "--base", str(out), "--input", "x=y.csv", "--out", str(tmp_path / "o"), "--quiet"]) == 2
    )
    assert "no_base" in capsys.readouterr().err


def test_a_batch_may_be_added_in_place(clean, tmp_path):
    run(tmp_path / "b", *inputs(clean.folder, clean.first[:300], "some"))
    files = {path.name for path in (tmp_path / "b").glob("base-*")}
    report = run(
        tmp_path / "b", *inputs(clean.folder, clean.first[300:340], "more"), "--base", tmp_path / "b"
    )
    assert report["records"] == 340
    left = {path.name for path in (tmp_path / "b").glob("base-*")}
    assert {name for name in left & files if "edges" in name} == set()
    report = run(
        tmp_path / "b", *inputs(clean.folder, clean.first[340:350], "rest"), "--base", tmp_path / "b"
    )
    assert len(clusters(tmp_path / "b")) == report["records"] == 350


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 0.6), turns=st.integers(1, 3))
def test_incremental_agrees_with_linking_all(tmp_path_factory, seed, share, turns):
    """Any clean village, any split: batches agree with the whole, up to names that the base called rare."""
    folder = tmp_path_factory.mktemp("any")
    files = write(folder, Population(120, seed, CLEAN))
    records = [(source, row) for source, path in files.items() for row in rows(path)]
    records.sort(key=lambda r: r[1]["record_id"][1:])
    cut = int(len(records) * (1 - share))
    run(folder / "whole", *inputs(folder, records, "all"))
    base = folder / "b0"
    run(base, *inputs(folder, records[:cut], "first"))
    before = clusters(base)
    for turn in range(turns):
        out = folder / f"b{turn + 1}"
        run(out, *inputs(folder, records[cut + turn :: turns], f"t{turn}"), "--base", base)
        after = clusters(out)
        renamed = {row["old_id"] for row in rows(out / "renamed.csv")}
        assert all(after[r] == e or e in renamed for r, e in before.items())
        base, before = out, after
    assert set(before) == {(s, r["record_id"]) for s, r in records}
    assert differing(before, clusters(folder / "whole")) <= 0.03


@pytest.mark.parametrize("mode", ["all", "between"])
def test_western_records_are_added_too(tmp_path, mode):
    (records,) = febrl.febrl(1)
    parts = {"a": records[:500], "b": records[500:900], "c": records[900:]}
    for name, part in parts.items():
        febrl.store(tmp_path / f"{name}.csv", part)
    options = ["--schema", "person", "--mode", mode]
    files = {name: f"{name}={tmp_path / name}.csv" for name in parts}
    run(tmp_path / "whole", *options, *(x for f in files.values() for x in ("--input", f)))
    run(tmp_path / "base", *options, "--input", files["a"], "--input", files["b"])
    report = run(tmp_path / "out", "--base", tmp_path / "base", "--input", files["c"])
    assert report["records"] == 1000
    assert differing(clusters(tmp_path / "out"), clusters(tmp_path / "whole")) <= 0.01
    if mode == "between":
        held = [(source, e) for (source, _), e in clusters(tmp_path / "out").items()]
        assert len(held) == len(set(held))


def test_organisations_are_added_too(tmp_path):
    def file(name, body):
        return store(
            tmp_path / f"{name}.csv",
            [dict(zip(("record_id", "name", "credit_code", "phone"), row, strict=True)) for row in body],
        )

    first = file(
        "a",
        [
            ("1", "天津市华鑫商贸有限公司", "91120110MA06ABCD0X", "02224390001"),
            ("2", "顺达物流有限公司", "", "02224390002"),
        ],
    )
    second = file("b", [("9", "天津华鑫商贸有限公司", "", "02224390001")])
    run(tmp_path / "base", "--schema", "organisation", "--input", f"tax={first}")
    run(tmp_path / "out", "--base", tmp_path / "base", "--input", f"market={second}")
    run(
        tmp_path / "whole",
        "--schema",
        "organisation",
        "--input",
        f"tax={first}",
        "--input",
        f"market={second}",
    )
    assert partition(clusters(tmp_path / "out")) == partition(clusters(tmp_path / "whole"))
    assert all(e.startswith("O") for e in clusters(tmp_path / "out").values())


def test_many_batches_become_one_segment_and_what_left_is_gone_from_the_files(clean, tmp_path, monkeypatch):
    from wangge_engine.link import compact

    run(tmp_path / "b0", *inputs(clean.folder, clean.first[:200], "base"))
    rest = clean.first[200:260]
    whole = run(tmp_path / "whole", *inputs(clean.folder, rest, "one"), "--base", tmp_path / "b0")
    monkeypatch.setattr(compact, "SEGMENTS_AT_MOST", 2)
    for turn in range(3):
        part = inputs(clean.folder, rest[turn::3], f"c{turn}")
        report = run(tmp_path / f"b{turn + 1}", *part, "--base", tmp_path / f"b{turn}")
    meta = json.loads((tmp_path / "b3" / "base.json").read_text(encoding="utf-8"))
    assert report["records"] == whole["records"] == 260
    assert partition(clusters(tmp_path / "b3")) == partition(clusters(tmp_path / "whole"))
    assert len(meta["segments"]) <= 2
    source, row = next((s, r) for s, r in clean.first[:200] if s == "hukou" and r["phone"] and r["id_no"])
    kept = [(s, r) for s, r in clean.first[:200] + rest if s == source and r is not row]
    run(tmp_path / "left", *inputs(clean.folder, kept, "kept"), "--base", tmp_path / "b3", "--resent", source)
    monkeypatch.setattr(compact, "BLANK_AT_MOST", 0.0)
    run(tmp_path / "blank", *inputs(clean.folder, kept[:1], "kept1"), "--base", tmp_path / "left")
    files = list((tmp_path / "blank").glob("base-*"))
    assert files
    assert [path.name for path in files if row["record_id"].encode() in path.read_bytes()] == []
    assert clusters(tmp_path / "blank") == clusters(tmp_path / "left")


def test_a_room_adds_to_what_it_kept(clean, tmp_path):
    def published(records, name):
        rows = [{"source": source} | row for source, row in records]
        folder = tmp_path / name
        told = {"records": pa.Table.from_pylist(rows)}
        publish(folder, told, purpose="registry_maintenance", privacy="personal", made_by="test")
        return folder

    first, rest = clean.first[:200], clean.first[200:260]
    engine("link", published(first, "a"), {"keep": True}, out=tmp_path / "kept")
    made = engine(
        "link", published(rest, "b"), {"base": str(tmp_path / "kept"), "keep": True}, out=tmp_path / "more"
    )
    records = made.read_table("records").to_pylist()
    entity = {(r["source"], r["record_id"]): r["entity_id"] for r in records}
    assert set(entity) == {(s, r["record_id"]) for s, r in first + rest}
    assert all(r["household_id"] for r in records)
    assert {r["why"] for r in made.read_table("changed").to_pylist()} >= {"new"}
    assert made.facts["new"] == len(rest)
    again = engine("link", published(first, "c"), {"base": str(tmp_path / "more")}, out=tmp_path / "same")
    assert again.facts["unchanged"] == len(first)
    assert again.read_table("changed").num_rows == 0


def test_a_decision_about_two_small_families_needs_no_large_batch(tmp_path):
    """DuckDB handed a list of few 64-bit keys to Arrow, which could not hold those of 2^63 and more."""
    people = [
        {
            "record_id": f"{i}{who}",
            "name": name,
            "phone": f"1380000{i:02d}{place}1",
            "household_ref": f"家-{i}",
        }
        for i in range(12)
        for place, (who, name) in enumerate(
            (("a", "王建国李张赵"[i % 6] + "秀兰"), ("b", "陈志强" + "东南西北"[i % 4]))
        )
    ]
    first = run(tmp_path / "all", "--input", f"civil={store(tmp_path / 'civil.csv', people)}")
    assert first["records"] == 24
    for i in range(0, 12, 2):  # some of the keys are above 2^63 whatever the hash
        pair = (("civil", f"{i}a"), ("civil", f"{i + 1}a"))
        said = decide(tmp_path, f"said{i}", (*pair, "same"))
        run(tmp_path / f"one{i}", "--base", tmp_path / "all", "--decisions", said)
        entity = clusters(tmp_path / f"one{i}")
        assert len(entity) == 24 and entity[pair[0]] == entity[pair[1]]
