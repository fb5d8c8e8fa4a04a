"""Encodings: nothing readable leaves, keys part files, and what is left links almost as well."""

import base64
import csv
import hashlib
import json
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.population import SOURCES, Population, write
from wangge_engine.encode.keys import Encoder
from wangge_engine.encode.records import COLUMNS, FILTERS, TOKENS, birth_features
from wangge_engine.frame.cli import main
from wangge_engine.text.addresses import parse as parse_address
from wangge_engine.text.names import parse_name
from wangge_engine.text.phones import parse_phone

ENCODER = Encoder(b"0123456789abcdef0123456789abcdef")
HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256")
words = st.text(min_size=1, max_size=12)


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def key_file(path, text):
    path.write_text(text * 16, encoding="ascii")
    return path


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoded")
    files = write(folder, Population(500, seed=6))
    keys = {name: key_file(folder / name, text) for name, text in (("k1", "3f9a0c7e"), ("k2", "b41d86e2"))}
    for name, key in keys.items():
        inputs = [part for source, path in files.items() for part in ("--input", f"{source}={path}")]
        assert (
            main(["encode", "--key", str(key), *inputs, "--out", str(folder / f"out-{name}"), "--quiet"]) == 0
        )
    return folder, files, keys


def unkeyed(value):
    """What anyone could compute of a value without the key."""
    for name in HASHES:
        digest = hashlib.new(name, value.encode()).digest()
        yield digest.hex()[:16]
        yield base64.b64encode(digest, b"-_").decode()[:12]
        yield base64.b64encode(digest).decode()[:12]


def test_nothing_plain_and_no_unkeyed_hash_leaves(village):
    folder, files, _ = village
    told: set[str] = set()
    for path in files.values():
        for row in rows(path):
            name, address, phone = (
                parse_name(row["name"]),
                parse_address(row["address"]),
                parse_phone(row["phone"]),
            )
            told |= {row[c] for c in ("name", "id_no", "birth", "phone", "address")}
            told |= {name.clean, name.pinyin, name.fuzzy, address.place, address.key, phone.number, phone.key}
    told = {value for value in told if len(value) >= 2}
    written = "".join((folder / "out-k1" / f"{source}.csv").read_text(encoding="utf-8") for source in SOURCES)
    cells = {
        row[c] for source in SOURCES for row in rows(folder / "out-k1" / f"{source}.csv") for c in COLUMNS[1:]
    }
    for value in told:
        if len(value) >= 5 or not value.isascii():
            assert value not in written
        assert value not in cells
    short = {cell[:12] for cell in cells} | {cell[:16] for cell in cells}
    sample = sorted(told)[::7]
    assert len(sample) > 300
    for value in sample:
        assert short.isdisjoint(unkeyed(value)), value
    assert all(not char > "\x7f" for char in written)


def test_only_the_declared_columns_are_written(village):
    folder, files, _ = village
    for source, path in files.items():
        written = rows(folder / "out-k1" / f"{source}.csv")
        assert tuple(written[0]) == COLUMNS
        assert sorted(r["record_id"] for r in written) == sorted(r["record_id"] for r in rows(path))


def test_two_keys_have_nothing_in_common_and_are_refused_together(village, tmp_path, capsys):
    folder, _, _ = village
    for column in (*TOKENS, "encoding"):
        one, other = (
            {row[column] for row in rows(folder / f"out-{name}" / "clinic.csv")} - {""}
            for name in ("k1", "k2")
        )
        assert one, column
        assert one.isdisjoint(other), column
    for column in FILTERS:
        one, other = (
            [row[column] for row in rows(folder / f"out-{name}" / "clinic.csv")] for name in ("k1", "k2")
        )
        same = sum(a == b != "" for a, b in zip(one, other, strict=True))
        assert same <= 2, "a filter is equal under two keys by chance alone"
    arguments = [
        "--input",
        f"a={folder / 'out-k1' / 'clinic.csv'}",
        "--input",
        f"b={folder / 'out-k2' / 'school.csv'}",
    ]
    assert main(["link", "--schema", "encoded", *arguments, "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert "different_keys" in capsys.readouterr().err


def test_encodings_do_not_depend_on_the_files_beside(village, tmp_path):
    folder, files, keys = village
    arguments = ["--key", str(keys["k1"]), "--input", f"clinic={files['clinic']}"]
    assert main(["encode", *arguments, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert (tmp_path / "out" / "clinic.csv").read_bytes() == (folder / "out-k1" / "clinic.csv").read_bytes()


def test_encodings_link_almost_as_well_as_the_persons(village, tmp_path):
    folder, files, _ = village
    figures = {}
    for schema, where in (("person-zh", folder), ("encoded", folder / "out-k1")):
        inputs = [part for source in files for part in ("--input", f"{source}={where / source}.csv")]
        report = tmp_path / f"{schema}.json"
        arguments = [
            *inputs,
            "--schema",
            schema,
            "--truth",
            str(folder / "truth.csv"),
            "--report",
            str(report),
        ]
        assert main(["link", *arguments, "--out", str(tmp_path / schema), "--quiet"]) == 0
        figures[schema] = json.loads(report.read_text(encoding="utf-8"))["truth"]["pairwise"]
    assert figures["encoded"]["precision"] > 0.995
    assert figures["encoded"]["f1"] > figures["person-zh"]["f1"] - 0.02


def test_two_trusted_numbers_never_stand_in_one_entity(village, tmp_path):
    folder, files, _ = village
    inputs = [part for source in files for part in ("--input", f"{source}={folder / 'out-k1' / source}.csv")]
    assert main(["link", "--schema", "encoded", *inputs, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    number = {
        (source, row["record_id"]): row["number"]
        for source in files
        for row in rows(folder / "out-k1" / f"{source}.csv")
    }
    held: dict[str, set[str]] = {}
    for row in rows(tmp_path / "out" / "clusters.csv"):
        held.setdefault(row["entity_id"], set()).add(number[row["source"], row["record_id"]])
    assert max(len(numbers - {""}) for numbers in held.values()) == 1


def test_coded_record_ids_stay_at_home_in_a_map(village, tmp_path):
    _, files, keys = village
    arguments = ["--key", str(keys["k1"]), "--input", f"clinic={files['clinic']}", "--record-ids", "coded"]
    where = ["--out", str(tmp_path / "out"), "--map", str(tmp_path / "home" / "map.csv")]
    assert main(["encode", *arguments, *where, "--quiet"]) == 0
    back = {row["code"]: row["record_id"] for row in rows(tmp_path / "home" / "map.csv")}
    coded = [row["record_id"] for row in rows(tmp_path / "out" / "clinic.csv")]
    assert sorted(back[code] for code in coded) == sorted(row["record_id"] for row in rows(files["clinic"]))
    assert set(back).isdisjoint(back.values())
    assert stat.S_IMODE((tmp_path / "home" / "map.csv").stat().st_mode) & 0o077 == 0


PERSON = "record_id,name,id_no\n{},王建国,120110198503120011\n"


@pytest.mark.parametrize(
    ("key", "record", "extra", "code"),
    [
        ("short", "1", [], "weak_key"),
        ("a" * 64, "1", [], "weak_key"),
        (None, "1", [], "no_key"),
        ("3f9a0c7e" * 8, "120110198503120011", [], "telling_record_ids"),
        ("3f9a0c7e" * 8, "13812345678", [], "telling_record_ids"),
        ("3f9a0c7e" * 8, "王建国", [], "telling_record_ids"),
        ("3f9a0c7e" * 8, "1", ["--record-ids", "coded"], "map_needed"),
        ("3f9a0c7e" * 8, "1", ["--schema", "organisation"], "wrong_schema"),
    ],
)
def test_refusals_leave_nothing(tmp_path, capsys, key, record, extra, code):
    path, keyed, out = tmp_path / "a.csv", tmp_path / "key", tmp_path / "made" / "out"
    path.write_text(PERSON.format(record), encoding="utf-8")
    if key is not None:
        keyed.write_text(key, encoding="ascii")
    assert (
        main(["encode", "--key", str(keyed), "--input", f"a={path}", "--out", str(out), "--quiet", *extra])
        == 2
    )
    message = capsys.readouterr().err
    assert code in message
    assert " / " in message
    assert not out.exists()
    assert "王建国" not in message


def test_a_map_beside_the_output_is_refused(village, tmp_path, capsys):
    _, files, keys = village
    arguments = ["--key", str(keys["k1"]), "--input", f"clinic={files['clinic']}", "--record-ids", "coded"]
    where = ["--out", str(tmp_path / "out"), "--map", str(tmp_path / "out" / "map.csv")]
    assert main(["encode", *arguments, *where, "--quiet"]) == 2
    assert "map_beside" in capsys.readouterr().err


def test_plain_records_are_refused_where_encodings_are_due(village, tmp_path, capsys):
    _, files, _ = village
    arguments = ["--input", f"clinic={files['clinic']}", "--schema", "encoded"]
    assert main(["link", *arguments, "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert "not written by wangge engine encode" in capsys.readouterr().err


@given(st.lists(words, min_size=1, max_size=3), st.lists(words, min_size=1, max_size=3))
def test_tokens_are_equal_only_for_equal_values(one, other):
    assert (ENCODER.token("k", *one) == ENCODER.token("k", *other)) == (one == other) or "\x1f" in "".join(
        one + other
    )
    assert ENCODER.token("k", *one) != ENCODER.token("other", *one)
    assert ENCODER.token("k", *one, None) == ""


def common(a, b):
    both = bin(int(a, 16) & int(b, 16)).count("1")
    return 2 * both / (bin(int(a, 16)).count("1") + bin(int(b, 16)).count("1"))


@given(st.dates(), words, words)
def test_filters_of_one_value_are_alike_only_under_one_salt(date, salt, other):
    features = birth_features(date.isoformat())
    here, there = (ENCODER.filter("birth", (s,), features) for s in (salt, other))
    assert (common(here, there) > 0.8) == (salt == other)
    near = birth_features(date.replace(day=1).isoformat())
    assert common(here, ENCODER.filter("birth", (salt,), near)) >= 0.3
