"""Issue credentials: one, a person's strips, or a file of many. 签发凭证。"""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wangge_credential import container, cose, files, issuing, qr
from wangge_credential.claims import Claims, Colour, Form, decode
from wangge_credential.commands.answers import json_option, say
from wangge_credential.instants import read_instant, show_instant
from wangge_credential.keys import PublicFile, SigningKey, read_private, read_public
from wangge_credential.problems import Problem, Refused

MOST_ROWS = 200_000
COLUMNS = ("ref", "initials", "birth", "colour", "not_before", "expires", "form", "strips")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="the signer's private key")
    parser.add_argument("--issuer", help="who says so (default: as its public file beside it)")
    parser.add_argument("--rule-pack", required=True, help="the rules that gave the colour, e.g. 12-2026.1")
    person = parser.add_argument_group("one person")
    person.add_argument("--initials", help="1 to 4 letters A-Z")
    person.add_argument("--birth", help="MM-DD; 00 withholds a part")
    person.add_argument("--colour", choices=[colour.value for colour in Colour])
    person.add_argument("--not-before", metavar="INSTANT", help="default: the full hour that has begun")
    person.add_argument("--expires", metavar="INSTANT", help="default: 24 hours later (paper 14 days)")
    person.add_argument("--hours", type=int, help="or how many hours it lives")
    person.add_argument("--paper", action="store_true", help="the paper form, and a sheet to print")
    person.add_argument(
        "--strips", metavar="UNTIL", help="strips of 24 h until this instant, with random overlap"
    )
    parser.add_argument(
        "--batch", type=Path, metavar="CSV", help=f"many: columns {', '.join(COLUMNS)} (UTF-8)"
    )
    parser.add_argument("--tz", metavar="ZONE", help="zone of instants without an offset, and of the paper's")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="texts, one a line (with --batch: CSV); default stdout"
    )
    parser.add_argument(
        "--svg", type=Path, metavar="FILE", help="the QR code as SVG (with --paper: the sheet)"
    )
    parser.add_argument("--png", type=Path, metavar="FILE", help="the QR code as PNG")
    parser.add_argument(
        "--ids", type=Path, metavar="FILE", help="random id and expiry of each, kept to revoke it"
    )
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    json_option(parser)


def _public(options: argparse.Namespace) -> PublicFile | None:
    beside = options.key.with_name(options.key.name.removesuffix(".key") + ".pub.json")
    return read_public(beside) if beside.is_file() else None


def _birth(text: str) -> int:
    parts = text.strip().split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) == 2 for part in parts):
        raise Refused("birth", "出生月日写作 MM-DD", "write the birthday as MM-DD")
    return int(parts[0]) * 100 + int(parts[1])


def _claims(options: argparse.Namespace, issuer: str, row: Mapping[str, str]) -> Claims:
    """Claims of one row; whatever it leaves open is the default."""
    form = Form.PAPER if row.get("form") == "paper" else Form.STRIP
    if row.get("form", "") not in ("", "strip", "paper"):
        raise Refused("form", "form 只能是 strip 或 paper", "form is strip or paper")
    try:
        colour = Colour(row.get("colour", ""))
    except ValueError as error:
        raise Refused(
            "colour", "颜色只能是 green、yellow、red", "the colour is green, yellow or red"
        ) from error
    start = (
        read_instant(row["not_before"], options.tz)
        if row.get("not_before")
        else issuing.hour_of(int(time.time()))
    )
    life = issuing.PAPER_LIFE if form is Form.PAPER else issuing.LIFE
    if options.hours is not None:
        life = options.hours * issuing.HOUR
    expires = read_instant(row["expires"], options.tz) if row.get("expires") else start + life
    claims = Claims(
        row.get("initials", "").strip().upper(),
        _birth(row.get("birth", "")),
        colour,
        issuer,
        start,
        expires,
        options.rule_pack,
        form,
    )
    claims.check()
    return claims


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = files.read_limited(path, 64_000_000).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text), strict=True)
        missing = {"initials", "birth", "colour"} - set(reader.fieldnames or ())
        if missing:
            raise Refused(
                "columns", "缺少列", f"columns are missing: {', '.join(sorted(missing))}", path.name
            )
        for number, row in enumerate(reader, 1):
            if number > MOST_ROWS:
                raise Refused("too_many", f"超过 {MOST_ROWS} 行", f"more than {MOST_ROWS} rows", path.name)
            yield (
                number,
                {str(key): (value or "").strip() for key, value in row.items() if isinstance(value, str)},
            )
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(
            "csv", "CSV 读不出来（须 UTF-8）", "the CSV cannot be read (UTF-8)", path.name
        ) from error


def run(options: argparse.Namespace) -> int:
    key = read_private(options.key)
    public = _public(options)
    if public is not None and public.key.kid != key.kid:
        raise Refused(
            "key_pair", "公钥文件与私钥不成对", "the public file is not this key's", str(options.key)
        )
    issuer = options.issuer or (public.issuer if public else "")
    outputs = [path for path in (options.out, options.svg, options.png, options.ids) if path]
    if len(set(outputs)) < len(outputs):
        raise Refused("outputs", "两个输出是同一个文件", "two outputs are the same file")
    if options.batch:
        return _batch(options, key, issuer)
    row = {
        name: getattr(options, name) or ""
        for name in ("initials", "birth", "colour", "not_before", "expires")
    }
    row["form"] = "paper" if options.paper else ""
    claims = _claims(options, issuer, row)
    texts = _strips(options, key, claims, options.strips) if options.strips else [issuing.issue(key, claims)]
    made: dict[Path, bytes] = {}
    if options.out:
        made[options.out] = "".join(f"{text}\n" for text in texts).encode()
    if options.svg or options.png:
        if len(texts) > 1:
            raise Refused("one_code", "多张凭证不能写进一个二维码文件", "strips do not fit one QR file")
        name = (public.name_zh or public.name_en) if public else ""
        if options.svg:
            made[options.svg] = (
                qr.paper(texts[0], claims, name, options.tz or "Asia/Shanghai")
                if options.paper
                else qr.svg(texts[0])
            )
        if options.png:
            made[options.png] = qr.png(texts[0])
    if options.ids:
        made[options.ids] = _ids(texts)
    files.write_all(made, force=options.force)
    answer: dict[str, Any] = {
        "texts": texts,
        "characters": [len(text) for text in texts],
        "kid": key.kid.hex(),
    }
    answer["files"] = [str(path) for path in made]
    say(options, answer, "\n".join(str(path) for path in made) if options.out else "\n".join(texts))
    return 0


def _claims_of(text: str) -> Claims:
    return decode(cose.parse_own(container.unwrap(text)).payload)


def _strips(options: argparse.Namespace, key: SigningKey, claims: Claims, until: str) -> list[str]:
    """A person's strips, from the claims' beginning until an instant."""
    end = read_instant(until, options.tz)
    return issuing.strips(key, claims, claims.not_before, end, now=int(time.time()))


def _ids(texts: list[str]) -> bytes:
    """Lines of `id,expires`: all that revoking needs, and nothing of the person."""
    lines = ["id,expires"]
    for text in texts:
        found = _claims_of(text)
        lines.append(f"{found.rid.hex()},{show_instant(found.expires)}")
    return ("\n".join(lines) + "\n").encode()


def _batch(options: argparse.Namespace, key: SigningKey, issuer: str) -> int:
    """All rows or none: the first row that is refused is named, and nothing is written."""
    if not options.out:
        raise Refused("out", "批量签发须给 --out", "a batch needs --out")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("ref", "not_before", "expires", "text"))
    texts: list[str] = []
    for number, row in _rows(options.batch):
        try:
            claims = _claims(options, issuer, row)
            issued = (
                _strips(options, key, claims, row["strips"])
                if row.get("strips")
                else [issuing.issue(key, claims)]
            )
        except Problem as problem:
            place = f"{options.batch.name}, row {number}"
            raise Refused(problem.code, problem.zh, problem.en, place) from problem
        texts += issued
        for text in issued:
            found = _claims_of(text)
            writer.writerow(
                (row.get("ref", ""), show_instant(found.not_before), show_instant(found.expires), text)
            )
    made = {options.out: out.getvalue().encode()}
    if options.ids:
        made[options.ids] = _ids(texts)
    files.write_all(made, force=options.force)
    answer = {"issued": len(texts), "files": [str(path) for path in made], "kid": key.kid.hex()}
    say(options, answer, f"{len(texts)} -> {options.out}")
    return 0
