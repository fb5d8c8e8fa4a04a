"""``records_in`` -> ``records``: Chinese persons' fields read, checked and made comparable.

Fields that stand in each other's column are put back first. A number is trusted only if it is valid and does
not contradict the birth date or sex beside it: a contradiction means it was borrowed from a relative.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import partial

import duckdb
import pyarrow as pa

from wangge_engine.columns import plain_word, vocabulary
from wangge_engine.link.confused import apply_confused, learn_confused
from wangge_engine.link.distinct import Columns, begin_reading, read_distinct
from wangge_engine.link.doubts import doubt_numbers
from wangge_engine.link.flags import make_flags
from wangge_engine.link.frequencies import make_name_frequencies
from wangge_engine.link.plain_values import BIRTHS, DEFAULT_DATES, IDENTITIES, PHONES
from wangge_engine.link.readers import Readers
from wangge_engine.text.addresses import parse as parse_address
from wangge_engine.text.dates import parse_date
from wangge_engine.text.hanzi import plain, sketch
from wangge_engine.text.identity import parse_identity
from wangge_engine.text.names import parse_name
from wangge_engine.text.phones import parse_phone

_TEXT = pa.string()
_NAME = ("name", "surname", "given", "pinyin", "fuzzy", "kind", "sketch")
_ADDRESS = ("place", "building", "unit", "room", "street", "community", "road", "road_no", "key")
_READ_FROM_NUMBER = ("birth", "sex", "problem", "younger")
_LOOKS_ID = "regexp_full_match({0}, '[0-9０-９]{{17}}[0-9XxＸｘ０-９]|[0-9]{{15}}')"
_LOOKS_PHONE = "regexp_full_match({0}, '(\\+?86)?1[3-9][0-9]{{9}}')"
_LOOKS_NAME = "regexp_full_match({0}, '[\u3400-\u9fff·]{{2,15}}')"
# A number shared by more records than a family has belongs to an office or is a placeholder.
PHONE_SHARED_BY_AT_MOST = 30
DOOR_SHARED_BY_AT_MOST = 40  # names; more live in a dormitory, or it is the address of an office
OLDEST = 112  # years; one in ten million is older
# A wrong year in the birth column is commoner than a borrowed number with the same year; days are typed badly.
_CONTRADICTS = """
    (abs(year(CAST(i.birth AS DATE)) - year(CAST(b.birth AS DATE))) > 2
     AND NOT (substr(i.birth, 5) = substr(b.birth, 5)))
"""


def _name(text: str) -> tuple[str, ...]:
    name = parse_name(text)
    return name.clean, name.surname, name.given, name.pinyin, name.fuzzy, name.kind, sketch(name.clean)


def _identity(text: str) -> tuple[str | bool, ...]:
    found = parse_identity(text)
    return found.number, found.valid, found.birth, found.sex, found.problem, found.younger


def parse_birth(text: str) -> str:
    """ISO date; empty for what is unreadable, in the future, or written by systems for no date."""
    birth = parse_date(text)
    return "" if birth in DEFAULT_DATES or birth > date.today().isoformat() else birth  # noqa: DTZ011


def too_old() -> str:
    """The first birth date (ISO) of anybody who may be alive by ``OLDEST``."""
    return f"{date.today().year - OLDEST}-01-01"  # noqa: DTZ011


_GENERATIONS = (
    (re.compile("曾?祖父|曾?祖母|^爷|^奶|外公|外婆|姥"), -2),
    (re.compile("孙"), 2),
    (re.compile("^(岳|公|婆|父|母|爸|妈)|父$|母$"), -1),
    (re.compile("^(户主|本人|配偶|妻|夫|丈夫|老婆|爱人)"), 0),
    (re.compile("^(长|次|三|四|独|养|继)?[子女儿]|媳|婿"), 1),
)


def parse_generation(text: str | None) -> int | None:
    """Generations below the head of the household (a parent -1, the head and spouse 0, a child 1), if told."""
    word = plain(text or "")
    return next((number for pattern, number in _GENERATIONS if pattern.search(word)), None)


def parse_sex(text: str) -> str:
    """M, F or empty."""
    word = vocabulary("sex").get(plain_word(text), "")
    return {"male": "M", "female": "F"}.get(word, word if word in "MF" else "")


def _birth(text: str) -> tuple[str]:
    return (parse_birth(text),)


def _sex(text: str) -> tuple[str]:
    return (parse_sex(text),)


def _generation(text: str) -> tuple[int | str]:
    found = parse_generation(text)
    return ("" if found is None else found,)


def _phone(text: str) -> tuple[str, ...]:
    phone = parse_phone(text)
    return phone.number, phone.key


def _address(text: str) -> tuple[str, ...]:
    a = parse_address(text)
    return a.place, a.building, a.unit, a.room, a.street, a.community, a.road, a.road_no, a.key


def _texts(*names: str) -> Columns:
    return [(name, _TEXT) for name in names]


def normalise(con: duckdb.DuckDBPyConnection, confused: Mapping[str, str] | None = None) -> None:
    """Build ``records`` from ``records_in``.

    ``confused``: characters that stand for one another in names; learnt from the records if none are given.
    """
    _put_back(con)
    with Readers() as readers:
        begin = partial(begin_reading, con, readers=readers)
        # What takes longest begins first; the database works meanwhile.
        addresses = begin("SELECT address FROM placed", "addresses", _address, _texts(*_ADDRESS))
        named = "SELECT name FROM placed UNION ALL SELECT former_name FROM placed"
        names = begin(named, "names", _name, _texts(*_NAME))
        births = begin("SELECT birth FROM placed", "births", _birth, _texts("birth"), plain=BIRTHS)
        columns = [("number", _TEXT), ("valid", pa.bool_()), *_texts(*_READ_FROM_NUMBER)]
        identities = begin("SELECT id_no FROM placed", "identities", _identity, columns, plain=IDENTITIES)
        phones = begin("SELECT phone FROM placed", "phones", _phone, _texts("number", "key"), plain=PHONES)
        read_distinct(con, "SELECT sex FROM records_in", "sexes", _sex, _texts("sex"))
        read_distinct(
            con, "SELECT relation FROM records_in", "generations", _generation, [("generation", pa.int8())]
        )
        births()
        identities()
        _mend_short_numbers(con, columns)
        for finish in (phones, addresses, names):
            finish()
    apply_confused(con, learn_confused(con) if confused is None else confused)
    con.execute(_RECORDS)
    con.execute(_SHARED)
    con.execute(_CROWDED)
    doubt_numbers(con)
    make_flags(con)
    make_name_frequencies(con)
    for table in ("placed", "names", "identities", "births", "sexes", "generations", "phones", "addresses"):
        con.execute(f"DROP TABLE {table}")


def _put_back(con: duckdb.DuckDBPyConnection) -> None:
    """Swap back name, number and phone that stand in each other's column."""
    name_is_id, id_is_name = _LOOKS_ID.format("name"), _LOOKS_NAME.format("id_no")
    name_is_phone, phone_is_name = _LOOKS_PHONE.format("name"), _LOOKS_NAME.format("phone")
    id_is_phone, phone_is_id = _LOOKS_PHONE.format("id_no"), _LOOKS_ID.format("phone")
    con.execute(
        f"""
        CREATE OR REPLACE TABLE placed AS
        SELECT uid,
            CASE WHEN {name_is_id} AND {id_is_name} THEN id_no
                 WHEN {name_is_phone} AND {phone_is_name} THEN phone ELSE name END AS name,
            CASE WHEN {name_is_id} AND {id_is_name} THEN name
                 WHEN {phone_is_id} AND (id_no IS NULL OR {id_is_phone}) THEN phone
                 ELSE id_no END AS id_no,
            CASE WHEN {name_is_phone} AND {phone_is_name} THEN name
                 WHEN {id_is_phone} AND (phone IS NULL OR {phone_is_id}) THEN id_no
                 ELSE coalesce(phone, guardian_phone) END AS phone,
            birth, coalesce(address, hukou_address) AS address, former_name,
            source, record_id, household_ref, relation, sex
        FROM records_in
        """
    )


def _mend_short_numbers(con: duckdb.DuckDBPyConnection, columns: Columns) -> None:
    """15-digit numbers cut from 18 digits are made whole."""
    con.execute(_YOUNGER, {"too_old": too_old()})
    read_distinct(
        con, "SELECT id_no FROM placed ANTI JOIN identities i ON i.raw = id_no", "late", _identity, columns
    )
    con.execute("INSERT INTO identities SELECT * FROM late")
    con.execute("DROP TABLE late")


# A 15-digit number beside a birth date after 1999 was cut from an 18-digit one; so was one without a birth date
# beside it whose bearer would be older than anybody.
_YOUNGER = """
UPDATE placed SET id_no = i.younger
FROM identities i
WHERE i.raw = placed.id_no AND i.younger IS NOT NULL
  AND (EXISTS (FROM births b WHERE b.raw = placed.birth
               AND substr(i.younger, 7, 8) = replace(b.birth, '-', ''))
       OR i.birth < $too_old
          AND NOT EXISTS (FROM births b WHERE b.raw = placed.birth AND b.birth IS NOT NULL))
"""
# One pass in the order of the records: no sorting, and nothing held but what they are joined to.
_RECORDS = f"""
CREATE OR REPLACE TABLE records AS
WITH joined AS (
    SELECT p.uid, p.source, p.record_id, p.household_ref, p.relation,
        n.name, n.sketch, n.surname, n.given, n.pinyin, n.fuzzy, coalesce(n.kind, 'none') AS name_kind,
        nullif(f.fuzzy, n.fuzzy) AS former, coalesce(f.fuzzy, n.fuzzy) AS old_name, n.name[1:1] AS initial,
        g.generation,
        i.number AS id_number, coalesce(i.valid, false) AS id_valid, i.problem AS id_problem,
        sx.sex AS own_sex,
        i.sex AS id_sex, b.birth AS own_birth, i.birth AS id_birth,
        coalesce({_CONTRADICTS}, false) AS birth_contradicts,
        ph.number AS phone, ph.key AS phone_key,
        a.place, a.building, a.unit, a.room, a.street, a.community, a.road, a.road_no, a.key AS address_key
    FROM placed p
    LEFT JOIN names n ON n.raw = p.name
    LEFT JOIN names f ON f.raw = p.former_name
    LEFT JOIN generations g ON g.raw = p.relation
    LEFT JOIN identities i ON i.raw = p.id_no
    LEFT JOIN births b ON b.raw = p.birth
    LEFT JOIN phones ph ON ph.raw = p.phone
    LEFT JOIN addresses a ON a.raw = p.address
    LEFT JOIN sexes sx ON sx.raw = p.sex
), judged AS (
    SELECT *, id_valid AND (birth_contradicts
        OR coalesce(id_sex <> own_sex, false) AND own_birth IS DISTINCT FROM id_birth) AS id_borrowed
    FROM joined
)
SELECT uid, source, record_id, household_ref, relation, name, sketch, surname, given, pinyin, fuzzy, name_kind,
    former, old_name, initial,
    generation,
    id_number, id_valid, id_problem, id_borrowed,
    CASE WHEN id_valid AND NOT id_borrowed THEN id_number END AS id_ok,
    coalesce(CASE WHEN id_valid AND NOT id_borrowed THEN id_birth END, own_birth,
             CASE WHEN NOT id_borrowed THEN id_birth END) AS birth,
    coalesce(CASE WHEN id_valid AND NOT id_borrowed THEN id_sex END, own_sex,
             CASE WHEN NOT id_borrowed THEN id_sex END,
             CASE WHEN name_kind <> 'partial' THEN NULL WHEN name LIKE '%先生' THEN 'M'
                  WHEN regexp_matches(name, '(女士|小姐|太太|阿姨|奶奶)$') THEN 'F' END) AS sex,
    own_birth, own_sex, id_valid AND NOT id_borrowed AND own_birth = id_birth AS confirmed,
    phone, phone_key,
    place, building, unit, room, street, community, road, road_no, address_key,
    CASE WHEN place IS NOT NULL AND room IS NOT NULL
         THEN concat_ws('|', place, coalesce(building, ''), room) END AS door,
    substr(birth, 1, 4) AS birth_year,
    CASE WHEN length(id_number) >= 17 THEN substr(id_number, 1, 10) END AS id_head,
    CASE WHEN length(id_number) >= 17 THEN substr(id_number, 11) END AS id_tail
FROM judged
"""
_SHARED = f"""
UPDATE records SET phone_key = NULL
FROM (SELECT phone_key FROM records WHERE phone_key IS NOT NULL
      GROUP BY phone_key HAVING count(*) > {PHONE_SHARED_BY_AT_MOST}
         AND count(DISTINCT pinyin) > {PHONE_SHARED_BY_AT_MOST}) s
WHERE s.phone_key = records.phone_key
"""
_CROWDED = f"""
UPDATE records SET door = NULL
FROM (SELECT door, place, building, room FROM records WHERE door IS NOT NULL
      GROUP BY ALL HAVING count(*) > {DOOR_SHARED_BY_AT_MOST}
         AND count(DISTINCT pinyin) > {DOOR_SHARED_BY_AT_MOST}) c
WHERE c.door = records.door AND c.place = records.place AND c.building IS NOT DISTINCT FROM records.building
  AND c.room = records.room
"""
