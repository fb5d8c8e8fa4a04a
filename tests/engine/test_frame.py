"""The frame: exit codes, one object on stdout, nothing left behind by a refusal."""

import json
import subprocess
import sys

import pyarrow as pa
import pytest

from wangge_engine.frame import manual
from wangge_engine.frame.cli import main
from wangge_engine.frame.problems import Refused
from wangge_engine.frame.snapshots import Snapshot, publish

PEOPLE = "record_id,姓名,公民身份号码,联系电话,住址\n1,张伟,110101199003077758,13900001111,海颂园3-2-501\n2,張偉,,139 0000 1111,海颂园3号楼2单元501室\n"


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


def test_json_is_one_object_on_stdout(people, tmp_path, capsys):
    assert main(["link", "--input", f"a={people}", "--out", str(tmp_path / "out"), "--json"]) == 0
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert report["records"] == 2
    assert "score" in captured.err


def test_without_json_stdout_is_empty(people, tmp_path, capsys):
    assert main(["link", "--input", f"a={people}", "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == ""


def test_chinese_headers_are_found_and_spellings_agree(people, tmp_path):
    assert main(["link", "--input", f"a={people}", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    lines = (tmp_path / "out" / "clusters.csv").read_text(encoding="utf-8").splitlines()
    assert len({line.split(",")[2] for line in lines[1:]}) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (["--schema", "no-such"], "unknown_schema"),
        (["--engine", "spark", "--base", "x"], "no_batch_on_spark"),
        (["--base", "x"], "no_base"),
        (["--mode", "between"], "one_input"),
        (["--threshold", "2"], "bad_threshold"),
        (["--input", "b=/no/such/file.csv"], "no_such_file"),
    ],
)
def test_refusals_exit_2_in_both_languages_and_leave_nothing(people, tmp_path, capsys, change, code):
    out = tmp_path / "result" / "out"
    assert main(["link", "--input", f"a={people}", "--out", str(out), "--quiet", *change]) == 2
    message = capsys.readouterr().err
    assert code in message
    assert " / " in message
    assert not out.parent.exists() or not any(out.parent.iterdir())


def test_forbidden_column_is_named_and_refused(tmp_path, capsys):
    path = tmp_path / "p.csv"
    path.write_text("姓名,民族\n张伟,汉族\n", encoding="utf-8")
    assert main(["link", "--input", f"a={path}", "--out", str(tmp_path / "out")]) == 2
    assert "民族" in capsys.readouterr().err


def test_rejects_are_listed_and_strict_refuses(tmp_path, capsys):
    path = tmp_path / "p.csv"
    path.write_text("record_id,name\n1,张伟\n1,王芳\n,李娜\n", encoding="utf-8")
    arguments = ["link", "--input", f"a={path}", "--out", str(tmp_path / "out"), "--quiet"]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rejects"] == {"no_record_id": 1, "repeated_record_id": 1}
    lines = (tmp_path / "out" / "rejects.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert (
        main(["link", "--input", f"a={path}", "--out", str(tmp_path / "other"), "--quiet", "--strict"]) == 2
    )
    assert not (tmp_path / "other").exists()


def test_unknown_analysis_and_usage_exit_2(capsys):
    assert main(["no-such-analysis"]) == 2
    assert main(["link"]) == 2
    assert main(["--help"]) == 0
    assert "link" in capsys.readouterr().out


def test_the_module_runs_without_django(people, tmp_path):
    code = (
        "import sys; from wangge_engine.frame.cli import main;"
        f" code = main(['link', '--input', 'a={people}', '--out', '{tmp_path / 'out'}', '--quiet']);"
        " sys.exit(code or sum(m.split('.')[0] in ('django', 'wangge') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_changed_snapshot_is_refused(tmp_path):
    made = publish(
        tmp_path / "s", {"t": pa.table({"x": [1, 2]})}, purpose="care", privacy="open", made_by="test"
    )
    assert Snapshot.read(tmp_path / "s") == made
    with made.path("t").open("ab") as handle:
        handle.write(b"x")
    with pytest.raises(Refused, match="snapshot_changed"):
        Snapshot.read(tmp_path / "s")


@pytest.mark.parametrize("name", manual.pages())
def test_manual_pages_are_up_to_date(name):
    made = (manual.FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert made == manual.page(name), "run ./wangge docs"


def test_outputs_are_for_their_owner_only(people, tmp_path):
    assert main(["link", "--input", f"a={people}", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    kept = {path.name for path in (tmp_path / "out").glob("base*")}
    made = sorted(path.name for path in (tmp_path / "out").iterdir() if path.name not in kept)
    assert "base.json" in kept
    assert made == ["clusters.csv", "flags.csv", "households.csv", "links.csv", "rejects.csv", "review.csv"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "out").iterdir())


def test_our_own_fault_exits_1_and_leaves_nothing(people, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("wangge_engine.link.command.write_outputs", lambda *_, **__: 1 / 0)
    out = tmp_path / "result" / "out"
    assert main(["link", "--input", f"a={people}", "--out", str(out), "--quiet"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert not any(out.parent.iterdir())
