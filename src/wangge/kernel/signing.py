"""Ed25519 signatures (RFC 8032): the ledger's checkpoints and the house's certificates."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def sign(key: bytes, text: bytes) -> bytes:
    """Ed25519 signature, 64 bytes; `key` is the 32-byte seed."""
    return Ed25519PrivateKey.from_private_bytes(key).sign(text)


def public_key(key: bytes) -> bytes:
    """The key that the signatures of `key` are checked with, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def signed_by(public: bytes, signature: bytes, text: bytes) -> bool:
    """Whether `signature` is that of `text` under the public key; False for anything malformed."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True
