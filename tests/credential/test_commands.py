"""The commands: the whole story on plain files, what is refused, and that nothing is left half-written."""

from __future__ import annotations

import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.credential.house import PACK, rule
from wangge_credential.cli import main
from wangge_credential.keys import read_private

AT = "2026-11-22T08:00:00+08:00"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys, lists, a trust file and a credential, all made by the commands."""
    home = tmp_path_factory.mktemp("credential")
    (home / "rules.json").write_text(json.dumps([rule()], ensure_ascii=False), encoding="utf-8")
    period = ["--from", "2026-11-01T00:00:00Z", "--days", "60"]

    def do(*words: str) -> None:
        assert main([word.replace("@", str(home)) for word in words]) == 0, words

    for name, issuer in (("root", "CN-12"), ("signer", "CN-120110"), ("office", "CN-12-R"), ("far", "CN-33")):
        do("keygen", "--out", f"@/{name}", "--issuer", issuer, "--name-zh", "名", "--name-en", name)
    listed = [
        "--signer",
        "@/signer.pub.json",
        "--signer",
        "@/office.pub.json:rules,revoked",
        "--recognise",
        "@/far.pub.json",
    ]
    do(
        "trust",
        "list",
        "--root",
        "@/root.key",
        "--province",
        "CN-12",
        *listed,
        *period,
        "--out",
        "@/trust.list",
    )
    do(
        "trust",
        "rules",
        "--key",
        "@/office.key",
        "--province",
        "CN-12",
        "--rules",
        "@/rules.json",
        *period,
        "--out",
        "@/rules.list",
    )
    do("issue", "--key", "@/signer.key", "--rule-pack", PACK, "--initials", "zw", "--birth", "03-12", "--colour", "green",
       "--not-before", AT, "--out", "@/one.txt", "--svg", "@/one.svg", "--png", "@/one.png", "--ids", "@/one.ids")  # fmt: skip
    do("issue", "--key", "@/signer.key", "--rule-pack", PACK, "--initials", "A", "--birth", "00-00", "--colour", "green",
       "--not-before", "2026-10-31T22:00Z", "--expires", "2026-12-31T20:00Z", "--paper", "--out", "@/long.txt")  # fmt: skip
    do("revoke", "--key", "@/office.key", "--province", "CN-12", *period, "--out", "@/none.list")
    do(
        "revoke",
        "--key",
        "@/office.key",
        "--province",
        "CN-12",
        "--ids",
        "@/one.ids",
        *period,
        "--out",
        "@/one.list",
    )
    for name in ("none", "one"):
        do(
            "trust",
            "bundle",
            "--home",
            "@/root.pub.json",
            "@/trust.list",
            "@/rules.list",
            f"@/{name}.list",
            "--out",
            f"@/{name}.trust",
        )
    return home


def verify(story: Path, *words: str) -> int:
    return main(["verify", *(word.replace("@", str(story)) for word in words)])


def test_verify_says_valid_invalid_unreadable_and_one_reason(
    story: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--trust", "@/none.trust", "--at", AT, "--json"]
    assert verify(story, "@/one.txt", *common) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["valid"], answer["verdict"], answer["name"], answer["birthday"]) == (
        True,
        "valid",
        "ZW",
        "03-12",
    )
    assert verify(story, (story / "one.txt").read_text().strip(), *common) == 0
    assert verify(story, "@/one.txt", "--trust", "@/one.trust", "--at", AT, "--json") == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["code"] == "revoked"
    assert verify(story, "@/one.txt", "--trust", "@/none.trust", "--at", "2026-11-23T08:00:00+08:00") == 1
    assert verify(story, "HC1:NOTHING", *common) == 2
    shown = capsys.readouterr()
    assert "expired" in shown.out
    assert shown.err == ""


def test_verify_reads_standard_input_and_no_more_than_it_needs(
    story: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = io.BytesIO(b"HC1:" + b"0" * 10_000_000)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(huge))
    assert verify(story, "-", "--trust", "@/none.trust", "--at", AT, "--json") == 2
    assert json.loads(capsys.readouterr().out)["code"] == "too_long"
    assert huge.tell() < 100_000


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["@/one.txt", "--at", AT], "trust"),
        (["@/one.txt", "--trust", "@/nowhere"], "no_file"),
        (["@/two.txt", "--trust", "@/none.trust"], "no_file"),
        (["@/one.txt", "--trust", "@/one.txt"], "trust"),
        (["@/one.txt", "--trust", "@/none.trust", "--at", "2026-11-22T08:00:00"], "offset"),
        (["@/one.txt", "--trust", "@/none.trust", "--at", "yesterday"], "instant"),
        (
            ["@/one.txt", "--trust", "@/none.trust", "--at", "2026-03-29T02:30", "--tz", "Europe/Berlin"],
            "daylight_saving",
        ),
        (["@/long.txt", "--trust", "@/none.trust", "--at", "2026-10-31T23:00Z"], "clock_behind"),
        (["@/long.txt", "--trust", "@/none.trust", "--at", "2026-12-31T08:00Z"], "trust_expired"),
        (["@/one.txt", "--trust", "@/none.trust", "--at", AT, "--place", "CN-99"], "place"),
        (["@/one.txt", "--trust", "@/none.trust", "--at", AT, "--skew", "3600"], "skew"),
    ],
)
def test_what_cannot_be_judged_ends_with_2_and_says_why_in_both_languages(
    story: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    assert verify(story, *words, "--json") == 2
    shown = capsys.readouterr()
    answer: dict[str, Any] = json.loads(shown.out)
    assert answer["code"] == code
    assert answer["zh"] and answer["en"]
    assert code in shown.err


def test_verify_writes_nothing_and_a_private_key_is_its_owners_alone(story: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in story.iterdir()}
    verify(story, "@/one.txt", "--trust", "@/none.trust", "--at", AT)
    assert {path: path.stat().st_mtime_ns for path in story.iterdir()} == before
    key = story / "root.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = key.read_text().splitlines()[1]
    assert all(secret not in path.read_text("latin-1") for path in story.iterdir() if path.suffix != ".key")
    assert secret not in repr(read_private(key))


def test_keys_are_never_replaced_shown_or_read_from_a_file_open_to_others(
    story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (story / "root.key").read_bytes()
    assert main(["keygen", "--out", str(story / "root"), "--issuer", "CN-12"]) == 2
    assert (story / "root.key").read_bytes() == before
    old = os.umask(0)
    try:
        assert main(["keygen", "--out", str(tmp_path / "k"), "--issuer", "CN-12", "--json"]) == 0
    finally:
        os.umask(old)
    assert "PRIVATE" not in capsys.readouterr().out
    assert stat.S_IMODE((tmp_path / "k.key").stat().st_mode) == 0o600
    (tmp_path / "k.key").chmod(0o644)
    issuing = ["issue", "--rule-pack", "x", "--initials", "A", "--birth", "01-01", "--colour", "red"]
    assert main([*issuing, "--key", str(tmp_path / "k.key")]) == 2
    assert main([*issuing, "--key", str(story / "one.txt")]) == 2
    assert main(["keygen", "--out", str(tmp_path / "q"), "--issuer", "no issuer"]) == 2
    assert not (tmp_path / "q.key").exists()


def test_a_batch_is_written_whole_or_not_at_all(
    story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "ref,initials,birth,colour,form\n" + "".join(
        f"{n},A{chr(65 + n)},0{n + 1}-10,green,\n" for n in range(3)
    )
    (tmp_path / "in.csv").write_text(rows)
    command = [
        "issue",
        "--key",
        str(story / "signer.key"),
        "--rule-pack",
        PACK,
        "--batch",
        str(tmp_path / "in.csv"),
    ]
    out = ["--out", str(tmp_path / "out.csv"), "--ids", str(tmp_path / "out.ids")]
    assert main([*command, *out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["issued"] == 3
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 4
    many = tmp_path / "many.csv"
    (tmp_path / "in.csv").write_text(
        "ref,initials,birth,colour,not_before,strips\n9,A,00-00,green,2026-12-01T00:00Z,2026-12-05T12:00Z\n"
    )
    assert main([*command, "--out", str(many)]) == 0
    lines = many.read_text().splitlines()[1:]
    assert len(lines) >= 5 and {line.split(",")[0] for line in lines} == {"9"}
    many.unlink()
    before = sorted(tmp_path.iterdir())
    assert main([*command, *out]) == 2  # they exist
    for wrong in (
        "9,A,02-30,green,\n",
        "9,A,0210,green,\n",
        "9,A,02-10,blue,\n",
        "9,张,02-10,green,\n",
        "9,A,02-10,red,stone\n",
    ):
        (tmp_path / "in.csv").write_text(rows + wrong)
        assert main([*command, "--out", str(tmp_path / "other.csv")]) == 2
        assert "row 4" in capsys.readouterr().err
    (tmp_path / "in.csv").write_text("name\nx\n")
    assert main([*command, "--out", str(tmp_path / "other.csv")]) == 2
    assert sorted(tmp_path.iterdir()) == before


def test_codes_and_sheets_are_pictures_of_the_text(story: Path, tmp_path: Path) -> None:
    assert (story / "one.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (story / "one.svg").read_bytes()[:60]
    sheet = tmp_path / "sheet.svg"
    words = ["--initials", "ZW", "--birth", "00-00", "--colour", "green", "--paper", "--not-before", AT]
    assert (
        main(["issue", "--key", str(story / "signer.key"), "--rule-pack", PACK, *words, "--svg", str(sheet)])
        == 0
    )
    text = sheet.read_text(encoding="utf-8")
    assert "2026-12-06 08:00 UTC+08:00" in text  # a fortnight
    assert "绿色 GREEN" in text


def test_ids_are_revoked_by_text_by_value_and_no_longer_than_they_live(
    story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rid, expires = (story / "one.ids").read_text().splitlines()[1].split(",")
    (tmp_path / "old.ids").write_text(f"{rid},2026-10-01T00:00:00Z\n" + "0" * 20 + f",{expires}\n")
    command = ["revoke", "--key", str(story / "office.key"), "--province", "CN-12", "--from", AT, "--json"]
    given = ["--id", rid, "--texts", str(story / "one.txt"), "--ids", str(tmp_path / "old.ids")]
    assert main([*command, *given, "--out", str(tmp_path / "list")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["revoked"], answer["false_positive_rate"]) == (2, 2.0**-20)
    for wrong in (
        ["--id", "zz"],
        ["--texts", str(tmp_path / "old.ids")],
        ["--ids", str(story / "one.txt")],
        ["--bits", "3"],
    ):
        assert main([*command, *wrong, "--out", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()
    assert "line 1" in capsys.readouterr().err


def test_strips_are_printed_one_a_line(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "--initials",
        "ZW",
        "--birth",
        "03-12",
        "--colour",
        "green",
        "--not-before",
        AT,
        "--strips",
        "2026-11-29T08:00+08:00",
    ]
    assert main(["issue", "--key", str(story / "signer.key"), "--rule-pack", PACK, *words]) == 0
    texts = capsys.readouterr().out.splitlines()
    assert len(texts) >= 7
    assert all(text.startswith("HC1:") and len(text) <= 260 for text in texts)


def test_a_trust_file_shows_keys_and_rules_and_no_person(
    story: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trust", "show", str(story / "one.trust"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["revoked"] == {"CN-12": 1}
    assert answer["rules"] == {"CN-12": ["R-1 1.0.0"]}
    assert [signer["uses"] for signer in answer["signers"]] == [["credential"], ["rules", "revoked"]]


@pytest.mark.shared_data
def test_the_eu_profile_reads_a_vector_and_a_folder_of_them(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data / "dcc" / "common"
    assert main(["verify", "--profile", "eu-dcc", "--vectors", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["agree"] == found["vectors"] == 38
    assert main(["verify", "--profile", "eu-dcc", str(folder / "2DCode/raw/CO3.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "Musterfrau-Gößinger Gabriele"
    for name, code in (("CO17", 1), ("CO5", 1), ("CO6", 1), ("B1", 2), ("Z1", 2), ("H1", 2), ("CBO1", 2)):
        assert main(["verify", "--profile", "eu-dcc", str(folder / f"2DCode/raw/{name}.json")]) == code, name
    vector = json.loads((folder / "2DCode/raw/CO3.json").read_text())
    pem = "-----BEGIN CERTIFICATE-----\n" + vector["TESTCTX"]["CERTIFICATE"] + "\n-----END CERTIFICATE-----\n"
    (tmp_path / "signers.pem").write_text(pem)
    words = ["--profile", "eu-dcc", vector["PREFIX"], "--trust", str(tmp_path / "signers.pem"), "--at"]
    assert main(["verify", *words, vector["TESTCTX"]["VALIDATIONCLOCK"]]) == 0
    assert main(["verify", *words, "2019-01-01T00:00:00Z"]) == 1


def test_the_rules_we_ship_pass_their_tests_and_the_manual_names_every_command(
    story: Path, tmp_path: Path
) -> None:
    root = Path(__file__).resolve().parents[2]
    shipped = str(root / "contracts/credential/rules.example.json")
    words = ["--key", str(story / "root.key"), "--province", "CN-12", "--rules", shipped]
    assert main(["trust", "rules", *words, "--out", str(tmp_path / "rules.list")]) == 0
    manual = (root / "docs/credential.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in manual for name in ("keygen", "issue", "verify", "revoke", "trust"))
    for option in ("--strips", "--batch", "--paper", "--living", "--skew", "--vectors", "--place"):
        assert option in manual
