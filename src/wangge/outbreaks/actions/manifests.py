"""A transport operator's manifest: contacts stay, everybody else is dropped unread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.emergencies.types import Standing
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.listed import facts_of, id_of, reference_of
from wangge.kernel.problems import BadInput
from wangge.kernel.sealing import Sealer
from wangge.kernel.written import plain
from wangge.outbreaks.actions.chains import already_nearer, met_carrier
from wangge.outbreaks.actions.exposures import ContactIn, Met, record_exposures
from wangge.outbreaks.actions.recognising import Ill, patients_among
from wangge.outbreaks.analysis import ContactPack, Meeting, Source, Stay, contact_pack, meetings
from wangge.outbreaks.carriers import Carrier, carriers
from wangge.outbreaks.models import Manifest, Patient
from wangge.outbreaks.rules.chains import chain_rule
from wangge.outbreaks.rules.journeys import (
    DEFAULT_RULE,
    WIDER,
    Ride,
    ride_of,
    ride_words,
    widened_by,
)
from wangge.outbreaks.states import ContactClass, ExposureKind
from wangge.outbreaks.types import ManifestResult, PassengerRow, RefusedRow
from wangge.outbreaks.when import day_begins, day_ends


@door(writes="exposure", act="import")
def import_manifest(
    access: Access,
    *,
    rows: Sequence[PassengerRow],
    rule: str = DEFAULT_RULE,
    batch: UUID | None = None,
    persons: Mapping[str, UUID] | None = None,
) -> ManifestResult:
    """Find who of a manifest met a patient, by the rule pack `rule`; store these and nobody else.

    Then who sat near a known close contact on a day when that contact could have passed it on: a contact of a contact.
    `persons` says who passengers are in the registry, by identity number; it serves only to recognise such contacts.

    Patients are found among the passengers by identity number, or by name and phone where the manifest has no number.
    A passenger who met nobody is never stored, only counted. Rows that cannot be read are returned with the reason.
    The same manifest again adds nothing. The line list comes first: a manifest read before its patients are known finds
    nobody and says so (`patients_aboard`), and has to be handed in again.
    """
    emergency = standing(access, all_of=(DataSet.MANIFEST,))
    pack = contact_pack(rule)
    today = timezone.localdate()
    readable: dict[int, tuple[PassengerRow, Ride]] = {}
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows, start=1):
        try:
            readable[number] = row, ride_of(row, number, today)
        except BadInput as problem:
            refused.append(RefusedRow(number, problem))
    aboard = patients_among(emergency, {n: row for n, (row, _) in readable.items()}, pack)
    sheet = _Sheet(readable, aboard)
    place = emergency.unlocated
    found: dict[str, ContactIn] = {}
    for met, judged in sheet.met_patients(pack):
        number = sheet.row_of[met.key, met.place]
        row, ride = readable[number]
        contact = found.setdefault(met.key, ContactIn(_reference(row, ride), place, facts_of(row)))
        contact.met.append(_ridden(met, sheet, judged, as_chosen=judged.code == pack.code))
    record_exposures(emergency, found.values())
    chain = _chain(emergency, sheet, pack, persons or {})
    record_exposures(emergency, chain.contacts.values())
    kept = {number for (key, _), number in sheet.row_of.items() if key in found} | chain.aboard | chain.rows
    dropped = len(readable.keys() - aboard.keys() - kept)
    nearest = Counter(max((m.contact_class for m in c.met), key=lambda c: c.rank) for c in found.values())
    counts = {"passengers": len(rows), "non_contacts_dropped": dropped, "contacts": len(found)}
    digest = vault(emergency.id).blind("manifest", repr((pack.code, pack.version, [*rows])))
    manifest, _ = Manifest.objects.update_or_create(
        emergency_id=emergency.id,
        digest=digest,
        defaults={"counts": counts},
        create_defaults={
            "counts": counts,
            "batch": batch,
            "rule": pack.code,
            "rule_version": pack.version,
            "imported_at": timezone.now(),
            "imported_by": access.actor,
        },
    )
    return ManifestResult(
        manifest_id=manifest.id,
        rule=pack.code,
        rule_version=pack.version,
        passengers=len(rows),
        patients_aboard=len(aboard),
        patients_outside_window=sum(
            readable[number][1].travelled_on not in one.infectious for number, one in aboard.items()
        ),
        close_contacts=nearest[ContactClass.CLOSE_CONTACT],
        general_contacts=nearest[ContactClass.GENERAL_CONTACT],
        widened=sum(any(m.widened for m in c.met) for c in found.values()),
        non_contacts_dropped=dropped,
        refused=tuple(refused),
        contacts_aboard=len(chain.aboard),
        contacts_of_contacts=len(chain.contacts),
    )


class _Sheet:
    """The rows that can be read, each as a stay of a traveller; a traveller of several rows has one key."""

    def __init__(self, readable: Mapping[int, tuple[PassengerRow, Ride]], aboard: Mapping[int, Ill]) -> None:
        self.readable, self.aboard = readable, aboard
        self.row_of: dict[tuple[str, str], int] = {}
        self.key_of: dict[int, str] = {}
        self.stays: list[Stay] = []
        numbered: dict[str, str] = {}
        for number, (row, ride) in readable.items():
            ill = aboard.get(number)
            reference = f"patient:{ill.patient.id}" if ill else _reference(row, ride)
            key = numbered.setdefault(reference, f"{'p' if ill else 't'}{len(numbered)}")
            self.key_of[number] = key
            self.row_of.setdefault((key, ride.place), number)
            self.stays.append(
                Stay(
                    key=key,
                    place=ride.place,
                    kind=ride.kind,
                    start=day_begins(ride.travelled_on),
                    end=day_ends(ride.travelled_on),
                    carriage=ride.carriage,
                    row=ride.row,
                    seat=ride.crew,
                )
            )

    def patient(self, key: str, place: str) -> tuple[Patient, Ride]:
        """The patient whose key it is, and their ride."""
        number = self.row_of[key, place]
        return self.aboard[number].patient, self.readable[number][1]

    def met_patients(self, pack: ContactPack) -> list[tuple[Meeting, ContactPack]]:
        """Passengers who met a patient, and the pack that says so. A patient is nobody's contact here."""
        ill = {self.key_of[number]: one.infectious for number, one in self.aboard.items()}
        sources = [
            Source(
                key,
                day_begins(days.since) if days.since else None,
                day_ends(days.until) if days.until else None,
            )
            for key, days in ill.items()
        ]
        told = [(met, pack) for met in meetings(self.stays, sources, pack) if met.key not in ill]
        wider, unseated = WIDER.get(pack.code), self._unseated()
        if wider and unseated:
            loose = contact_pack(wider)
            again = [
                (met, loose)
                for met in meetings(
                    [s for s in self.stays if any(s.place == place for _, place in unseated)],
                    [s for s in sources if any(s.key == key for key, _ in unseated)],
                    loose,
                )
                if met.key not in ill and (met.source, met.place) in unseated
            ]
            told = [one for one in told if (one[0].source, one[0].place) not in unseated] + again
        return told

    def _unseated(self) -> set[tuple[str, str]]:
        """Patients on a train whose carriage is known and whose row is not."""
        rides = ((self.key_of[number], self.readable[number][1]) for number in self.aboard)
        return {(key, ride.place) for key, ride in rides if ride.unseated}


def _ridden(met: Meeting, sheet: _Sheet, judged: ContactPack, *, as_chosen: bool) -> Met:
    row, ride = sheet.readable[sheet.row_of[met.key, met.place]]
    patient, theirs = sheet.patient(met.source, met.place)
    widened = widened_by(ride, theirs) if met.unknown or not as_chosen else ""
    zh, en = ride_words(met.kind, (met.zh, met.en), met.rows, widened)
    return Met(
        patient_id=patient.id,
        kind=ExposureKind(met.kind),
        contact_class=met.contact_class,
        rule=met.rule,
        rule_version=judged.version,
        widened=widened,
        exposed_on=ride.travelled_on,
        occasion=ride.place,
        reason_zh=zh,
        reason_en=en,
        # a manifest states no times: how long they rode together is not known
        details={
            "train": ride.number,
            "carriage": ride.carriage,
            "seat": plain(row.seat),
            "rows": met.rows,
        },
    )


@dataclass(slots=True)
class _Chain:
    """Close contacts aboard who could have passed it on (rows), and who sat near them."""

    aboard: set[int] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    contacts: dict[str, ContactIn] = field(default_factory=dict)


def _chain(emergency: Standing, sheet: _Sheet, pack: ContactPack, persons: Mapping[str, UUID]) -> _Chain:
    """Who sat near a close contact. A seat that is not known makes nobody a contact of a contact."""
    key, chained = vault(emergency.id), chain_rule()
    tokens = {
        number: _tokens(key, row, ride, persons)
        for number, (row, ride) in sheet.readable.items()
        if number not in sheet.aboard
    }
    known = {
        bytes(c.contact.subject_token): c
        for c in carriers(emergency, chained, {token for each in tokens.values() for token in each})
    }
    result, carrier_of = _Chain(), dict[str, Carrier]()
    for number, own in tokens.items():
        carrier = next((known[token] for token in own if token in known), None)
        if carrier is not None and sheet.readable[number][1].travelled_on in carrier.period:
            result.aboard.add(number)
            carrier_of[sheet.key_of[number]] = carrier
    sources = [
        Source(who, day_begins(c.period.since), day_ends(c.period.until)) for who, c in carrier_of.items()
    ]
    nearer, place = already_nearer(emergency) if sources else frozenset(), emergency.unlocated
    for met in meetings(sheet.stays, sources, pack):
        number = sheet.row_of[met.key, met.place]
        if number in sheet.aboard or nearer.intersection(tokens[number]):
            continue
        if met.unknown or met.contact_class is not ContactClass.CLOSE_CONTACT:
            continue
        row, ride = sheet.readable[number]
        result.rows.add(number)
        contact = result.contacts.setdefault(met.key, ContactIn(_reference(row, ride), place, facts_of(row)))
        seat = {"ride": ride.place, "carriage": ride.carriage, "rows": met.rows, "pack": met.rule}
        kind = ExposureKind(met.kind)
        contact.met.append(
            met_carrier(carrier_of[met.source], kind, chained, chained.ride, ride.travelled_on, **seat)
        )
    return result


def _tokens(key: Sealer, row: PassengerRow, ride: Ride, persons: Mapping[str, UUID]) -> tuple[bytes, ...]:
    """What this passenger would be known by: the number, and the person of the registry who has it."""
    own = key.token(_reference(row, ride))
    who = persons.get(id_of(row))
    return (own,) if who is None else (own, key.token(f"person:{who}"))


def _reference(row: PassengerRow, ride: Ride) -> str:
    return reference_of(row, f"{ride.place}|{plain(row.seat)}")
