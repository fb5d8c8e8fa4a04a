"""Make a key pair: NAME.key (private, mode 0600) and NAME.pub.json. 生成密钥。"""

from __future__ import annotations

import argparse
from pathlib import Path

from wangge_credential import keys
from wangge_credential.commands.answers import json_option, say
from wangge_credential.problems import Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, required=True, metavar="NAME", help="NAME.key and NAME.pub.json are written"
    )
    parser.add_argument(
        "--issuer", required=True, help="whose key: a province (root) or the issuer it will sign for"
    )
    parser.add_argument("--name-zh", default="", help="Chinese name, shown by verifiers")
    parser.add_argument("--name-en", default="", help="English name")
    json_option(parser)


def run(options: argparse.Namespace) -> int:
    private = options.out.with_name(options.out.name + ".key")
    public = options.out.with_name(options.out.name + ".pub.json")
    if not keys.CODE.fullmatch(options.issuer):
        raise Refused(
            "issuer",
            "机构代码须为 1 至 12 个字母数字",
            "the issuer has 1 to 12 letters or digits",
            "--issuer",
        )
    if public.exists():
        raise Refused("exists", "文件已存在，不覆盖", "the file exists and is not overwritten", str(public))
    key = keys.generate()
    keys.write_new(private, key.pem(), 0o600)
    try:
        described = keys.PublicFile(options.issuer, key.public, options.name_zh, options.name_en)
        keys.write_new(public, described.text().encode(), 0o644)
    except BaseException:
        private.unlink(missing_ok=True)
        raise
    answer = {"private": str(private), "public": str(public), "kid": key.kid.hex(), "issuer": options.issuer}
    say(options, answer, f"{private}\n{public}\nkid {key.kid.hex()}")
    return 0
