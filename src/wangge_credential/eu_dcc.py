"""The EU Digital COVID Certificate, as a second profile of the same container: steps with a result each.

Differences to our own: any zlib form, ES256 or PS256, the signer is an X.509 certificate, its extended key usage may
bind it to tests, vaccinations or recoveries, the claims are checked against the shape of the published schema.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from wangge_credential import base45, container, cose, eu_schema
from wangge_credential.instants import read_instant, show_instant
from wangge_credential.problems import Problem, Refused, Unreadable

HCERT, DCC = -260, 1
ISSUED, EXPIRES = 6, 4
# extended key usage: the numbers of the gateway, and those of an earlier draft that the field's certificates carry
USAGE = {
    f"1.3.6.1.4.1.{arc}.2021.1.{number}": kind
    for arc in ("1847", "0.1847")
    for number, kind in ((1, "t"), (2, "v"), (3, "r"))
}
# step of ours -> name in the published vectors
NAMES = {
    "prefix": "EXPECTEDUNPREFIX",
    "base45": "EXPECTEDB45DECODE",
    "compression": "EXPECTEDCOMPRESSION",
    "decode": "EXPECTEDDECODE",
    "signature": "EXPECTEDVERIFY",
    "schema": "EXPECTEDSCHEMAVALIDATION",
    "time": "EXPECTEDEXPIRATIONCHECK",
    "usage": "EXPECTEDKEYUSAGE",
}


@dataclass
class Report:
    """What each step found, in order, until one could not go on; `payload` is the certificate's JSON."""

    steps: dict[str, bool] = field(default_factory=dict)
    problem: Problem | None = None
    payload: Any = None
    issued: int = 0
    expires: int = 0

    def fail(self, step: str, problem: Problem) -> None:
        self.steps[step] = False
        self.problem = self.problem or problem

    @property
    def verdict(self) -> str:
        if isinstance(self.problem, Unreadable):
            return "unreadable"
        return "invalid" if self.problem else "valid"


@lru_cache(maxsize=512)
def certificate(der: bytes) -> tuple[bytes, Any, frozenset[str]]:
    """(kid, public key, kinds its key usage binds it to; none where it is free) of a signer's certificate."""
    try:
        found = x509.load_der_x509_certificate(der)
        key = found.public_key()
    except ValueError as error:
        raise Refused("certificate", "签名证书读不出来", "the signer's certificate cannot be read") from error
    try:
        usages = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return hashlib.sha256(der).digest()[:8], key, frozenset()
    kinds = frozenset(USAGE[usage.dotted_string] for usage in usages if usage.dotted_string in USAGE)
    return hashlib.sha256(der).digest()[:8], key, kinds


def _holds(key: Any, algorithm: Any, signature: bytes, data: bytes) -> bool:
    try:
        if algorithm == cose.ES256 and isinstance(key, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
            return True
        if algorithm == cose.PS256 and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
            return True
    except (InvalidSignature, ValueError):
        return False
    return False


def check(text: str, certificates: Iterable[bytes], at: int) -> Report:
    """Go through the steps for a text with the signers' certificates (DER) at an instant."""
    report = Report()
    step = "prefix"
    try:
        if not text.startswith(container.PREFIX) or len(text) > container.EU_TEXT:
            container.unwrap_any(text)  # says which
        report.steps[step] = True
        step = "base45"
        packed = base45.decode(text[len(container.PREFIX) :])
        report.steps[step] = True
        step = "compression"
        plain = container.inflate(packed, container.EU_BYTES)
        report.steps[step] = True
        step = "decode"
        message = cose.parse(plain)
        body = cose.loads(message.payload)
        hcert = body.get(HCERT) if isinstance(body, Mapping) else None
        report.payload = hcert.get(DCC) if isinstance(hcert, Mapping) else None
        if not isinstance(report.payload, Mapping):
            raise Unreadable("claims", "里面不是欧盟证书", "there is no EU certificate inside")
        report.steps[step] = True
    except Unreadable as problem:
        report.fail(step, problem)
        if step == "decode":
            report.steps["signature"] = False
        return report
    _judge(report, message, body, list(certificates), at)
    return report


def _judge(
    report: Report, message: cose.Signed, body: Mapping[Any, Any], known: list[bytes], at: int
) -> None:
    """Everything after decoding; every step is taken, and the first that fails is the reason."""
    usage = _signature(report, message, known)
    if fault := eu_schema.fault(report.payload):
        report.fail(
            "schema",
            Unreadable("schema", "内容不符合欧盟证书格式", "the claims are not of the EU's form", fault),
        )
    else:
        report.steps["schema"] = True
    _time(report, body, at)
    kinds = {kind for kind in "vtr" if report.payload.get(kind)}
    if usage and not kinds <= usage:
        report.fail(
            "usage", Problem("key_usage", "签名证书不得签发此类证书", "its signer may not sign this kind")
        )
    else:
        report.steps["usage"] = True


def _signature(report: Report, message: cose.Signed, known: list[bytes]) -> frozenset[str]:
    """Try every certificate of the kid; the protected kid wins over the unprotected."""
    kid = message.headers.get(cose.KID, message.unprotected.get(cose.KID))
    algorithm = message.headers.get(cose.ALGORITHM, message.unprotected.get(cose.ALGORITHM))
    fitting = [found for found in map(certificate, known) if found[0] == kid]
    signed = message.signed_bytes()
    for _, key, usage in fitting:
        if _holds(key, algorithm, message.signature, signed):
            report.steps["signature"] = True
            return usage
    if fitting:
        report.fail("signature", Problem("signature", "签名不符：内容被改动或伪造", "the signature is wrong"))
    else:
        report.fail(
            "signature", Problem("unknown_signer", "没有这个签名密钥的证书", "no certificate of that key id")
        )
    return frozenset()


def _time(report: Report, body: Mapping[Any, Any], at: int) -> None:
    issued, expires = body.get(ISSUED), body.get(EXPIRES)
    if not isinstance(issued, int) or not isinstance(expires, int):
        report.fail("time", Unreadable("claims", "缺少签发或失效时间", "no issue or expiry time"))
        return
    report.issued, report.expires = issued, expires
    if at < issued:
        report.fail("time", Problem("not_yet_valid", "核验时刻早于签发时间", "the clock is before its issue"))
    elif at >= expires:
        report.fail("time", Problem("expired", "已过期", "expired"))
    else:
        report.steps["time"] = True


def as_dict(report: Report) -> dict[str, Any]:
    """For `--json`: the verdict, one reason, the steps, and the name to compare with a document."""
    problem = report.problem
    name = (
        report.payload.get("nam", {})
        if isinstance(report.payload, Mapping) and report.steps.get("signature")
        else {}
    )
    named = isinstance(name, Mapping)
    return {
        "valid": report.verdict == "valid",
        "verdict": report.verdict,
        "code": problem.code if problem else "accepted",
        "zh": problem.zh if problem else "签名真实，在有效期内",
        "en": problem.en if problem else "genuine and in force",
        "name": " ".join(str(name.get(part) or name.get(part + "t") or "") for part in ("fn", "gn")).strip()
        if named
        else "",
        "birthday": str(report.payload.get("dob", "")) if name else "",
        "issued": show_instant(report.issued) if report.issued else "",
        "expires": show_instant(report.expires) if report.expires else "",
        "steps": report.steps,
    }


@dataclass(frozen=True)
class Vector:
    """A published test vector: a text, its signer's certificate, a clock, and what each step is to give."""

    text: str
    certificates: tuple[bytes, ...]
    at: int
    expected: Mapping[str, bool]

    def differences(self, report: Report) -> dict[str, tuple[bool, bool | None]]:
        """Step -> (expected, found) where they differ; a step that was not reached gave None, which is not true."""
        found = {}
        for step, name in NAMES.items():
            wanted = self.expected.get(name)
            if wanted is not None and bool(report.steps.get(step)) != wanted:
                found[step] = (wanted, report.steps.get(step))
        return found


def read_vector(path: Path) -> Vector:
    """A vector's file, as the dcc-testdata repository has them."""
    try:
        with path.open("rb") as file:
            body = json.loads(file.read(5_000_000))
        context = body["TESTCTX"]
        der = context.get("CERTIFICATE")
        return Vector(
            str(body.get("PREFIX", "")),
            (base64.b64decode(der),) if der else (),
            read_instant(str(context["VALIDATIONCLOCK"])[:19] + _offset(str(context["VALIDATIONCLOCK"]))),
            dict(body["EXPECTEDRESULTS"]),
        )
    except OSError as error:
        raise Refused("no_file", "读不到文件", "the file cannot be read", str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            "vector", "不是欧盟测试向量文件", "not a file of an EU test vector", str(path)
        ) from error


def _offset(clock: str) -> str:
    """The offset of an instant with any number of decimals of a second."""
    rest = clock[19:].lstrip(".0123456789")
    return rest or "Z"
