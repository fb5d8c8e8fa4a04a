"""The district's files open in the shapes their page promises, and the truth is complete."""

import csv
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from demo.accounts import staff
from demo.district import Manifest, generate
from demo.habits import FACTS
from demo.reading import parsed_birth, read_person_records, read_sheets


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return generate("village", 7, tmp_path_factory.mktemp("village"))


def truth(village: Manifest, name: str) -> pl.DataFrame:
    return pl.read_csv(village.out / "truth" / name, infer_schema=False)


def test_same_seed_same_bytes(village: Manifest, tmp_path: Path) -> None:
    again = generate("village", 7, tmp_path)
    assert again.files == village.files
    for path in sorted(p for p in village.out.rglob("*") if p.is_file()):
        assert (tmp_path / path.relative_to(village.out)).read_bytes() == path.read_bytes(), path.name


def test_another_seed_is_another_district(village: Manifest, tmp_path: Path) -> None:
    other = generate("village", 8, tmp_path)
    name = "departments/卫健_居民健康档案.csv"
    assert (other.out / name).read_bytes() != (village.out / name).read_bytes()


def test_every_true_record_stands_once_in_the_files(village: Manifest) -> None:
    known = truth(village, "truth.csv")
    assert known.select("source", "record_id").is_duplicated().sum() == 0
    records = read_person_records(village.out, json.loads((village.out / "manifest.json").read_text("utf-8")))
    found = records.join(known, on=["source", "record_id"], how="inner")
    assert len(found) == len(known) == village.person_records
    assert set(known["entity_id"]) <= set(truth(village, "persons.csv")["entity_id"])


def test_good_and_bad_rows_add_up_to_the_manifest(village: Manifest) -> None:
    good = Counter(truth(village, "truth.csv")["source"])
    bad = Counter(truth(village, "bad_rows.csv")["path"])
    rows: Counter[str] = Counter()
    for file in village.of_kind("person"):
        rows[file.department] += file.rows - file.bad_rows
        assert bad[file.path] == file.bad_rows
        shown = sum(len(t) for t in read_sheets(village.out / file.path).values())
        assert shown == file.rows, file.path
    assert rows == good


def test_bad_rows_are_where_the_truth_says_and_never_true(village: Manifest) -> None:
    bad = truth(village, "bad_rows.csv")
    known = set(truth(village, "truth.csv")["record_id"])
    assert not known & set(bad["record_id"])
    path = "departments/公安_户籍人口.xlsx"
    rows = CalamineWorkbook.from_path(village.out / path).get_sheet_by_index(0).to_python()
    for entry in bad.filter(pl.col("path") == path).rows(named=True):
        row = rows[int(entry["row"]) - 1]
        match entry["reason"]:
            case "no_name_no_id":
                assert row[1] == "" and row[5] == ""
            case "shifted_row":
                assert row[0] == "" and row[1] == entry["record_id"]
            case "test_row":
                assert row[1] in ("测试", "张三", "test", "测试用户1")
            case "impossible_date":
                assert row[4] in ("19851332", "20990101", "17850230", "00000000")
            case reason:
                assert reason == "footer_row" and row[0] == "合计"


def test_shapes_of_the_register_of_households(village: Manifest) -> None:
    sheet = CalamineWorkbook.from_path(village.out / "departments" / "公安_户籍人口.xlsx").get_sheet_by_index(
        0
    )
    rows = sheet.to_python()
    assert (
        rows[0][0].startswith("东丽区户籍人口信息表")
        and rows[2][1] == "基本信息"
        and rows[3][5] == "公民身份号码"
    )
    assert ((2, 1), (2, 5)) in sheet.merged_cell_ranges
    assert any("　" in row[1] for row in rows[4:])


def test_shapes_of_the_other_workbooks(village: Manifest) -> None:
    folder = village.out / "departments"
    civil = CalamineWorkbook.from_path(folder / "民政_救助与高龄.xls")
    assert civil.sheet_names == ["低保", "高龄津贴", "残疾人两项补贴"]
    assert {type(row[4]).__name__ for row in civil.get_sheet_by_name("高龄津贴").to_python()[2:]} >= {"date"}
    insured = (
        CalamineWorkbook.from_path(folder / "人社_社保参保人员.xlsx").get_sheet_by_index(0).to_python()[1:]
    )
    assert any(isinstance(row[2], float) for row in insured) and any(
        isinstance(row[5], float) for row in insured
    )
    school = CalamineWorkbook.from_path(folder / "教育_学籍.xlsx")
    assert school.sheet_names == ["幼儿园", "小学", "初中", "高中"]
    assert isinstance(school.get_sheet_by_name("高中").to_python()[1][6], float)
    flats = [
        row
        for n in range(3)
        for row in CalamineWorkbook.from_path(folder / "物业_业主住户登记.xlsx")
        .get_sheet_by_index(n)
        .to_python()[3:]
    ]
    assert {type(row[6]) for row in flats} == {float, str} and any("（" in str(row[4]) for row in flats)


def test_shapes_of_the_csv_files(village: Manifest) -> None:
    folder = village.out / "departments"
    health = (folder / "卫健_居民健康档案.csv").read_bytes()
    assert health.startswith('"档案号","姓名"'.encode("gbk")) and b"\r\n" in health
    assert (folder / "住建_房屋居住登记.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    visits = (folder / "网格_走访记录.csv").read_text("utf-8")
    assert "二〇二六年" in visits and "１" in visits and not visits.startswith("\ufeff")
    with (folder / "12345_来电登记.csv").open(encoding="utf-8", newline="") as handle:
        calls = list(csv.DictReader(handle))
    assert any("\n" in (call["诉求内容"] or "") for call in calls) and any(
        c["来电人"].endswith(("先生", "女士")) for c in calls
    )


def test_birth_dates_of_all_manners_come_back(village: Manifest) -> None:
    manifest = json.loads((village.out / "manifest.json").read_text("utf-8"))
    records = read_person_records(village.out, manifest).with_columns(read=parsed_birth(pl.col("birth")))
    joined = records.join(truth(village, "truth.csv"), on=["source", "record_id"]).join(
        truth(village, "persons.csv").select(
            "entity_id", pl.col("birth").str.replace_all("-", "").alias("true")
        ),
        on="entity_id",
    )
    written = joined.filter(pl.col("birth").is_not_null())
    assert written["read"].null_count() == 0
    assert 0.97 < (written["read"] == written["true"]).mean() < 0.99


def test_error_rates_reach_the_measured_set(tmp_path: Path) -> None:
    # a few rates depend on who lives together and need more people than a village has to settle
    generate("village", 3, tmp_path)
    rates = json.loads((tmp_path / "truth" / "rates.json").read_text("utf-8"))["rates"]
    assert set(rates) == set(FACTS)
    low = {name: rate for name, rate in rates.items() if rate["ours"] < 0.9 * rate["facts"]}
    assert low == {}


def test_harsh_records_are_as_incomplete_as_the_harsh_set(tmp_path: Path) -> None:
    generate("village", 3, tmp_path, harsh=True)
    rates = json.loads((tmp_path / "truth" / "rates.json").read_text("utf-8"))["rates"]
    harsh = {"id_missing": 0.44, "birth_missing": 0.42, "phone_missing": 0.39, "address_missing": 0.21}
    assert {k: round(rates[k]["ours"], 2) for k in harsh} == pytest.approx(harsh, abs=0.02)


def test_outbreak_files_tell_of_residents_and_strangers(village: Manifest) -> None:
    known = truth(village, "outbreak.csv")
    patients = known.filter(pl.col("kind") == "patient")
    assert len(patients) == 6 and 0 < patients["entity_id"].null_count() < 6
    with (village.out / "outbreak" / "train_manifest.csv").open(encoding="utf-8-sig", newline="") as handle:
        seats = list(csv.DictReader(handle))
    assert len({(s["车次"], s["车厢"], s["席位"]) for s in seats}) == len(seats)
    riders = set(known.filter(pl.col("kind") == "passenger")["entity_id"].drop_nulls())
    assert riders & set(patients["entity_id"].drop_nulls())


def test_stays_tell_who_was_beside_a_patient_and_who_has_been_in_an_affected_area(village: Manifest) -> None:
    with (village.out / "outbreak" / "stays.csv").open(encoding="utf-8-sig", newline="") as handle:
        stays = list(csv.DictReader(handle))
    here = [s for s in stays if s["场所"]]
    (patient,) = [s for s in here if s["姓名"] == here[0]["姓名"]]
    beside = [s for s in here[1:] if s["到达时间"] < patient["离开时间"]]
    assert 0 < len(beside) < len(here) - 1
    assert {s["所在地区"] for s in stays if not s["场所"]} == {"湖北省武汉市"}


def test_staff_list_names_known_organisations() -> None:
    organisations, accounts = staff()
    codes = {o.code for o in organisations}
    assert {a.organisation for a in accounts} <= codes
    assert {a.role for a in accounts} == {
        "administrator", "data_steward", "dispatcher", "handler", "supervisor", "epidemiologist", "emergency_lead", "leader", "auditor",
    }  # fmt: skip
    assert len({a.username for a in accounts}) == len(accounts)
