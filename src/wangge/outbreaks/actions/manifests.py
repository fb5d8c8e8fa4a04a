"""A transport operator's manifest: contacts stay, everybody else is dropped unread."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput
from wangge.kernel.sealing import Sealer
from wangge.kernel.seats import carriage_of, seat_of, train_of
from wangge.kernel.written import day_of, plain
from wangge.outbreaks.actions.chains import already_nearer, met_carrier
from wangge.outbreaks.actions.exposures import ContactIn, Met, record_exposures
from wangge.outbreaks.carriers import Carrier, carriers
from wangge.outbreaks.models import Emergency, Manifest, Patient
from wangge.outbreaks.rules.chains import chain_rule
from wangge.outbreaks.rules.manifests import ManifestRule, PatientRide, Ride, manifest_rule, met_by, who_met
from wangge.outbreaks.sealed import day, unseal
from wangge.outbreaks.standing import standing, unlocated
from wangge.outbreaks.states import ContactClass, DataSet, ExposureKind
from wangge.outbreaks.types import ManifestResult, PassengerRow, RefusedRow

DEFAULT_RULE = "train_rows"


@door(writes="exposure", act="import")
def import_manifest(
    access: Access,
    *,
    rows: Sequence[PassengerRow],
    rule: str = DEFAULT_RULE,
    batch: UUID | None = None,
    persons: Mapping[str, UUID] | None = None,
) -> ManifestResult:
    """Find who of a manifest met a patient, by the versioned `rule`; store these and nobody else.

    Then who sat near a known close contact on a day when that contact could have passed it on: a contact of a contact.
    `persons` says who passengers are in the registry, by identity number; it serves only to recognise such contacts.

    Patients are found among the passengers by identity number, or by name and phone where the manifest has no number.
    A passenger who met nobody is never stored, only counted. Rows that cannot be read are returned with the reason.
    The same manifest again adds nothing. The line list comes first: a manifest read before its patients are known finds
    nobody and says so (`patients_aboard`), and has to be handed in again.
    """
    emergency = standing(access, DataSet.MANIFEST)
    chosen = manifest_rule(rule)
    today = timezone.localdate()
    readable: dict[int, tuple[PassengerRow, Ride]] = {}
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows, start=1):
        try:
            readable[number] = row, _ride(row, number, today)
        except BadInput as problem:
            refused.append(RefusedRow(number, problem))
    aboard = _patients_aboard(emergency, readable)
    outcome = who_met([ride for _, ride in readable.values()], [p.ride for p in aboard.values()], chosen)
    by_text = {str(p.patient.id): p.patient for p in aboard.values()}
    place = unlocated(emergency)
    found: dict[int, ContactIn] = {}
    for met in outcome.met:
        row, ride = readable[met.key]
        contact = found.get(met.key)
        if contact is None:
            contact = found[met.key] = ContactIn(
                reference=_reference(row, ride),
                unit_no=place,
                facts={"name": plain(row.name), "id_no": _id(row), "phone": plain(row.phone)},
            )
        where = f"{ride.train}|{ride.travelled_on}"
        contact.met.append(
            Met(
                patient_id=by_text[met.patient].id,
                kind=ExposureKind.TRAIN,
                contact_class=met.contact_class,
                rule=met.rule,
                rule_version=chosen.version,
                widened=met.widened,
                exposed_on=ride.travelled_on,
                occasion=where,
                reason_zh=met.reason_zh,
                reason_en=met.reason_en,
                details={"train": ride.train, "carriage": ride.carriage, "seat": plain(row.seat)},
            )
        )
    record_exposures(emergency, found.values())
    chain = _chain(emergency, readable, aboard.keys(), chosen, persons or {})
    record_exposures(emergency, chain.contacts.values())
    dropped = outcome.non_contacts - len((chain.contacts.keys() | chain.aboard) - found.keys())
    nearest = Counter(max((m.contact_class for m in c.met), key=lambda c: c.rank) for c in found.values())
    counts = {"passengers": len(rows), "non_contacts_dropped": dropped, "contacts": len(found)}
    digest = vault(emergency.id).blind("manifest", repr((chosen.code, chosen.version, [*rows])))
    manifest, _ = Manifest.objects.update_or_create(
        emergency=emergency,
        digest=digest,
        defaults={"counts": counts},
        create_defaults={
            "counts": counts,
            "batch": batch,
            "rule": chosen.code,
            "rule_version": chosen.version,
            "imported_at": timezone.now(),
            "imported_by": access.actor,
        },
    )
    return ManifestResult(
        manifest_id=manifest.id,
        rule=chosen.code,
        rule_version=chosen.version,
        passengers=len(rows),
        patients_aboard=len(aboard),
        patients_outside_window=outcome.patients_outside_window,
        close_contacts=nearest[ContactClass.CLOSE_CONTACT],
        general_contacts=nearest[ContactClass.GENERAL_CONTACT],
        widened=sum(any(m.widened for m in c.met) for c in found.values()),
        non_contacts_dropped=dropped,
        refused=tuple(refused),
        contacts_aboard=len(chain.aboard),
        contacts_of_contacts=len(chain.contacts),
    )


@dataclass(frozen=True, slots=True)
class _Aboard:
    patient: Patient
    ride: PatientRide


@dataclass(slots=True)
class _Chain:
    """Close contacts aboard who could have passed it on, and who sat near them; by row number."""

    aboard: set[int] = field(default_factory=set)
    contacts: dict[int, ContactIn] = field(default_factory=dict)


def _chain(
    emergency: Emergency,
    readable: Mapping[int, tuple[PassengerRow, Ride]],
    patients: Iterable[int],
    rule: ManifestRule,
    persons: Mapping[str, UUID],
) -> _Chain:
    """Who sat near a close contact. A seat that is not known makes nobody a contact of a contact."""
    key, chained = vault(emergency.id), chain_rule()
    tokens = {number: _tokens(key, row, ride, persons) for number, (row, ride) in readable.items()}
    known = {
        bytes(c.contact.subject_token): c
        for c in carriers(emergency, chained, {token for each in tokens.values() for token in each})
    }
    nearer, ill = already_nearer(emergency), set(patients)
    result = _Chain()
    beside: dict[tuple[str, date], list[tuple[Carrier, Ride]]] = defaultdict(list)
    for number, (_, ride) in readable.items():
        carrier = next((known[token] for token in tokens[number] if token in known), None)
        if carrier is not None and ride.travelled_on in carrier.period:
            result.aboard.add(number)
            beside[ride.train, ride.travelled_on].append((carrier, ride))
    place = unlocated(emergency)
    for number, (row, ride) in readable.items():
        if number in ill or nearer.intersection(tokens[number]):
            continue
        for carrier, theirs in beside.get((ride.train, ride.travelled_on), ()):
            near = met_by(ride, PatientRide(theirs, "", None, None), rule)
            if near is None or near.widened or near.contact_class is not ContactClass.CLOSE_CONTACT:
                continue
            facts = {"name": plain(row.name), "id_no": _id(row), "phone": plain(row.phone)}
            contact = result.contacts.setdefault(number, ContactIn(_reference(row, ride), place, facts))
            seat = {"ride": f"{ride.train}|{ride.travelled_on}", "carriage": ride.carriage}
            contact.met.append(
                met_carrier(carrier, ExposureKind.TRAIN, chained, chained.ride, ride.travelled_on, **seat)
            )
    return result


def _tokens(key: Sealer, row: PassengerRow, ride: Ride, persons: Mapping[str, UUID]) -> tuple[bytes, ...]:
    """What this passenger would be known by: the number, and the person of the registry who has it."""
    own = key.token(_reference(row, ride))
    who = persons.get(_id(row))
    return (own,) if who is None else (own, key.token(f"person:{who}"))


def _ride(row: PassengerRow, number: int, today: date) -> Ride:
    place = f"row {number}"
    train = train_of(row.train_no)
    if not train:
        raise BadInput(
            code="train_unknown",
            zh=f"车次“{row.train_no}”无法识别。",
            en=f'The train number "{row.train_no}" cannot be read.',
            place=place,
        )
    travelled_on = day_of(row.travelled_on, field="travelled_on", place=place)
    if travelled_on is None or travelled_on > today:
        raise BadInput(
            code="travel_date_missing" if travelled_on is None else "date_in_future",
            zh="缺少乘车日期。" if travelled_on is None else f"乘车日期 {travelled_on} 晚于今天。",
            en="The day of travel is missing."
            if travelled_on is None
            else f"The day of travel, {travelled_on}, is after today.",
            place=place,
        )
    if not plain(row.name) and not _id(row):
        raise BadInput(
            code="passenger_without_name",
            zh="乘客既无姓名也无证件号码。",
            en="The passenger has neither a name nor a number.",
            place=place,
        )
    return Ride(number, train, travelled_on, carriage_of(row.carriage), seat_of(row.seat))


def _id(row: PassengerRow) -> str:
    return plain(row.id_no).upper()


def _reference(row: PassengerRow, ride: Ride) -> str:
    """What tells this traveller from others until the registry knows them: the number, else name and phone or seat."""
    if number := _id(row):
        return f"id_no:{number}"
    return f"traveller:{plain(row.name)}|{plain(row.phone) or f'{ride.train}|{ride.travelled_on}|{plain(row.seat)}'}"


def _patients_aboard(
    emergency: Emergency, readable: dict[int, tuple[PassengerRow, Ride]]
) -> dict[int, _Aboard]:
    key = vault(emergency.id)
    patients = list(Patient.objects.filter(emergency=emergency))
    facts = {p.id: unseal(emergency.id, p.sealed) for p in patients}
    by_id = {bytes(p.id_blind): p for p in patients if p.id_blind is not None}
    by_name = {
        (facts[p.id]["name"], facts[p.id]["phone"]): p
        for p in patients
        if facts[p.id]["name"] and facts[p.id]["phone"]
    }
    aboard: dict[int, _Aboard] = {}
    for number, (row, ride) in readable.items():
        patient = by_id.get(key.blind("id_no", _id(row))) if _id(row) else None
        if patient is None and not _id(row):
            patient = by_name.get((plain(row.name), plain(row.phone)))
        if patient is not None:
            known = facts[patient.id]
            dates = day(known["onset_on"]), day(known["confirmed_on"])
            aboard[number] = _Aboard(patient, PatientRide(ride, str(patient.id), *dates))
    return aboard
