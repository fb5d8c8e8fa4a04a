"""One record as the normaliser reads it, in Python: a look-up cannot wait for thirty statements.

It says what ``normalise_zh`` says of a record that stands alone; a test holds both to the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from wangge_engine.link.confused import sound_of
from wangge_engine.link.normalise_zh import parse_birth, parse_generation, parse_sex, too_old
from wangge_engine.text.addresses import parse as parse_address
from wangge_engine.text.hanzi import sketch
from wangge_engine.text.identity import parse_identity
from wangge_engine.text.names import Name, parse_name
from wangge_engine.text.phones import parse_phone

Value = str | bool | int | None
_ID = re.compile(r"[0-9０-９]{17}[0-9XxＸｘ０-９]|[0-9]{15}")
_PHONE = re.compile(r"(\+?86)?1[3-9][0-9]{9}")
_NAME = re.compile("[\u3400-\u9fff·]{2,15}")
_WOMEN = re.compile("(女士|小姐|太太|阿姨|奶奶)$")


def read_record(
    given: Mapping[str, str | None], confused: Mapping[str, str] | None = None
) -> dict[str, Value]:
    """The columns of ``records`` for canonical fields as text. ``confused`` as of ``normalise_zh``."""
    told = {field: (text.strip() or None) if text else None for field, text in given.items()}
    name, id_no, phone = _put_back(told)
    n, ph = parse_name(name or ""), parse_phone(phone or "")
    sound = _sound(n, confused or {})
    former = _sound(parse_name(told.get("former_name") or ""), confused or {}) or None
    birth, sex = parse_birth(told.get("birth") or "") or None, parse_sex(told.get("sex") or "") or None
    i = parse_identity(id_no or "")
    if i.younger and (i.younger[6:14] == birth.replace("-", "") if birth else i.birth < too_old()):
        i = parse_identity(i.younger)
    a = parse_address(told.get("address") or told.get("hukou_address") or "")
    number, valid, id_birth, id_sex = i.number or None, i.valid, i.birth or None, i.sex or None
    contradicts = (
        bool(id_birth and birth)
        and abs(_year(id_birth) - _year(birth)) > 2
        and str(id_birth)[4:] != str(birth)[4:]
    )
    other_sex = id_sex is not None and sex is not None and id_sex != sex and birth != id_birth
    borrowed = bool(valid and (contradicts or other_sex))
    trusted = valid and not borrowed
    kind = n.kind or "none"
    titled = "M" if (n.clean or "").endswith("先生") else "F" if _WOMEN.search(n.clean or "") else None
    read_birth = (id_birth if trusted else None) or birth or (None if borrowed else id_birth)
    place, building, room = a.place or None, a.building or None, a.room or None
    long = number is not None and len(number) >= 17
    return {
        "source": told.get("source") or "",
        "record_id": told.get("record_id") or "",
        "household_ref": told.get("household_ref"),
        "relation": told.get("relation"),
        "name": n.clean or None,
        "sketch": sketch(n.clean) or None,
        "surname": n.surname or None,
        "given": n.given or None,
        "pinyin": n.pinyin or None,
        "fuzzy": sound or None,
        "name_kind": kind,
        "former": former if former != sound else None,
        "old_name": former or sound or None,
        "initial": (n.clean or "")[:1] or None,
        "generation": parse_generation(told.get("relation")),
        "id_number": number,
        "id_valid": valid,
        "id_problem": i.problem or None,
        "id_borrowed": borrowed,
        "id_ok": number if trusted else None,
        "birth": read_birth,
        "sex": (id_sex if trusted else None)
        or sex
        or (None if borrowed else id_sex)
        or (titled if kind == "partial" else None),
        "own_birth": birth,
        "own_sex": sex,
        "confirmed": (birth == id_birth) if trusted and birth and id_birth else (None if trusted else False),
        "phone": ph.number or None,
        "phone_key": ph.key or None,
        "place": place,
        "building": building,
        "unit": a.unit or None,
        "room": room,
        "street": a.street or None,
        "community": a.community or None,
        "road": a.road or None,
        "road_no": a.road_no or None,
        "address_key": a.key or None,
        "door": "|".join((place, building or "", room)) if place and room else None,
        "birth_year": read_birth[:4] if read_birth else None,
        "id_head": number[:10] if long and number else None,
        "id_tail": number[10:] if long and number else None,
        "solid": False,
    }


def _put_back(told: Mapping[str, str | None]) -> tuple[str | None, str | None, str | None]:
    """Name, number and telephone in their own columns."""
    name, id_no, phone = told.get("name"), told.get("id_no"), told.get("phone")
    name_is_id, id_is_name = _is(_ID, name), _is(_NAME, id_no)
    name_is_phone, phone_is_name = _is(_PHONE, name), _is(_NAME, phone)
    id_is_phone, phone_is_id = _is(_PHONE, id_no), _is(_ID, phone)
    swapped = name_is_id and id_is_name
    if swapped:
        new_name, new_id = id_no, name
    else:
        new_name = phone if name_is_phone and phone_is_name else name
        new_id = phone if phone_is_id and (id_no is None or id_is_phone) else id_no
    if name_is_phone and phone_is_name:
        new_phone = name
    elif id_is_phone and (phone is None or phone_is_id):
        new_phone = id_no
    else:
        new_phone = phone or told.get("guardian_phone")
    return new_name, new_id, new_phone


def _is(pattern: re.Pattern[str], text: str | None) -> bool:
    return text is not None and pattern.fullmatch(text) is not None


def _year(text: str | None) -> int:
    return date.fromisoformat(text).year if text else 0


def _sound(name: Name, confused: Mapping[str, str]) -> str:
    mixed = name.kind == "full" and any(char in confused for char in name.given)
    return sound_of(name.surname, name.given, confused) if mixed else name.fuzzy
