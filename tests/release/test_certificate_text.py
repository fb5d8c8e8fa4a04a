"""The certificate's bytes: canonical, and any change breaks the signature."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from wangge.release.rules.certificates import signature_holds, statement

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
AT = datetime(2026, 11, 22, tzinfo=UTC)


def said(stores: list[tuple[str, int]]) -> bytes:
    return statement(
        certificate_id=UUID(int=1),
        emergency_id=UUID(int=2),
        name="演练",
        legal_basis="《突发事件应对法》第八十五条",
        declared_at=AT,
        ended_at=AT,
        destroyed_at=AT,
        destroyed_by="account:1",
        key_destroyed=True,
        stores=stores,
    )


def test_it_lists_every_store_and_the_total_whatever_the_order() -> None:
    stores = [("outbreaks.patient", 135), ("tasks.task", 40)]
    assert said(stores) == said(stores[::-1])
    read = json.loads(said(stores))
    assert read["total"] == 175
    assert read["stores"][0] == {"store": "outbreaks.patient", "destroyed": 135}
    assert read["key_destroyed"] is True


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_changed_bit_breaks_the_signature(place: int, bit: int) -> None:
    text = said([("outbreaks.patient", 135)])
    signature = KEY.sign(text)
    assert signature_holds(text, signature, PUBLIC)
    forged = bytearray(text)
    forged[place % len(text)] ^= 1 << bit
    assert not signature_holds(bytes(forged), signature, PUBLIC)


def test_a_broken_key_or_signature_is_not_a_crash() -> None:
    assert not signature_holds(b"x", b"", PUBLIC)
    assert not signature_holds(b"x", b"0" * 64, b"short")
