"""Trust: a province's lists of signers and rules, and the file of a verifier. 信任清单。"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from wangge_credential import files, lists, page
from wangge_credential import trust as trusting
from wangge_credential.commands.answers import json_option, period, period_options, say
from wangge_credential.instants import show_instant
from wangge_credential.keys import read_private, read_public
from wangge_credential.problems import Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    making = deeds.add_parser("list", help="the root's signed list of signers and of provinces recognised")
    making.add_argument("--root", type=Path, required=True, metavar="KEY", help="the province's root key")
    making.add_argument("--province", required=True)
    making.add_argument(
        "--signer",
        action="append",
        default=[],
        metavar="PUB[:USE,USE]",
        help="uses: credential (default), rules, revoked",
    )
    making.add_argument(
        "--recognise", action="append", default=[], type=Path, metavar="PUB", help="another province's root"
    )
    period_options(making, 30)
    rules = deeds.add_parser("rules", help="a signed list of acceptance rules; each must pass its own tests")
    rules.add_argument(
        "--key", type=Path, required=True, metavar="KEY", help="the root, or a signer that may sign rules"
    )
    rules.add_argument("--province", required=True)
    rules.add_argument("--rules", type=Path, required=True, metavar="JSON", help="a list of rules")
    period_options(rules, 30)
    bundle = deeds.add_parser("bundle", help="a verifier's file: the home root and signed lists")
    bundle.add_argument(
        "--home", type=Path, required=True, metavar="PUB", help="the home province's root, public file"
    )
    bundle.add_argument("lists", nargs="+", type=Path, metavar="LIST", help="signed lists, of all provinces")
    paged = deeds.add_parser("page", help="the verifier page as one file, with the trust file inside")
    paged.add_argument("--trust", type=Path, required=True, metavar="FILE")
    paged.add_argument("--page", type=Path, default=page.BUILT, metavar="HTML", help="the built page")
    for part in (making, rules, bundle, paged):
        part.add_argument("--out", type=Path, required=True, metavar="FILE")
        part.add_argument("--force", action="store_true", help="replace a file that exists")
        json_option(part)
        part.set_defaults(made=part)
    show = deeds.add_parser("show", help="what a trust file holds; refuses one that is not signed throughout")
    show.add_argument("trust", type=Path, metavar="FILE")
    json_option(show)


def run(options: argparse.Namespace) -> int:
    deed = {"list": _list, "rules": _rules, "bundle": _bundle, "page": _page, "show": _show}[options.deed]
    return deed(options)


def _written(options: argparse.Namespace, data: bytes, answer: dict[str, Any]) -> int:
    files.write_all({options.out: data}, force=options.force, mode=0o644)
    say(
        options, {**answer, "file": str(options.out), "bytes": len(data)}, f"{options.out}: {len(data)} bytes"
    )
    return 0


def _list(options: argparse.Namespace) -> int:
    root = read_private(options.root)
    signers = []
    for given in options.signer:
        name, _, uses = given.partition(":")
        chosen = tuple(uses.split(",")) if uses else ("credential",)
        if not set(chosen) <= set(lists.USES):
            raise Refused(
                "use",
                "用途只能是 credential、rules、revoked",
                "a use is credential, rules or revoked",
                given[:80],
            )
        signers.append((read_public(Path(name)), chosen))
    recognised = [read_public(path) for path in options.recognise]
    head = lists.Head(options.province, *period(options))
    data = lists.trust_list(root, head, signers, recognised)
    return _written(
        options, data, {"signers": len(signers), "recognises": [public.issuer for public in recognised]}
    )


def _rules(options: argparse.Namespace) -> int:
    try:
        rules = json.loads(files.read_limited(options.rules, 5_000_000))
    except (ValueError, RecursionError) as error:
        raise Refused("json", "规则文件不是 JSON", "the rules are not JSON", str(options.rules)) from error
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise Refused(
            "json", "规则文件须为规则的列表", "the rules must be a list of rules", str(options.rules)
        )
    head = lists.Head(options.province, *period(options))
    data = lists.rule_list(read_private(options.key), head, rules)
    tests = sum(len(rule["tests"]) for rule in rules)
    return _written(options, data, {"rules": len(rules), "tests_passed": tests})


def _bundle(options: argparse.Namespace) -> int:
    parts = [files.read_limited(path, lists.MOST_BYTES) for path in options.lists]
    text = trusting.bundle_text(read_public(options.home), parts)
    trusting.parse_bundle(text)  # what a verifier would refuse is not written
    return _written(options, text.encode(), {"lists": len(parts)})


def _page(options: argparse.Namespace) -> int:
    trusting.read_bundle(options.trust)
    if not options.page.is_file():
        raise Refused(
            "not_built", "核验页面还没有构建：先运行 ./wangge setup", "build the page first: ./wangge setup"
        )
    built = files.read_limited(options.page, 20_000_000).decode("utf-8")
    bundle = files.read_limited(options.trust, trusting.MOST_BYTES).decode("utf-8")
    return _written(options, page.with_trust(built, bundle).encode(), {})


def _show(options: argparse.Namespace) -> int:
    found = trusting.read_bundle(options.trust)
    signers = [signer for group in found.signers.values() for signer in group]
    answer = {
        "home": found.home,
        "signers": [
            {"kid": s.key.kid.hex(), "province": s.province, "issuer": s.issuer, "uses": list(s.uses)}
            for s in signers
        ],
        "rules": {
            name: [f"{rule.id} {rule.version}" for rule in rules] for name, rules in found.rules.items()
        },
        "revoked": {name: sum(len(part.places) for part in parts) for name, parts in found.revoked.items()},
        "lists": [
            {"kind": kind, "province": name, "issued": show_instant(issued), "until": show_instant(until)}
            for kind, name, issued, until in found.periods
        ],
    }
    say(options, answer, json.dumps(answer, ensure_ascii=False, indent=1))
    return 0
