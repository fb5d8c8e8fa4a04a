"""Check a credential offline. 离线核验：0 有效，1 无效，2 无法读取。"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from pathlib import Path
from typing import Any

from wangge_credential import container, eu_dcc, files
from wangge_credential.commands.answers import json_option
from wangge_credential.instants import read_instant, show_instant
from wangge_credential.problems import Problem, Refused
from wangge_credential.trust import read_bundle
from wangge_credential.verify import EXIT, Verdict, Verifier

WORDS = {"valid": "有效 VALID", "invalid": "无效 INVALID", "unreadable": "无法读取 UNREADABLE"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "text", nargs="?", default="-", help="HC1:..., a file that holds it, or - (standard input)"
    )
    parser.add_argument(
        "--trust", type=Path, metavar="FILE", help="trust file (eu-dcc: signers' certificates, PEM or DER)"
    )
    parser.add_argument("--at", metavar="INSTANT", help="as if it were then (default now)")
    parser.add_argument("--tz", metavar="ZONE", help="zone of --at without an offset")
    parser.add_argument(
        "--place", help="whose acceptance rules (default: the home province of the trust file)"
    )
    parser.add_argument(
        "--skew", type=int, default=0, help="seconds this clock may be behind the issuer's (0 to 600)"
    )
    parser.add_argument("--profile", choices=("wangge", "eu-dcc"), default="wangge")
    parser.add_argument(
        "--vectors", type=Path, metavar="DIR", help="eu-dcc: check every test vector (*.json) in DIR"
    )
    json_option(parser)


def run(options: argparse.Namespace) -> int:
    try:
        if not 0 <= options.skew <= 600:
            raise Refused("skew", "--skew 须为 0 至 600 秒", "--skew must be 0 to 600 seconds")
        if options.profile == "eu-dcc":
            return _vectors(options) if options.vectors else _eu(options)
        return _own(options)
    except Problem as problem:
        if not options.json:
            raise
        # a program that asks for JSON gets JSON: what could not be judged, and why
        _json(
            {
                "valid": False,
                "verdict": "unreadable",
                "code": problem.code,
                "zh": problem.zh,
                "en": problem.en,
            }
        )
        sys.stderr.write(f"拒绝 refused: {problem}\n")
        return 2


def _json(body: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")


def _at(options: argparse.Namespace) -> int:
    return read_instant(options.at, options.tz) if options.at else int(time.time())


def _own(options: argparse.Namespace) -> int:
    if options.trust is None:
        raise Refused("trust", "须给 --trust 信任文件", "--trust is needed: the verifier's trust file")
    at = _at(options)
    verifier = Verifier(read_bundle(options.trust), options.place)
    verdict = verifier.check(files.read_text_of(options.text, container.OWN_TEXT), at, options.skew)
    if options.json:
        _json({**verdict.as_dict(), "at": show_instant(at), "place": verifier.place})
    else:
        sys.stdout.write(_words(verdict))
    return verdict.exit_code


def _words(verdict: Verdict) -> str:
    lines = [f"{WORDS[verdict.verdict]}: {verdict.zh} / {verdict.en} ({verdict.code})"]
    if verdict.initials:
        lines += [
            f"与证件比对 compare with a document: {verdict.initials}, {verdict.birthday}",
            f"{verdict.colour}, {verdict.issuer} {verdict.issuer_zh} {verdict.issuer_en}".rstrip(),
            f"{verdict.not_before} – {verdict.expires}",
        ]
    return "\n".join(lines) + "\n"


def _certificates(path: Path) -> list[bytes]:
    """Signers' certificates from a PEM file, a DER file, or a JSON list of Base64 texts."""
    data = files.read_limited(path, 20_000_000)
    try:
        if data[:1] == b"[":
            return [base64.b64decode(text, validate=True) for text in json.loads(data)]
        if b"-----BEGIN CERTIFICATE-----" in data:
            parts = data.decode("ascii").split("-----BEGIN CERTIFICATE-----")[1:]
            return [base64.b64decode(part.split("-----END")[0]) for part in parts]
    except (ValueError, TypeError) as error:
        raise Refused(
            "certificate", "签名证书读不出来", "the certificates cannot be read", str(path)
        ) from error
    return [data]


def _is_vector(argument: str) -> bool:
    return argument.endswith(".json") and len(argument) < 4096 and Path(argument).is_file()


def _eu(options: argparse.Namespace) -> int:
    """One certificate: a text with `--trust`, or a vector's file, which brings its own certificate and clock."""
    vector = eu_dcc.read_vector(Path(options.text)) if _is_vector(options.text) else None
    text = vector.text if vector else files.read_text_of(options.text, container.EU_TEXT)
    known = list(vector.certificates) if vector else []
    if options.trust:
        known = _certificates(options.trust)
    elif vector is None:
        raise Refused("trust", "须给 --trust 签名证书", "--trust is needed: the signers' certificates")
    at = vector.at if vector and not options.at else _at(options)
    report = eu_dcc.check(text, known, at)
    answer = {**eu_dcc.as_dict(report), "at": show_instant(at)}
    if vector:
        answer["differences"] = {step: list(pair) for step, pair in vector.differences(report).items()}
    if options.json:
        _json(answer)
    else:
        sys.stdout.write(f"{WORDS[report.verdict]}: {answer['zh']} / {answer['en']} ({answer['code']})\n")
        if answer["name"]:
            sys.stdout.write(f"与证件比对 compare with a document: {answer['name']}, {answer['birthday']}\n")
    return EXIT[report.verdict]


def _vectors(options: argparse.Namespace) -> int:
    """Every vector in a folder against its own expected results; 0 when all agree, 1 when one does not."""
    found = sorted(options.vectors.rglob("*.json")) if options.vectors.is_dir() else []
    if not found:
        raise Refused(
            "no_vectors", "目录里没有测试向量", "no test vectors in the folder", str(options.vectors)
        )
    differing = {}
    for path in found:
        vector = eu_dcc.read_vector(path)
        report = eu_dcc.check(vector.text, vector.certificates, vector.at)
        if differences := vector.differences(report):
            differing[str(path.relative_to(options.vectors))] = {
                key: list(pair) for key, pair in differences.items()
            }
    if options.json:
        _json({"vectors": len(found), "agree": len(found) - len(differing), "differing": differing})
    else:
        lines = [f"{name}: {what}" for name, what in differing.items()]
        sys.stdout.write("\n".join([*lines, f"{len(found) - len(differing)} / {len(found)}"]) + "\n")
    return 1 if differing else 0
