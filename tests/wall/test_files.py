"""The sealed store: what goes in comes out, and whatever is changed, swapped or cut off is found out."""

import io
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge.access import files as room
from wangge.access.files import SealedFiles
from wangge.access.vault import destroy_key
from wangge.kernel.ids import new_id
from wangge.kernel.keystore import KeyDestroyed
from wangge.kernel.problems import BadInput, Refused

SMALL = 64


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "CHUNK", SMALL)
    return SealedFiles(tmp_path)


SIZES = st.integers(0, 5 * SMALL + 3)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SIZES, st.integers(1, 100), st.data())
def test_what_goes_in_comes_out_in_any_pieces_and_from_any_place(files, size, piece, data):
    content = os.urandom(size)
    stored = files.write("sources", (content[n : n + piece] for n in range(0, size, piece)))
    assert (stored.size, files.read(stored.name)) == (size, content)
    assert content[:16] not in files.path(stored.name).read_bytes() or size < 4
    with files.open(stored.name) as reader:
        for _ in range(5):
            at, length = data.draw(st.integers(0, size + 5)), data.draw(st.integers(0, 200))
            reader.seek(at)
            assert reader.read(length) == content[at : at + length]
        assert reader.seek(0, io.SEEK_END) == size


def sealed_chunks(raw: bytes) -> tuple[bytes, list[bytes]]:
    head, rest = raw[: room._HEAD], raw[room._HEAD :]
    full = SMALL + room._OVERHEAD
    return head, [rest[n : n + full] for n in range(0, len(rest), full)]


@pytest.mark.parametrize("change", ["cut", "swap", "drop", "bit", "other", "head"])
def test_a_changed_file_is_found_out(files, change):
    name = files.write("sources", [os.urandom(4 * SMALL)]).name
    other = files.write("sources", [os.urandom(4 * SMALL)]).name
    path = files.path(name)
    head, chunks = sealed_chunks(path.read_bytes())
    if change == "cut":
        chunks = chunks[:-1]
    elif change == "swap":
        chunks[0], chunks[1] = chunks[1], chunks[0]
    elif change == "drop":
        del chunks[1]
    elif change == "bit":
        chunks[2] = chunks[2][:30] + bytes([chunks[2][30] ^ 1]) + chunks[2][31:]
    elif change == "other":
        chunks[1] = sealed_chunks(files.path(other).read_bytes())[1][1]
    else:
        head = b"WGF2" + head[4:]
    path.write_bytes(head + b"".join(chunks))
    with pytest.raises(Refused) as caught:
        files.read(name)
    assert caught.value.code == "seal_broken"


def test_nothing_is_left_of_a_file_that_is_too_large(files):
    limit = BadInput(code="too_large", zh="过大", en="too large")
    with pytest.raises(BadInput):
        files.write("sources", [b"x" * 100] * 10, limit=limit, limit_bytes=500)
    assert [path for path in files.folder.rglob("*") if path.is_file()] == []


def test_a_reader_that_fails_leaves_nothing(files):
    def pieces():
        yield b"x" * 200
        raise RuntimeError("the network went away")

    with pytest.raises(RuntimeError):
        files.write("sources", pieces())
    assert [path for path in files.folder.rglob("*") if path.is_file()] == []


def test_an_emergencys_files_are_unreadable_once_its_key_is_gone(files):
    emergency = new_id()
    name = files.write(str(emergency), [b"x" * 300]).name
    assert name.startswith(str(emergency))
    assert files.read(name) == b"x" * 300
    destroy_key(emergency)
    with pytest.raises(KeyDestroyed):
        files.read(name)
    with pytest.raises(KeyDestroyed):
        files.write(str(emergency), [b"more"])
    assert files.remove_scope(str(emergency)) == 1
    assert files.count_scope(str(emergency)) == 0


def test_files_are_readable_by_their_owner_only(files):
    path = files.path(files.write("sources", [b"x"]).name)
    assert path.parent.stat().st_mode & 0o077 == 0
