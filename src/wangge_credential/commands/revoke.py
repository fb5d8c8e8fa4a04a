"""Make the signed list of revoked ids. 吊销。"""

from __future__ import annotations

import argparse
from pathlib import Path

from wangge_credential import claims, container, cose, files, lists, revocation
from wangge_credential.claims import RID_BYTES
from wangge_credential.commands.answers import json_option, period, period_options, say
from wangge_credential.instants import read_instant
from wangge_credential.keys import read_private
from wangge_credential.problems import Refused, Unreadable


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="a key that may sign `revoked` lists"
    )
    parser.add_argument("--province", required=True, help="whose list it is")
    parser.add_argument(
        "--id", action="append", default=[], metavar="HEX", help="one revoked id (again for more)"
    )
    parser.add_argument(
        "--ids", type=Path, metavar="FILE", help="revoked ids: `id[,expires]` a line; expired are dropped"
    )
    parser.add_argument(
        "--texts", type=Path, metavar="FILE", help="or the credentials themselves, one text a line"
    )
    parser.add_argument(
        "--living", type=Path, metavar="FILE", help="living ids, none of which is to be struck by chance"
    )
    parser.add_argument(
        "--bits", type=int, default=revocation.BITS, help="false positives: 2^-BITS (default 20)"
    )
    period_options(parser, 7)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--force", action="store_true", help="replace a file that exists")
    json_option(parser)


def _id(text: str, place: str) -> bytes:
    try:
        rid = bytes.fromhex(text)
    except ValueError:
        rid = b""
    if len(rid) != RID_BYTES:
        raise Refused(
            "rid", f"编号须为 {2 * RID_BYTES} 个十六进制字符", f"an id has {2 * RID_BYTES} hex digits", place
        )
    return rid


def _read(path: Path | None, at: int) -> list[bytes]:
    """Ids of a file whose expiry, where it is given, has not come."""
    if path is None:
        return []
    found = []
    try:
        text = files.read_limited(path, 500_000_000).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("not_utf8", "文件不是 UTF-8", "the file is not UTF-8", str(path)) from error
    for number, line in enumerate(text.splitlines(), 1):
        rid, _, expires = line.strip().partition(",")
        if not rid or (number == 1 and rid == "id"):
            continue
        if not expires.strip() or read_instant(expires) > at:
            found.append(_id(rid, f"{path.name}, line {number}"))
    return found


def _of_texts(path: Path | None) -> list[bytes]:
    """Ids of credentials as their holders showed them; what cannot be read is refused with its line."""
    if path is None:
        return []
    found = []
    lines = files.read_limited(path, 100_000_000).decode("utf-8-sig", "replace").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            found.append(claims.decode(cose.parse_own(container.unwrap(line)).payload).rid)
        except Unreadable as problem:
            place = f"{path.name}, line {number}"
            raise Refused(problem.code, problem.zh, problem.en, place) from problem
    return found


def run(options: argparse.Namespace) -> int:
    start, until = period(options)
    rids = [_id(text, "--id") for text in options.id] + _read(options.ids, start) + _of_texts(options.texts)
    head = lists.Head(options.province, start, until)
    living = _read(options.living, start)
    data = lists.revocation_list(read_private(options.key), head, rids, living=living, bits=options.bits)
    files.write_all({options.out: data}, force=options.force, mode=0o644)
    count = len(set(rids))
    answer = {
        "revoked": count,
        "bytes": len(data),
        "false_positive_rate": 2.0**-options.bits,
        "file": str(options.out),
    }
    say(options, answer, f"{options.out}: {count} ids, {len(data)} bytes, 2^-{options.bits}")
    return 0
