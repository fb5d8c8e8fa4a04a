"""What a verifier trusts: one file with its own province's root and the signed lists, opened once, asked often.

Only the home root is taken on the file's word (whoever sets up the verifier answers for it). It vouches for its
signers and for the roots of the provinces it recognises; each of those vouches for its own lists.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wangge_credential import lists
from wangge_credential.keys import PublicFile, VerifyingKey
from wangge_credential.lists import SignedList, Signer
from wangge_credential.problems import Problem, Refused
from wangge_credential.revocation import RevokedSet
from wangge_credential.rules import Rule

FORMAT = "wangge-trust/1"
MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Trust:
    """Opened and checked; `until` is when the first of its lists has run out."""

    home: str
    signers: Mapping[bytes, tuple[Signer, ...]]
    rules: Mapping[str, tuple[Rule, ...]]
    revoked: Mapping[str, tuple[RevokedSet, ...]]
    periods: tuple[tuple[str, str, int, int], ...]  # kind, province, issued, until

    def require_current(self, at: int) -> None:
        """Refuse to judge with lists that have run out, or that are of the future: then this clock is wrong."""
        for kind, province, issued, until in self.periods:
            place = f"{kind} {province}"
            if at < issued:
                raise Refused(
                    "clock_behind",
                    "时钟早于信任清单的签发时间：请校准时间",
                    "the clock is before the list was issued: set the clock",
                    place,
                )
            if at >= until:
                raise Refused(
                    "trust_expired", "信任清单已过期：请更新", "the list has run out: fetch a new one", place
                )


def bundle_text(home: PublicFile, signed: Iterable[bytes]) -> str:
    """The file of a verifier: the home root and signed lists, in any order."""
    body = {
        "format": FORMAT,
        "home": {
            "province": home.issuer,
            "name": {"zh": home.name_zh, "en": home.name_en},
            "kid": home.key.kid.hex(),
            "point": home.key.point.hex(),
        },
        "lists": [base64.b64encode(data).decode() for data in signed],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def parse_bundle(text: str | bytes) -> Trust:
    """Open a verifier's file; every list must be vouched for, or the file is refused whole."""
    try:
        body = json.loads(text)
        if body["format"] != FORMAT:
            raise ValueError("format")
        home, root = str(body["home"]["province"]), VerifyingKey(bytes.fromhex(body["home"]["point"]))
        data = [base64.b64decode(item, validate=True) for item in body["lists"]]
    except Problem:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused("trust", "不是信任文件", "not a trust file") from error
    return _open(home, root, data)


def _kind(data: bytes) -> str:
    """The kind a list says it is; its signature is checked when it is opened."""
    return next((kind for kind, content in lists.CONTENT.items() if content.encode() in data[:80]), "")


def _open(home: str, root: VerifyingKey, data: list[bytes]) -> Trust:
    waiting = [item for item in data if _kind(item) == lists.TRUST]
    others = [item for item in data if _kind(item) != lists.TRUST]
    first = _home_list(home, root, waiting)
    roots = {**lists.roots_of(first), home: root}
    pairs = [(key, "") for key in roots.values()]
    opened = [first]
    for item in waiting:
        found = lists.open_list(item, pairs, "trust list")
        own = roots.get(found.province)  # a province speaks for itself only
        if own is None or found.province == home:
            raise Refused("province", "信任清单所属省份未被承认", "a trust list of a province not recognised")
        opened.append(lists.open_list(item, [(own, "")], f"trust {found.province}"[:60]))
    return _gather(home, roots, opened, others)


def _home_list(home: str, root: VerifyingKey, waiting: list[bytes]) -> SignedList:
    for item in waiting:
        try:
            found = lists.open_list(item, [(root, "")], "trust list")
        except Refused:
            continue
        if found.province == home:
            waiting.remove(item)
            return found
    raise Refused("no_home_list", "没有本省根密钥签名的信任清单", "no trust list signed by the home root")


def _gather(
    home: str, roots: Mapping[str, VerifyingKey], trust_lists: list[SignedList], others: list[bytes]
) -> Trust:
    signers: dict[bytes, tuple[Signer, ...]] = {}
    keys: dict[str, list[tuple[VerifyingKey, str]]] = {name: [(key, "")] for name, key in roots.items()}
    for found in trust_lists:
        for signer in lists.signers_of(found):
            signers[signer.key.kid] = (*signers.get(signer.key.kid, ()), signer)
            keys[found.province] += [
                (signer.key, use) for use in signer.uses if use in (lists.RULES, lists.REVOKED)
            ]
    rules: dict[str, tuple[Rule, ...]] = {}
    revoked: dict[str, tuple[RevokedSet, ...]] = {}
    opened = list(trust_lists)
    for item in others:
        found = _own_list(item, keys)
        opened.append(found)
        if found.kind == lists.RULES:
            rules[found.province] = (*rules.get(found.province, ()), *lists.rules_of(found))
        else:
            revoked[found.province] = (*revoked.get(found.province, ()), lists.revoked_of(found))
    periods = tuple((found.kind, found.province, found.issued, found.until) for found in opened)
    return Trust(home, signers, rules, revoked, periods)


def _own_list(item: bytes, keys: Mapping[str, list[tuple[VerifyingKey, str]]]) -> SignedList:
    """Open a list of rules or revocations; a province speaks for itself only."""
    found = lists.open_list(item, [pair for pairs in keys.values() for pair in pairs], _kind(item) or "list")
    return lists.open_list(item, keys.get(found.province, []), f"{found.kind} {found.province}"[:60])


def read_bundle(path: Path) -> Trust:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Refused("no_file", "读不到文件", "the file cannot be read", str(path)) from error
    if len(data) > MOST_BYTES:
        raise Refused("too_large", "信任文件过大", "the trust file is too large", str(path))
    try:
        return parse_bundle(data)
    except Refused as refused:
        raise Refused(refused.code, refused.zh, refused.en, refused.place or str(path)) from refused
