"""Keys: ECDSA on P-256 with SHA-256 (ES256), their names, their files.

A private key is written once, mode 0600, never over another, and never shown. A key's id (kid) is the first eight
bytes of SHA-256 over its public key as SubjectPublicKeyInfo.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from wangge_credential.problems import Refused

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HALF: Final = ORDER // 2
SEED_BYTES: Final = 48  # 128 bits more than the order has, so that no key is likelier than another
ES256: Final = ec.ECDSA(hashes.SHA256())
HEAD: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
PUBLIC_FORMAT = "wangge-key/1"
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key, ready for use; made once and kept, because making it costs as much as a signature."""

    point: bytes  # 65 bytes, uncompressed
    kid: bytes = field(init=False)
    _key: ec.EllipticCurvePublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.point)
        except ValueError as error:
            raise Refused(
                "public_key", "公钥不是 P-256 的点", "the public key is no point of P-256"
            ) from error
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "kid", hashlib.sha256(HEAD + self.point).digest()[:8])

    def holds(self, signature: bytes, data: bytes) -> bool:
        """Whether this key signed `data`. Of the two forms of an ECDSA signature only the lower is taken."""
        if len(signature) != 64:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if not (0 < r < ORDER and 0 < s <= HALF):
            return False
        try:
            self._key.verify(encode_dss_signature(r, s), data, ES256)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A private key. Its text form never shows the secret."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        point = key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.public = VerifyingKey(point)

    @property
    def kid(self) -> bytes:
        return self.public.kid

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid.hex()})"

    def __reduce__(self) -> Any:
        raise TypeError("a private key is not copied")

    def sign(self, data: bytes) -> bytes:
        """64 bytes, r and s, s in its lower form."""
        r, s = decode_dss_signature(self._key.sign(data, ES256))
        return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")

    def pem(self) -> bytes:
        """PKCS #8, for the key's own file and nothing else."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def generate() -> SigningKey:
    return SigningKey(ec.generate_private_key(ec.SECP256R1()))


def from_seed(seed: bytes) -> SigningKey:
    """The key that a secret of `SEED_BYTES` stands for, always the same (FIPS 186-5, A.2.1: extra random bits)."""
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a seed has {SEED_BYTES} bytes")
    return SigningKey(ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, ec.SECP256R1()))


def write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a file that must not exist; on failure nothing stays."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Refused(
            "exists", "文件已存在，不覆盖", "the file exists and is not overwritten", str(path)
        ) from error
    except OSError as error:
        raise Refused("not_writable", "不能写文件", "the file cannot be written", str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask says
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def read_private(path: Path) -> SigningKey:
    """A key from its file; refuses a file that others may read, and a key of another kind."""
    try:
        if path.stat().st_mode & 0o077:
            raise Refused(
                "key_readable",
                "私钥文件他人可读：chmod 600",
                "others may read the private key: chmod 600",
                str(path),
            )
        data = path.read_bytes()[:10_000]
        key = serialization.load_pem_private_key(data, None)
    except OSError as error:
        raise Refused("no_key", "读不到私钥文件", "the private key file cannot be read", str(path)) from error
    except (ValueError, TypeError) as error:
        raise Refused("not_a_key", "不是可用的私钥", "not a usable private key", str(path)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Refused("key_kind", "不是 P-256 私钥", "not a private key on P-256", str(path))
    return SigningKey(key)


@dataclass(frozen=True)
class PublicFile:
    """What a key's public file says: whose it is, and the key."""

    issuer: str
    key: VerifyingKey
    name_zh: str = ""
    name_en: str = ""

    def text(self) -> str:
        body = {
            "format": PUBLIC_FORMAT,
            "issuer": self.issuer,
            "name": {"zh": self.name_zh, "en": self.name_en},
            "alg": "ES256",
            "kid": self.key.kid.hex(),
            "point": self.key.point.hex(),
        }
        return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def read_public(path: Path) -> PublicFile:
    """A public file; the kid it names must be its key's."""
    try:
        with path.open("rb") as file:
            body = json.loads(file.read(10_000))
        if body["format"] != PUBLIC_FORMAT:
            raise ValueError(body["format"])
        key = VerifyingKey(bytes.fromhex(body["point"]))
        name = body.get("name", {})
        found = PublicFile(str(body["issuer"]), key, str(name.get("zh", "")), str(name.get("en", "")))
        if key.kid.hex() != body["kid"]:
            raise ValueError("kid")
    except OSError as error:
        raise Refused("no_key", "读不到公钥文件", "the public key file cannot be read", str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("not_a_key", "不是公钥文件", "not a public key file", str(path)) from error
    return found
