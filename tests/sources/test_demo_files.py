"""The demo district's files, read whole: the right columns, the planted bad rows, no row lost."""

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

from demo.district import generate
from wangge.sources.analysis import known_header, load_schema, propose
from wangge_engine.reading import blocks, open_file, tables_of
from wangge_engine.rows.canonical import Reading
from wangge_engine.rows.dates import find_order
from wangge_engine.rows.raw import raw_frame
from wangge_engine.rows.validation import judge

SCHEMAS = {
    "person": "person",
    "organisation": "organisation",
    "building": "building",
    "patients": "patient",
    "manifest": "passenger",
}
# What a person who knows the trade would say of the demo's forms, where more than the header's own name is needed.
NOT_TAKEN = {"派出所", "户主姓名", "紧急联系人", "紧急联系人电话", "监护人姓名", "监护关系", "证件类型", "班级", "建筑面积", "物业费", "备注", "走访情况", "诉求类型", "诉求内容", "参保状态", "月保障金", "津贴标准", "残疾等级", "入住时间"}  # fmt: skip
TAKEN = {
    "姓名": "name", "曾用名": "former_name", "老人姓名": "name", "居民姓名": "name", "业主/住户姓名": "name", "来电人": "name", "身份证号": "id_no", "证件号码": "id_no", "公民身份号码": "id_no", "身份证件号": "id_no",
    "性别": "sex", "性别代码": "sex", "出生日期": "birth", "出生年月日": "birth", "户籍地址": "hukou_address", "现住址": "address", "楼栋房号": "address", "小区名称": "address", "楼号": "address",
    "单元": "address", "房号": "address", "手机": "phone", "手机号码": "phone", "来电号码": "phone", "监护人电话": "guardian_phone", "本人电话": "phone", "户号": "household_ref",
    "房屋代码": "household_ref", "与户主关系": "relation", "人员类别": "tenure", "身份": "tenure", "居住状况": "lives_alone", "最近随访日期": "recorded_on", "走访日期": "recorded_on",
    "单位统一社会信用代码": "employer_code", "年级": "education_stage", "网格编码": "grid_code",
}  # fmt: skip


@pytest.fixture(scope="module")
def district(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("district")
    generate("village", 1, folder)
    return folder


def entries(district: Path):
    manifest = json.loads((district / "manifest.json").read_text("utf-8"))
    return manifest, [
        e for e in manifest["files"] if e["kind"] in SCHEMAS and not e["path"].endswith(".geojson")
    ]


def bad_rows(district: Path) -> dict[str, dict[tuple[str, int], str]]:
    found: dict[str, dict[tuple[str, int], str]] = defaultdict(dict)
    with (district / "truth" / "bad_rows.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["path"]][row["sheet"], int(row["row"])] = row["reason"]
    return found


def read(path: Path, schema_name: str, today):
    """Judge a whole file by what is proposed: accepted rows, quarantined rows by (sheet, row), proposals."""
    schema = load_schema(schema_name)
    accepted, held, proposals = 0, {}, {}
    with path.open("rb") as raw:
        for table in tables_of(open_file(raw, path.name), known_header):
            assert table.layout is not None
            frames = [raw_frame(block) for block in blocks(table)]
            samples = [
                [c for f in frames for c in f[f"c{n}"].to_list() if c][:200]
                for n in range(len(table.layout.headers))
            ]
            columns, orders = defaultdict(tuple), {}
            for proposal in propose(table.layout.headers, samples, schema):
                proposals[
                    proposal.header.rsplit("/", 1)[-1]
                    if proposal.header != "业主/住户姓名"
                    else proposal.header
                ] = proposal.column
                if proposal.column:
                    columns[proposal.column] += (proposal.index,)
                    if order := find_order(samples[proposal.index]):
                        orders[proposal.column] = order
            reading = Reading(schema, table.layout.headers, dict(columns), today, table.sheet_no, orders)
            for frame in frames:
                verdict = judge(frame, reading)
                accepted += len(verdict.accepted)
                held |= {(table.name, q.row_no): q.reasons for q in verdict.quarantined}
    return accepted, held, proposals


@pytest.mark.slow
def test_every_row_of_the_district_is_accounted_for_and_every_planted_one_is_kept_aside(district):
    import datetime as dt

    manifest, files = entries(district)
    today = dt.date.fromisoformat(manifest["as_of"])
    planted = bad_rows(district)
    assert len(files) >= 11
    missed, extra = [], []
    for entry in files:
        accepted, held, proposals = read(district / entry["path"], SCHEMAS[entry["kind"]], today)
        assert accepted + len(held) == entry["rows"], entry["path"]
        is_csv = entry["path"].endswith(".csv")
        told = {(("" if is_csv else sheet), row): reasons for (sheet, row), reasons in held.items()}
        wanted = {
            (("" if is_csv else sheet), row): why for (sheet, row), why in planted[entry["path"]].items()
        }
        missed += [(entry["path"], *place, wanted[place]) for place in wanted.keys() - told.keys()]
        # a slip of the pen that puts a birth into next year is as impossible as a planted one
        extra += [
            (entry["path"], *place, told[place])
            for place in told.keys() - wanted.keys()
            if told[place] != ("impossible_date:birth",)
        ]
        if SCHEMAS[entry["kind"]] == "person":
            for header, column in proposals.items():
                assert column == TAKEN.get(header, column), header
                assert header not in NOT_TAKEN or column is None, header
    assert missed == []
    assert extra == []


def test_the_sample_with_a_refused_column_is_named(district):
    from wangge.sources.analysis import refuse_by_header

    with (district / "samples" / "含民族列.csv").open("rb") as raw:
        (table,) = tables_of(open_file(raw, "含民族列.csv"), known_header)
    named = [
        refusal for n, header in enumerate(table.layout.headers) if (refusal := refuse_by_header(n, header))
    ]
    assert [(refusal.header, refusal.kind) for refusal in named] == [("民族", "ethnicity")]


@pytest.mark.shared_data
def test_the_published_line_list_reads_whole(shared_data):
    import datetime as dt

    accepted, held, proposals = read(
        shared_data / "outbreaks" / "Tianjin135cases_revised.csv", "patient", dt.date(2026, 11, 22)
    )
    assert (accepted, held) == (135, {})
    assert {k: proposals[k] for k in ("case_id", "symptom_onset", "confirm_date", "Infection_source")} == {
        "case_id": "record_id", "symptom_onset": "onset_on", "confirm_date": "confirmed_on", "Infection_source": "source",
    }  # fmt: skip
