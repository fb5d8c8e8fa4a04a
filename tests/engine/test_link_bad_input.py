"""What departments really hand over: nothing is dropped, oddities are flagged, a shifted file is stopped."""

import csv
import random

import pytest

from tests.engine.population import Population
from wangge_engine.frame.cli import main
from wangge_engine.text.identity import parse_identity

COLUMNS = ("record_id", "name", "id_no", "sex", "birth", "phone", "address", "household_ref")


def link(tmp_path, rows, *extra):
    path = tmp_path / "records.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({"record_id": str(i)} | row for i, row in enumerate(rows))
    code = main(["link", "--input", f"s={path}", "--out", str(tmp_path / "out"), "--quiet", *extra])
    if code:
        return code, {}, set()
    with (tmp_path / "out" / "clusters.csv").open(encoding="utf-8", newline="") as handle:
        entity = {row["record_id"]: row["entity_id"] for row in csv.DictReader(handle)}
    with (tmp_path / "out" / "flags.csv").open(encoding="utf-8", newline="") as handle:
        flags = {(row["record_id"], row["reason_code"]) for row in csv.DictReader(handle)}
    assert len(entity) == len(rows)
    return code, entity, flags


ODDITIES = [
    ({"name": "张伟", "id_no": "1.10101E+17"}, "lost_digits"),
    ({"name": "张伟", "id_no": "110101199003070000"}, "lost_digits"),
    ({"name": "张伟", "id_no": "110101********7758"}, "masked"),
    ({"name": "张伟", "id_no": "110101199003077757"}, "bad_check"),
    ({"name": "张伟", "id_no": "不详"}, "bad_form"),
    ({"name": "张伟", "birth": "1899-12-31"}, "unreadable_date"),
    ({"name": "张伟", "birth": "2199-01-01"}, "unreadable_date"),
    ({"name": "张伟", "birth": "1990-02-30"}, "unreadable_date"),
    ({"name": "张三", "phone": "13800000000"}, "unusable_phone"),
    ({"name": "测试", "phone": "13912345678"}, "no_name"),
    ({"name": "测试", "phone": "13912345678"}, "test_row"),
    ({"name": "test01", "phone": "13912345678"}, "test_row"),
    ({"name": "张三", "phone": "13800000000"}, "test_row"),
    ({"name": "ZHAO ZHIGANG", "phone": "13912345678"}, "name_in_letters"),
    ({"name": "赵志刚1", "phone": "13912345678"}, "name_with_digits"),
    ({"name": "张伟", "id_no": f"{float('110101199003077758'):.1f}"}, "lost_digits"),
    ({"name": "", "id_no": "110101199003077758"}, "no_name"),
    ({"name": "王*明", "phone": "13912345678"}, "partial_name"),
    ({"name": "110101199003077758", "id_no": "张伟"}, "columns_swapped"),
    ({"name": "张伟", "id_no": "110101199003077758", "birth": "2012-01-01", "sex": "女"}, "borrowed"),
]  # fmt: skip


@pytest.fixture(scope="module")
def flagged(tmp_path_factory):
    """The flags of all oddities in one file, each between two people about whom nothing is odd."""
    sound = people(len(ODDITIES), seed=11)[: len(ODDITIES)]
    rows = [row for (odd, _), one in zip(ODDITIES, sound, strict=True) for row in (odd, one)]
    _, _, flags = link(tmp_path_factory.mktemp("oddities"), rows)
    return flags


@pytest.mark.parametrize(
    "number", range(len(ODDITIES)), ids=[f"{n}-{why}" for n, (_, why) in enumerate(ODDITIES)]
)
def test_an_oddity_is_flagged_and_kept(flagged, number):
    assert (str(2 * number), ODDITIES[number][1]) in flagged
    assert not any(record == str(2 * number + 1) for record, _ in flagged)


def people(count, seed=2):
    return [
        {"name": p.name, "id_no": p.id_no, "birth": f"{p.birth:%Y-%m-%d}", "phone": p.phone, "sex": p.sex}
        for p in Population(count, seed=seed).people
    ]


def test_one_phone_on_hundreds_of_records_joins_nobody(tmp_path):
    rows = [row | {"phone": "13911112222"} for row in people(500)]
    _, entity, flags = link(tmp_path, rows)
    assert len(set(entity.values())) == len(rows)
    assert sum(reason == "shared_phone" for _, reason in flags) == len(rows)


def test_one_address_for_hundreds_of_people_joins_nobody(tmp_path):
    rows = [row | {"address": "海颂园1号楼1单元101"} for row in people(2000)]
    _, entity, flags = link(tmp_path, rows)
    assert len(set(entity.values())) == len(rows)
    assert sum(reason == "crowded_door" for _, reason in flags) == len(rows)


def test_one_person_forty_times_in_one_file_is_one_entity(tmp_path):
    _, entity, flags = link(tmp_path, [people(1)[0]] * 40 + people(20, seed=9))
    assert len({entity[str(i)] for i in range(40)}) == 1
    assert sum(reason == "repeated_in_source" for _, reason in flags) == 40


def test_a_shifted_file_is_stopped(tmp_path, capsys):
    shifted = [
        {"name": row["id_no"], "id_no": row["birth"], "birth": row["phone"], "phone": row["sex"]}
        for row in people(40)
    ]
    assert link(tmp_path, shifted)[0] == 2
    said = capsys.readouterr().err
    assert "columns_shifted" in said
    assert "“phone”（应为电话）" in said and '"birth" (should hold dates of birth)' in said
    assert not (tmp_path / "out").exists()


def test_a_person_called_zhang_san_with_a_true_number_is_no_test(tmp_path):
    rows = [{"name": "张三", "phone": "13912345678"}, {"name": "李四", "id_no": "110101199003077758"}]
    assert not any(reason == "test_row" for _, reason in link(tmp_path, rows)[2])


@pytest.mark.parametrize("size", [2, 3, 7])
def test_household_references_that_go_round_are_flagged_and_only_they(tmp_path, size):
    refs = [str((i + 1) % size) for i in range(size)] + ["0", str(size + 1), "none"]
    rows = [row | {"household_ref": ref} for row, ref in zip(people(60)[: len(refs)], refs, strict=True)]
    _, entity, flags = link(tmp_path, rows)
    assert {int(record) for record, reason in flags if reason == "household_loop"} == set(range(size))
    assert len(set(entity.values())) == len(rows)


def test_names_in_pinyin_and_with_digits_are_read(tmp_path):
    rows = [
        {"name": "赵志刚", "phone": "13911112222", "birth": "1970-05-06"},
        {"name": "ZHAO ZHIGANG", "phone": "13911112222", "birth": "1970-05-06"},
        {"name": "赵志刚1", "phone": "13911112222", "birth": "1970-05-06"},
    ]
    _, entity, _ = link(tmp_path, rows)
    assert len(set(entity.values())) == 1


def test_household_references_that_loop_end(tmp_path):
    chance = random.Random(1)
    rows = [row | {"household_ref": str(chance.randrange(3))} for row in people(30)]
    _, entity, _ = link(tmp_path, rows)
    assert len(set(entity.values())) == len(rows)


def test_an_empty_file_gives_empty_tables(tmp_path):
    _, entity, flags = link(tmp_path, [])
    assert entity == {}
    assert flags == set()


@pytest.mark.parametrize("content", ["", "姓名\n", "姓名,电话\n张伟,1,2,3,4\n", '姓名\n"张伟\n'])
def test_broken_csv_never_crashes(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8")
    assert main(["link", "--input", f"s={path}", "--out", str(tmp_path / "out"), "--quiet"]) in (0, 2)


def test_gbk_csv_is_refused_by_name(tmp_path, capsys):
    path = tmp_path / "x.csv"
    path.write_bytes("姓名,电话\n张伟,13911112222\n".encode("gbk"))
    assert main(["link", "--input", f"s={path}", "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert "not_utf8" in capsys.readouterr().err


def test_a_number_that_only_gained_a_point_and_a_nought_is_whole():
    assert parse_identity("110101199003077758.0").valid
    assert parse_identity("130503670401001.0").valid
    lost = parse_identity(f"{float('110101199003077758'):.1f}")
    assert (lost.valid, lost.problem, lost.birth) == (False, "lost_digits", "1990-03-07")
