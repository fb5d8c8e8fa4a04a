"""Keys: made once, private on disk, and destroyed for good, whatever is put back beside the tombstone."""

from __future__ import annotations

import pytest

from wangge.kernel.keystore import KeyDestroyed, KeyStore
from wangge.kernel.problems import Refused
from wangge.kernel.sealing import Sealer


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path) -> None:
    store = KeyStore(tmp_path / "keys")
    key = store.key("registry")
    assert KeyStore(tmp_path / "keys").key("registry") == key
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys" / "registry.key").stat().st_mode & 0o077 == 0


def test_a_destroyed_key_stays_destroyed_though_its_file_comes_back(tmp_path) -> None:
    store = KeyStore(tmp_path)
    path = tmp_path / "flood.key"
    store.key("flood")
    kept = path.read_bytes()
    assert store.destroy("flood") is True
    path.write_bytes(kept)  # a restored folder, or a crash between the tombstone and the file
    for asked in (store, KeyStore(tmp_path)):
        with pytest.raises(KeyDestroyed):
            asked.key("flood")
    assert store.destroy("flood") is True and not path.exists()


def test_a_key_made_while_it_is_destroyed_elsewhere_does_not_live(tmp_path, monkeypatch) -> None:
    store, elsewhere = KeyStore(tmp_path), KeyStore(tmp_path)
    make = store._make

    def late(scope, path):
        elsewhere.destroy(scope)
        return make(scope, path)

    monkeypatch.setattr(store, "_make", late)
    with pytest.raises(KeyDestroyed):
        store.key("flood")
    assert not (tmp_path / "flood.key").exists()


def test_what_one_key_sealed_another_does_not_open_and_no_nonce_comes_twice() -> None:
    one, other = Sealer(bytes(32)), Sealer(bytes([1]) * 32)
    sealed = [one.seal("李某") for _ in range(1_000)]
    assert len({s[1:13] for s in sealed}) == len(sealed)
    with pytest.raises(Refused, match="seal_broken"):
        other.unseal(sealed[0])
    assert one.blind("id_no", "x") != one.blind("phone", "x") != one.token("x")
