"""Organisations: their numbers, their names, and linkage over six invented lists."""

import csv
import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine import organisation_population as invented
from wangge_engine import run
from wangge_engine.frame.cli import main
from wangge_engine.frame.snapshots import publish
from wangge_engine.text.credit_codes import (
    ALPHABET,
    check_character,
    organisation_check,
    parse_credit_code,
    registration_check,
)
from wangge_engine.text.organisations import parse_organisation, read_places

DISTRICT = frozenset({"东丽"})


def test_published_numbers_pass_their_checks():
    assert parse_credit_code("91110000600037341L").valid
    assert organisation_check("D2143569") == "X"  # the example of GB 11714
    assert registration_check("11010800000001") == "6"


@given(st.text(ALPHABET, min_size=10, max_size=10), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_character_wrong_is_noticed(tail, at, other):
    first = "9112011" + tail
    code = first + check_character(first)
    spoilt = code[:at] + other + code[at + 1 :]
    assert parse_credit_code(spoilt).valid == (spoilt == code) or not spoilt[2:8].isdigit()


@pytest.mark.parametrize(
    ("text", "valid", "organisation", "problem"),
    [
        ("９１１１００００600037341l", True, "600037341", ""),
        ("9111 0000 6000 3734 1L", True, "600037341", ""),
        ("91110OOO600037341L", True, "600037341", ""),
        ("60003734-1", False, "600037341", ""),
        ("110000600037341", False, "600037341", ""),
        ("91110000600037341K", False, "", "bad_check"),
        ("60003734-2", False, "", "bad_check"),
        ("9.1110000600037E+17", False, "", "lost_digits"),
        ("9111000060003****", False, "", "masked"),
        ("没有证照", False, "", "bad_form"),
        ("暂无", False, "", ""),
        ("000000000000000000", False, "", ""),
    ],
)
def test_numbers_as_lists_write_them(text, valid, organisation, problem):
    code = parse_credit_code(text)
    assert (code.valid, code.organisation, code.problem) == (valid, organisation, problem)


@given(st.text(max_size=40))
def test_any_text_can_be_read(text):
    assert parse_credit_code(text).problem in ("", "lost_digits", "masked", "bad_form", "bad_check")
    assert isinstance(parse_organisation(text, DISTRICT).core, str)
    assert isinstance(read_places(text), tuple)


@pytest.mark.parametrize(
    "text",
    [
        "天津华鑫盛商贸有限公司", "华鑫盛（天津）商贸有限公司", "天津市东丽区华鑫盛商贸公司", "東麗華鑫盛商貿有限責任公司",
        "天津　华鑫盛商贸 有限公司", "华鑫盛商贸", "东丽华鑫盛商贸有限公司",
    ],
)  # fmt: skip
def test_spellings_of_one_name_share_their_core(text):
    name = parse_organisation(text, DISTRICT)
    assert (name.core, name.brand, name.branch) == ("华鑫盛商贸", "华鑫盛", "")


@pytest.mark.parametrize(
    ("text", "core", "branch"),
    [
        ("天津华鑫商贸有限公司东丽分公司", "华鑫商贸", "东丽分公司"),
        ("天津华鑫商贸有限公司天津市东丽区分公司", "华鑫商贸", "东丽分公司"),
        ("天津华鑫商贸有限公司第二分公司", "华鑫商贸", "2分公司"),
        ("华鑫商贸第2分公司", "华鑫商贸", "2分公司"),
        ("肯德基（万新店）", "肯德基", "万新店"),
        ("天津肯德基有限公司万新店", "肯德基", "万新店"),
        ("天津市东丽区小李便利店（个体工商户）", "小李便利店", ""),
        ("天津市东丽区医院", "东丽医院", ""),
        ("东丽医院", "东丽医院", ""),
        ("测试企业", "", ""),
        ("", "", ""),
    ],
)
def test_branches_and_shops_are_taken_apart(text, core, branch):
    name = parse_organisation(text, DISTRICT)
    assert (name.core, name.branch) == (core, branch)


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    folder = tmp_path_factory.mktemp("organisations")
    return folder, invented.write(folder, invented.Organisations(900, seed=4))


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def linked(files, out, *extra):
    inputs = [part for source, path in files.items() for part in ("--input", f"{source}={path}")]
    assert main(["link", *inputs, "--schema", "organisation", "--out", str(out), "--quiet", *extra]) == 0
    return {(row["source"], row["record_id"]): row["entity_id"] for row in rows(out / "clusters.csv")}


@pytest.fixture(scope="module")
def made(lists, tmp_path_factory):
    return linked(lists[1], tmp_path_factory.mktemp("linked") / "out")


def test_lists_link_well(lists, made):
    truth = {(row["source"], row["record_id"]): row["entity_id"] for row in rows(lists[0] / "truth.csv")}
    assert set(made) == set(truth)
    ours, theirs, both = (defaultdict(int) for _ in range(3))
    for key, entity in made.items():
        ours[entity] += 1
        theirs[truth[key]] += 1
        both[entity, truth[key]] += 1
    pairs = {
        name: sum(n * (n - 1) / 2 for n in d.values())
        for name, d in zip("otb", (ours, theirs, both), strict=True)
    }
    precision, recall = pairs["b"] / pairs["o"], pairs["b"] / pairs["t"]
    assert precision > 0.985, precision
    assert recall > 0.95, recall
    assert all(entity.startswith("O") for entity in ours)


def test_two_valid_codes_never_stand_in_one_organisation(lists, made):
    codes = defaultdict(set)
    flagged = set()
    for source, path in lists[1].items():
        for row in rows(path):
            code = parse_credit_code(row["credit_code"])
            if code.valid:
                codes[made[source, row["record_id"]]].add((code.code, source, row["record_id"]))
    # a code that the others outvote is flagged as borrowed and decides nothing
    out = lists[0] / "again"
    linked(lists[1], out)
    flagged = {
        (r["source"], r["record_id"]) for r in rows(out / "flags.csv") if r["reason_code"] == "code_borrowed"
    }
    for entity, held in codes.items():
        trusted = {code for code, *record in held if tuple(record) not in flagged}
        assert len(trusted) <= 1, (entity, held)


def test_the_order_of_files_and_rows_does_not_matter(lists, made, tmp_path):
    mixed = {}
    for source, path in reversed(lists[1].items()):
        held = rows(path)
        random.Random(5).shuffle(held)
        mixed[source] = tmp_path / f"{source}.csv"
        with mixed[source].open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, invented.FIELDS)
            writer.writeheader()
            writer.writerows(held)
    assert linked(mixed, tmp_path / "out") == made


def test_a_decision_overrules_two_codes(tmp_path):
    path, decided = tmp_path / "all.csv", tmp_path / "decided.csv"
    path.write_text(
        "record_id,name,credit_code\na,华鑫盛商贸,91120110MA05A1B25U\nb,华鑫盛商贸,91110000600037341L\n",
        encoding="utf-8",
    )
    assert len(set(linked({"s": path}, tmp_path / "one").values())) == 2
    decided.write_text("record_a,record_b,decision,by\na,b,same,周\n", encoding="utf-8")
    assert len(set(linked({"s": path}, tmp_path / "two", "--decisions", str(decided)).values())) == 1


def test_rooms_read_the_same_clusters(lists, made, tmp_path):
    import pyarrow as pa

    held = [
        {"source": source, **{k: v or None for k, v in row.items()}}
        for source, path in lists[1].items()
        for row in rows(path)
    ]
    snapshot = publish(
        tmp_path / "in",
        {"records": pa.Table.from_pylist(held)},
        purpose="test",
        privacy="personal",
        made_by="test",
    )
    result = run("link", snapshot.directory, {"schema": "organisation"}, out=tmp_path / "out")
    found = result.read_table("clusters").to_pylist()
    assert {(row["source"], row["record_id"]): row["entity_id"] for row in found} == made
