"""Looking one record up: read as the normaliser reads, weighed as Splink weighs, answered with the right entity."""

import csv
import json
import warnings

import pyarrow as pa
import pytest

from tests.engine.population import Population, Rates, write
from wangge_engine.frame.cli import main
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.batch import BatchRequest, add_batch, keep_added
from wangge_engine.link.intake import Input
from wangge_engine.link.kept import Base
from wangge_engine.link.lookup import Lookup
from wangge_engine.link.normalise_zh import normalise
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.reading import read_record
from wangge_engine.link.schema import read_schema
from wangge_engine.link.score import predict_with_splink
from wangge_engine.link.terms import add_terms
from wangge_engine.link.weigh import weigh

FIELDS = ("name", "id_no", "sex", "birth", "phone", "address")
HARD = Rates(
    id_typo=0.1, id_borrowed=0.05, id_15=0.05, birth_wrong=0.1, swapped=0.1, name_title=0.1, repeated=0.1
)


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    """A village linked and kept: the kept folder, the database with its tables, the records by label."""
    folder = tmp_path_factory.mktemp("village")
    files = write(folder, Population(500, 11, HARD))
    con = connect()
    out = folder / "kept"
    out.mkdir()
    inputs = [Input(source, path) for source, path in files.items()]
    request = Request(inputs=inputs, schema=read_schema("person-zh"), keep=out)
    link(con, request, Rejects(), Stages(quiet=True))
    told = {}
    for source, path in files.items():
        with path.open(encoding="utf-8", newline="") as handle:
            told |= {(source, row["record_id"]): row for row in csv.DictReader(handle)}
    return out, con, told


ODD = [
    {"name": "１２０１１０１９９００３０７７７５８", "id_no": "张 伟"},
    {"name": "13912345678", "phone": "欧阳志远"},
    {"id_no": "13912345678", "phone": "110101199003077758", "name": "李娜"},
    {"id_no": "110101900307775", "birth": "2090-03-07"},
    {"name": "王先生", "phone": "+86 139-1234-5678", "relation": "孙子女"},
    {"name": "王强", "former_name": "王 小强", "relation": "户主之妻"},
    {"name": "刘女士", "sex": "男", "birth": "19000101"},
    {"name": "测试", "address": "不详", "id_no": "x", "phone": "1", "birth": "not a day", "sex": "?"},
    {},
]


def test_a_record_is_read_as_the_normaliser_reads_it_alone(village):
    """Many at once where no other record bears the number, which is all that a record is doubted for; odd ones alone."""
    _, _, told = village
    con = connect()
    fields = [*FIELDS, "guardian_phone", "hukou_address", "household_ref", "relation", "former_name"]
    schema = pa.schema([("uid", pa.int32()), *((f, pa.string()) for f in ("source", "record_id", *fields))])
    of_number = {record.get("id_no") or turn: record for turn, record in enumerate(told.values())}
    differing = []
    for records in [list(of_number.values()), *([one] for one in ODD)]:
        given = [
            {"uid": uid, "source": "s", "record_id": str(uid)} | {f: record.get(f) or None for f in fields}
            for uid, record in enumerate(records)
        ]
        con.register("given", pa.Table.from_pylist(given, schema=schema))
        con.execute("CREATE OR REPLACE TABLE records_in AS FROM given")
        normalise(con)
        expected = con.execute("SELECT * EXCLUDE rare_name FROM records ORDER BY uid").to_arrow_table()
        for row, one in zip(given, expected.to_pylist(), strict=True):
            read = read_record(row | {"uid": 0}) | {"uid": row["uid"]}
            differing += [(k, v, read[k], row) for k, v in one.items() if read[k] != v]
    assert len(of_number) > 500
    assert differing == []


def test_pairs_weigh_as_splink_weighs_them(village):
    out, con, _ = village
    base = Base(out)
    con.execute("CREATE OR REPLACE TABLE compared AS SELECT * FROM records")
    add_terms(con, base, "compared")
    con.execute("CREATE OR REPLACE TABLE candidates AS SELECT a, b FROM pairs")
    weigh(con, base.model, base.settings, records="compared", into="again")
    con.execute("CREATE OR REPLACE TABLE whole AS FROM pairs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predict_with_splink(con, base.model, base.settings)  # into ``pairs``
    columns = [
        c for c in con.execute("SELECT * FROM again LIMIT 0").to_arrow_table().schema.names if c[0] in "gw"
    ]
    assert len(columns) == 11
    differs = " OR ".join(f"abs(p.{c} - n.{c}) > 0.002" for c in columns)
    for ours in ("again", "whole"):  # given pairs, and all that share something
        counted, missing, more, off = con.execute(
            f"""
            SELECT count(p.a), count(*) FILTER (WHERE n.a IS NULL), count(*) FILTER (WHERE p.a IS NULL),
                   count(*) FILTER (WHERE {differs})
            FROM pairs p FULL JOIN {ours} n USING (a, b)
            """
        ).fetchall()[0]
        assert counted > 1000
        assert (missing, more, off) == (0, 0, 0), ours


def test_a_record_that_stands_finds_its_own_entity(village):
    out, con, told = village
    entity = {
        (source, record): name
        for source, record, name in con.execute(
            "SELECT source, record_id, entity_id FROM records JOIN entity_of USING (uid)"
        ).fetchall()
    }
    lookup = Lookup(out)
    asked = list(told.items())[::7]
    first = [lookup.find({f: row[f] for f in FIELDS}) for _, row in asked]
    right = sum(
        bool(m) and m[0].entity_id == entity[label] for (label, _), m in zip(asked, first, strict=True)
    )
    assert right >= 0.97 * len(asked)
    for matches in first:
        weights = [match.weight for match in matches]
        assert weights == sorted(weights, reverse=True)
        assert len({match.entity_id for match in matches}) == len(matches)


def test_a_wholly_strange_record_finds_nobody(village):
    lookup = Lookup(village[0])
    assert lookup.find({}) == []
    assert lookup.find({"name": "司马相如", "id_no": "110101190001010005"}) == []


def test_what_a_batch_brought_is_found(village, tmp_path):
    out, _, _ = village
    person = {"name": "诸葛孔明", "id_no": "120110198503120014", "phone": "13811112222"}
    (tmp_path / "new.csv").write_text(
        "record_id,name,id_no,phone\n1,诸葛孔明,120110198503120014,13811112222\n", encoding="utf-8"
    )
    assert all(match.probability < 0.5 for match in Lookup(out).find(person))
    con = connect()
    request = BatchRequest(inputs=[Input("late", tmp_path / "new.csv")])
    added = add_batch(con, Base(out), request, Rejects(), Stages(quiet=True))
    (tmp_path / "next").mkdir()
    keep_added(con, added, tmp_path / "next")
    found = Lookup(tmp_path / "next").find({"name": "诸葛孔明", "phone": "138 1111 2222"})
    assert (found[0].source, found[0].record_id, found[0].records) == ("late", "1", 1)
    assert found[0].probability > 0.9


def command(capsys, *arguments):
    code = main(["lookup", *map(str, arguments), "--json", "--quiet"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out else captured.err


def test_the_command_answers_one_or_many(village, tmp_path, capsys):
    out, _, told = village
    rows = [{f: row[f] for f in FIELDS} for row in list(told.values())[:20]]
    code, one = command(capsys, "--base", out, "--record", json.dumps(rows[0]), "--limit", 1)
    assert (code, one["records"], len(one["answers"][0])) == (0, 1, 1)
    (tmp_path / "many.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    code, many = command(capsys, "--base", out, "--records", tmp_path / "many.jsonl", "--limit", 1)
    assert (code, many["records"]) == (0, 20)
    assert many["answers"][0] == one["answers"][0]
    assert many["milliseconds"]["p50"] <= many["milliseconds"]["p95"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "one_of_two"),
        (["--record", "["], "bad_record"),
        (["--record", '{"ethnicity": "x"}'], "bad_record"),
        (["--record", '{"name": 3}'], "bad_record"),
        (["--records", "/no/such"], "unreadable"),
        (["--base", "/no/such", "--record", "{}"], "no_base"),
    ],
)
def test_bad_asking_is_refused(village, capsys, arguments, code):
    status, message = command(capsys, "--base", village[0], *arguments)
    assert status == 2
    assert code in message
