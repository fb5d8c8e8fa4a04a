"""Checking a credential: text in, verdict out. No network, no file, no memory of what was checked."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from wangge_credential import claims as claims_
from wangge_credential import container, cose
from wangge_credential.claims import Claims
from wangge_credential.instants import show_instant
from wangge_credential.lists import Signer
from wangge_credential.problems import Refused, Unreadable
from wangge_credential.rules import data_of
from wangge_credential.trust import Trust

VALID, INVALID, UNREADABLE = "valid", "invalid", "unreadable"
EXIT = {VALID: 0, INVALID: 1, UNREADABLE: 2}
COLOUR_ZH = {"green": "绿色", "yellow": "黄色", "red": "红色"}
_TRAILING = re.compile(r"[\r\n]+\Z")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with one reason, and what to compare with a document where the signature is genuine."""

    verdict: str
    code: str
    zh: str
    en: str
    initials: str = ""
    birthday: str = ""  # MM-DD, a withheld part is --
    colour: str = ""
    issuer: str = ""
    issuer_zh: str = ""
    issuer_en: str = ""
    province: str = ""
    form: str = ""
    rule_pack: str = ""
    not_before: str = ""
    expires: str = ""
    rule: str = ""  # id and version of the acceptance rule that was not met

    @property
    def exit_code(self) -> int:
        return EXIT[self.verdict]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`; `name` is what to compare with a document, in both profiles."""
        return {"valid": self.verdict == VALID, "name": self.initials, **asdict(self)}


class Verifier:
    """Checks against one opened trust file, for one place (a province's rules; the home province by default)."""

    def __init__(self, trust: Trust, place: str | None = None) -> None:
        self.trust = trust
        self.place = place or trust.home
        known = {signer.province for signers in trust.signers.values() for signer in signers} | {trust.home}
        if self.place not in known:
            raise Refused(
                "place",
                "信任文件里没有这个省份",
                "the trust file does not have this province",
                self.place[:40],
            )

    def check(self, text: str, at: int, skew: int = 0) -> Verdict:
        """Judge a text at an instant. `skew`: seconds this clock may be behind the issuer's (never for expiry).

        Raises :class:`Refused` where the lists are not of this time and the answer would hang on them: what is
        forged, expired or not begun is so by its own signed words, whatever the lists.
        """
        try:
            message = cose.parse_own(container.unwrap(_TRAILING.sub("", text)))
            claims = claims_.decode(message.payload)
        except Unreadable as problem:
            return Verdict(UNREADABLE, problem.code, problem.zh, problem.en)
        signer = self._signer(message, claims, at)
        if isinstance(signer, Verdict):
            return signer
        code, zh, en, rule = self._judge(claims, signer, at, skew)
        return Verdict(
            verdict=INVALID if code != "accepted" else VALID,
            code=code,
            zh=zh,
            en=en,
            initials=claims.initials,
            birthday=claims.birthday(),
            colour=claims.colour.value,
            issuer=claims.issuer,
            issuer_zh=signer.zh,
            issuer_en=signer.en,
            province=signer.province,
            form=claims.form.value,
            rule_pack=claims.rule_pack,
            not_before=show_instant(claims.not_before),
            expires=show_instant(claims.expires),
            rule=rule,
        )

    def _signer(self, message: cose.Signed, claims: Claims, at: int) -> Signer | Verdict:
        """Who signed it, tried with every key of that id; nothing that is not signed is shown."""
        headers = message.headers
        if set(headers) != {cose.ALGORITHM, cose.KID} or headers[cose.ALGORITHM] != cose.ES256:
            return Verdict(UNREADABLE, "algorithm", "签名算法不是 ES256", "not signed with ES256")
        kid = headers[cose.KID]
        known = self.trust.signers.get(kid, ()) if isinstance(kid, bytes) else ()
        if not known:
            self.trust.require_current(at)
            return Verdict(
                INVALID,
                "unknown_signer",
                "签发密钥不在信任清单里",
                "the signing key is not on the trust list",
            )
        signed = message.signed_bytes()
        genuine = [signer for signer in known if signer.key.holds(message.signature, signed)]
        if not genuine:
            return Verdict(
                INVALID,
                "signature",
                "签名不符：内容被改动或伪造",
                "the signature is wrong: altered or forged",
            )
        for signer in genuine:
            if signer.issuer == claims.issuer and "credential" in signer.uses:
                return signer
        return Verdict(
            INVALID,
            "not_entitled",
            "该密钥无权以此机构名义签发",
            "this key may not sign in the name of this issuer",
        )

    def _judge(self, claims: Claims, signer: Signer, at: int, skew: int) -> tuple[str, str, str, str]:
        if at >= claims.expires:
            end = show_instant(claims.expires)
            return "expired", f"已于 {end} 失效", f"expired at {end}", ""
        if at + skew < claims.not_before:
            begin = show_instant(claims.not_before)
            return (
                "not_yet_valid",
                f"{begin} 起才有效；请核对时钟",
                f"valid only from {begin}; is the clock right?",
                "",
            )
        self.trust.require_current(at)
        if not signer.start <= at < signer.end:
            return "signer_expired", "签发密钥不在有效期内", "the signing key is outside its validity", ""
        if any(claims.rid in revoked for revoked in self.trust.revoked.get(signer.province, ())):
            return "revoked", "已被签发机构吊销", "revoked by its issuer", ""
        rules = [rule for rule in self.trust.rules.get(self.place, ()) if rule.start <= at < rule.end]
        if rules:
            data = data_of(claims, at)
            for rule in rules:
                if not rule.accepts(data):
                    return "rule", rule.zh, rule.en, f"{rule.id} {rule.version}"
        zh = f"真实有效，{COLOUR_ZH[claims.colour.value]}"
        en = f"genuine and in force, {claims.colour.value}"
        if not rules:
            zh, en = f"{zh}；此地没有接受规则", f"{en}; this place has no acceptance rules"
        return "accepted", zh, en, ""
