"""Texts are read elsewhere as they are read here, and whatever happens to a process loses none of them."""

import sys

import duckdb
import pyarrow as pa
import pytest

from wangge_engine.link import distinct
from wangge_engine.link.normalise_zh import _NAME as NAME_PARTS
from wangge_engine.link.normalise_zh import _identity, _name
from wangge_engine.link.readers import Readers, name_of, read_batch

TEXTS = pa.array(
    ["张伟", "欧阳志远", "王先生", "阿依努尔·买买提", "測試", "-", "110101199003077758", "11010119900307775X"]
)
NAME = pa.schema([(c, pa.string()) for c in NAME_PARTS])
IDENTITY = pa.schema(
    [("number", pa.string()), ("valid", pa.bool_())]
    + [(c, pa.string()) for c in ("birth", "sex", "problem", "younger")]
)


def test_another_process_reads_the_same():
    with Readers() as readers:
        found = [readers.submit(TEXTS, *job).result() for job in ((_name, NAME), (_identity, IDENTITY))]
    assert found == [read_batch(TEXTS, _name, NAME), read_batch(TEXTS, _identity, IDENTITY)]


@pytest.mark.parametrize("executable", ["/bin/false", "/there/is/none"])
def test_what_a_process_leaves_unread_is_read_here(monkeypatch, executable):
    monkeypatch.setattr(sys, "executable", executable)
    with Readers() as readers:
        found = [readers.submit(TEXTS, _name, NAME).result() for _ in range(2)]
    assert found == [read_batch(TEXTS, _name, NAME)] * 2


def test_only_functions_of_a_module_go_elsewhere():
    assert name_of(_name) == "wangge_engine.link.normalise_zh:_name"
    assert name_of(lambda text: (text,)) is None


def test_a_table_is_the_same_from_elsewhere(monkeypatch):
    monkeypatch.setattr(distinct, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(distinct, "BATCH", 3)
    con = duckdb.connect()
    con.register("given", pa.table({"t": TEXTS}))
    columns = [(field.name, field.type) for field in NAME]
    distinct.read_distinct(con, "SELECT t FROM given", "here", _name, columns)
    with Readers() as readers:
        distinct.begin_reading(con, "SELECT t FROM given", "there", _name, columns, readers=readers)()
    assert con.execute("SELECT count(*) FROM here").fetchall() == [(len(TEXTS),)]
    assert con.execute("FROM here EXCEPT ALL FROM there").fetchall() == []
