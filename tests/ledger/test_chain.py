"""Any edited, removed or inserted row of the ledger is found, in the database and in an exported file."""

from __future__ import annotations

import os
import random

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction

from tests.conftest import _clone, _drop, _point_at
from wangge.access import queries as access_queries
from wangge.ledger import queries
from wangge.ledger.actions import seal_all
from wangge.ledger.models import Checkpoint, Entry, Pending, Seal
from wangge.ledger.states import Fault


@pytest.fixture(scope="module")
def database(wall_template, django_db_setup):
    """One database for all tests here, in which commits are real; gives its name."""
    name = f"wangge_chain_{os.getpid()}"
    _clone(wall_template, name)
    yield name
    _drop(name)


@pytest.fixture
def emptied(database, django_db_blocker):
    """That database with an empty ledger whose triggers stand again, whatever was done to the one before."""
    before = connections["default"].settings_dict["NAME"]
    tables = ", ".join(model._meta.db_table for model in (Entry, Pending, Seal, Checkpoint))
    with django_db_blocker.unblock():
        _point_at(database)
        with connections["owner"].cursor() as cursor:
            for model in (Entry, Pending, Seal, Checkpoint):
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
            cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY")
            for model in (Entry, Pending, Seal, Checkpoint):
                cursor.execute(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")
        yield
        for alias in ("default", "owner"):
            connections[alias].close()
        _point_at(before)


@pytest.fixture
def lived_in(emptied, access_for, system_access, tmp_path, settings):
    """A ledger of thirty sealed entries; gives the auditor's access."""
    settings.WANGGE_WITNESS = tmp_path / "witness.jsonl"
    access = access_for("auditor", "audit")
    for _ in range(30):
        access_queries.organisations(access)
    seal_all(system_access())
    return access


def as_owner(statement: str) -> None:
    """What someone who owns the tables could do: triggers off, then the change. The database is thrown away."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for model in (Entry, Pending, Seal, Checkpoint):
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
        cursor.execute(statement)


def faults() -> set[Fault]:
    return {f.fault for f in queries.check_chain().findings}


def test_an_untouched_ledger_is_whole(lived_in) -> None:
    report = queries.verify(lived_in)
    assert report.verified and report.sealed == 30


def test_verifying_is_itself_recorded(lived_in) -> None:
    queries.verify(lived_in)
    assert Entry.objects.filter(door="ledger.verify").count() == 1


def test_the_runtime_role_can_change_and_remove_nothing(lived_in) -> None:
    for statement in (
        "UPDATE ledger_entry SET actor = 'x'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "DELETE FROM ledger_seal",
        "UPDATE ledger_checkpoint SET no = 0",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE ledger_entry SET actor = 'someone' WHERE seq = (SELECT min(seq) + 7 FROM ledger_entry)", Fault.EDITED),
        ("UPDATE ledger_entry SET at = at + interval '1 microsecond' WHERE seq = (SELECT max(seq) FROM ledger_entry)",
         Fault.CHAIN_BROKEN),
        ("DELETE FROM ledger_entry WHERE seq = (SELECT min(seq) + 3 FROM ledger_entry)", Fault.REMOVED),
        ("DELETE FROM ledger_seal WHERE no = 5", Fault.REMOVED),
        ("DELETE FROM ledger_seal WHERE no > 20", Fault.TRUNCATED),
        ("DELETE FROM ledger_checkpoint; DELETE FROM ledger_entry; DELETE FROM ledger_seal", Fault.TRUNCATED),
        ("INSERT INTO ledger_entry (id, at, kind, door, actor, role, purpose, scope_lo, scope_hi, subjects, details, mac)"
         " SELECT gen_random_uuid(), at, kind, door, actor, role, purpose, scope_lo, scope_hi, subjects, details, mac"
         " FROM ledger_entry LIMIT 1", Fault.FORGED),
        ("UPDATE ledger_checkpoint SET hash = decode(repeat('00', 32), 'hex')", Fault.CHECKPOINT_BAD),
    ],
)  # fmt: skip
def test_every_kind_of_tampering_is_found(lived_in, statement: str, fault: Fault) -> None:
    as_owner(statement)
    assert fault in faults()


def test_entries_wait_unsealed_and_are_counted(lived_in, system_access) -> None:
    access_queries.organisations(lived_in)
    report = queries.check_chain()
    assert report.verified and report.unsealed == 1
    seal_all(system_access())
    assert queries.check_chain().unsealed == 0


def test_hiding_a_waiting_entry_from_the_sealer_is_found(lived_in) -> None:
    access_queries.organisations(lived_in)
    as_owner("DELETE FROM ledger_pending")
    assert Fault.FORGED in faults()


def test_an_exported_file_fails_on_any_changed_byte(lived_in, tmp_path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert queries.export(lived_in, path=path) == 30
    assert queries.check_file(path).verified
    whole = path.read_bytes()
    generator = random.Random(7)
    places = [0, len(whole) - 1, *generator.sample(range(len(whole)), 200)]
    for place in places:
        altered = bytearray(whole)
        altered[place] ^= 1 << generator.randrange(8)
        path.write_bytes(bytes(altered))
        assert not queries.check_file(path).verified, place
    for altered in (whole[:-1], whole + b"\n", b"".join(whole.splitlines(keepends=True)[:-1])):
        path.write_bytes(altered)
        assert not queries.check_file(path).verified


def test_a_file_signed_by_another_key_is_not_ours(lived_in, tmp_path) -> None:
    path = tmp_path / "ledger.jsonl"
    queries.export(lived_in, path=path)
    assert not queries.check_file(path, trusted_key=bytes(32)).verified


def test_the_witness_stands_outside_the_database(lived_in) -> None:
    assert settings.WANGGE_WITNESS.read_bytes().count(b"\n") == 1


def _busy(monkeypatch, access, sealer) -> None:
    """While the chain is walked, others pass doors and the sealer goes on, as in a house at work."""
    walk = queries._sealed

    def walk_in_a_busy_house():
        yield from walk()
        access_queries.organisations(access)
        seal_all(sealer)
        access_queries.organisations(access)

    monkeypatch.setattr(queries, "_sealed", walk_in_a_busy_house)


def test_a_busy_house_is_not_taken_for_a_tampered_one(lived_in, system_access, monkeypatch) -> None:
    _busy(monkeypatch, lived_in, system_access())
    report = queries.check_chain()
    assert report.findings == ()
    assert (report.sealed, report.unsealed) == (30, 1)


def test_an_export_from_a_busy_house_stands(lived_in, system_access, monkeypatch, tmp_path) -> None:
    _busy(monkeypatch, lived_in, system_access())
    path = tmp_path / "ledger.jsonl"
    assert queries.export(lived_in, path=path) == 30
    report = queries.check_file(path)
    assert report.verified and report.checkpoints == 1


def test_removing_a_waiting_entry_is_found_also_after_the_next_seal(lived_in, system_access) -> None:
    access_queries.organisations(lived_in)
    as_owner("DELETE FROM ledger_entry WHERE seq = (SELECT max(seq) FROM ledger_entry)")
    assert Fault.REMOVED in faults()
    access_queries.organisations(lived_in)
    assert seal_all(system_access()) == 1, "what is left is sealed"
    assert faults() == {Fault.REMOVED}


def test_heads_that_the_witness_does_not_know_are_counted(lived_in) -> None:
    assert queries.check_chain().unwitnessed == 0
    settings.WANGGE_WITNESS.unlink()
    assert queries.check_chain().unwitnessed == 1
