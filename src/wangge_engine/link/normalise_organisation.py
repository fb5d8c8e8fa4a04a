"""``records_in`` -> ``records`` for organisations: names taken apart, numbers checked, addresses to doors.

A telephone or door shared by many names belongs to an agency or a market hall and is no evidence. A valid code that the
other records of the same name and branch outvote was borrowed from the parent or mistyped, and decides nothing.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from wangge_engine.link.distinct import read_distinct
from wangge_engine.text.addresses import parse as parse_address
from wangge_engine.text.credit_codes import parse_credit_code
from wangge_engine.text.hanzi import sketch
from wangge_engine.text.names import parse_name
from wangge_engine.text.organisations import parse_organisation, read_places
from wangge_engine.text.phones import parse_phone

_TEXT = pa.string()
PHONE_SHARED_BY_AT_MOST = 12  # names; more, and an agency keeps their books
DOOR_SHARED_BY_AT_MOST = 12  # names; more, and it is a market hall or an address for registration only
_PLACES_FROM = 5_000_000  # distinct names and addresses that are asked for names of divisions
_SEEN_AS_PLACE = 3


def _address(text: str) -> tuple[str, ...]:
    a = parse_address(text)
    return a.place, a.building, a.unit, a.room, a.road, a.road_no, a.key


def _code(text: str) -> tuple[str | bool, ...]:
    c = parse_credit_code(text)
    return c.code, c.valid, c.organisation, c.registration, c.problem


def _person(text: str) -> tuple[str, ...]:
    name = parse_name(text)
    return (name.fuzzy,) if name.kind in ("full", "transliterated", "latin") else ("",)


_KIND = """
CASE WHEN n.form LIKE '个体%' OR i.code[1:2] = '92' OR r.kind LIKE '%个体%' THEN 'individual'
     WHEN i.code[1] IN ('1', '5') OR regexp_matches(r.kind, '事业|机关|社会团体|民办非企业|社会组织') THEN 'institution'
     WHEN n.form LIKE '%公司' OR i.code[1:2] = '91' OR regexp_matches(r.kind, '公司|企业|法人') THEN 'company' END
"""
_RECORDS = f"""
CREATE OR REPLACE TABLE records AS
WITH joined AS (
    SELECT r.uid, r.source, r.record_id,
        n.clean AS name, n.core, n.brand, n.province, n.district, n.branch, n.form, n.sound, n.sketch,
        i.code AS code_number, coalesce(i.valid, false) AS code_valid, i.problem AS code_problem,
        CASE WHEN i.valid THEN i.code END AS code_ok,
        CASE WHEN i.valid THEN i.code[9:17] ELSE i.organisation END AS organisation_ok,
        i.registration AS registration_ok,
        p.fuzzy AS legal_person, ph.number AS phone, ph.key AS phone_key,
        a.place, a.building, a.unit, a.room, a.road, a.road_no, a.key AS address_key,
        {_KIND} AS kind
    FROM records_in r
    LEFT JOIN names n ON n.raw = r.name
    LEFT JOIN codes i ON i.raw = r.credit_code
    LEFT JOIN people p ON p.raw = r.legal_person
    LEFT JOIN phones ph ON ph.raw = r.phone
    LEFT JOIN addresses a ON a.raw = r.address
), shared AS (
    SELECT phone_key FROM joined WHERE phone_key IS NOT NULL
    GROUP BY phone_key HAVING count(DISTINCT core) > {PHONE_SHARED_BY_AT_MOST}
), crowded AS (
    SELECT place, building, room FROM joined WHERE place IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT core) > {DOOR_SHARED_BY_AT_MOST}
)
SELECT j.* REPLACE (CASE WHEN s.phone_key IS NULL THEN j.phone_key END AS phone_key),
    coalesce(j.code_number, j.organisation_ok, j.registration_ok) AS any_number,
    CAST(NULL AS VARCHAR) AS household_ref,
    false AS code_borrowed,
    -- shops on a street have a number and no room; the road number stands inside the place then
    CASE WHEN j.place IS NOT NULL AND (j.room IS NOT NULL OR j.building IS NOT NULL OR j.road_no IS NOT NULL)
              AND c.place IS NULL
         THEN concat_ws('|', j.place, coalesce(j.building, ''), coalesce(j.room, '')) END AS door
FROM joined j LEFT JOIN shared s ON s.phone_key = j.phone_key
LEFT JOIN crowded c ON c.place = j.place AND c.building IS NOT DISTINCT FROM j.building
                   AND c.room IS NOT DISTINCT FROM j.room
ORDER BY uid
"""
# A branch under its parent's code, where at least as many records give the code to the parent; or to another branch.
_LENT = """
CREATE OR REPLACE TEMP TABLE lent AS
WITH votes AS (
    SELECT organisation_ok, coalesce(branch, '') AS branch, count(*) AS n FROM records
    WHERE organisation_ok IS NOT NULL AND core IS NOT NULL GROUP BY ALL
), best AS (
    SELECT organisation_ok, arg_max(branch, (n, branch = '', branch)) AS branch FROM votes
    GROUP BY organisation_ok HAVING count(*) > 1
)
SELECT v.organisation_ok, v.branch FROM votes v JOIN best b USING (organisation_ok)
WHERE v.branch <> b.branch AND v.branch <> ''
"""
# One code under two names: where the name's other records agree on another code, this one was borrowed or mistyped.
_OUTVOTED = """
CREATE OR REPLACE TEMP TABLE outvoted AS
WITH votes AS (
    SELECT core, coalesce(branch, '') AS branch, organisation_ok, count(*) AS n FROM records
    WHERE organisation_ok IS NOT NULL AND core IS NOT NULL GROUP BY ALL
), everywhere AS (
    SELECT *, sum(n) OVER (PARTITION BY organisation_ok) AS borne FROM votes
), best AS (
    SELECT core, branch, arg_max(organisation_ok, (n, organisation_ok)) AS organisation_ok, max(n) AS n
    FROM votes GROUP BY core, branch
)
SELECT v.core, v.branch, v.organisation_ok
FROM everywhere v JOIN best b USING (core, branch)
WHERE v.organisation_ok <> b.organisation_ok
  -- another name bears it more often: borrowed; or nobody else bears it and it is nearly theirs: a slip
  AND (v.borne > 2 * v.n OR (v.borne = 1 AND b.n > 1
       AND damerau_levenshtein(v.organisation_ok, b.organisation_ok) <= 2))
"""
_FLAGS = """
CREATE OR REPLACE TABLE flags AS
SELECT uid, 'credit_code' AS field, CASE code_problem WHEN 'bad_form' THEN 'bad_code_form'
       WHEN 'bad_check' THEN 'bad_code_check' ELSE code_problem END AS code
FROM records WHERE code_problem IS NOT NULL
UNION ALL
SELECT uid, 'credit_code', 'code_borrowed' FROM records WHERE code_borrowed
UNION ALL
SELECT i.uid, 'phone', CASE WHEN r.phone IS NULL THEN 'unusable_phone' ELSE 'shared_phone' END
FROM records_in i JOIN records r USING (uid) WHERE i.phone IS NOT NULL AND r.phone_key IS NULL
UNION ALL
SELECT uid, 'address', 'crowded_door' FROM records WHERE address_key IS NOT NULL AND door IS NULL
UNION ALL
SELECT uid, 'name', 'no_name' FROM records WHERE core IS NULL
"""


# How common a name is: its brand's share times its trade's. Whole names counted would make every rare name as common as
# the records of its one bearer. Half a body is taken off a brand's bearers: the pair at hand is one of them.
_TERMS = """
CREATE OR REPLACE TABLE core_terms AS
WITH cores AS (
    SELECT core, any_value(brand) AS brand, substr(core, length(any_value(brand)) + 1) AS trade, count(*) AS n
    FROM records WHERE core IS NOT NULL GROUP BY core
), total AS (SELECT greatest(sum(n), 1000) AS n FROM cores),
brands AS (SELECT brand, sum(n) AS n FROM cores GROUP BY brand),
trades AS (SELECT trade, sum(n) AS n FROM cores GROUP BY trade)
SELECT core,
       greatest(CASE WHEN cores.n > {often} THEN cores.n / total.n ELSE 0 END,
                greatest(b.n - {each} / 2, {each} / 2) / total.n * (t.n + 10) / total.n) AS tf_core
FROM cores JOIN brands b USING (brand) JOIN trades t USING (trade), total
"""
_BRAND_TERMS = """
CREATE OR REPLACE TABLE brand_terms AS
SELECT brand, greatest(count(*) - {each} / 2, {each} / 2) / greatest(sum(count(*)) OVER (), 1000) AS tf_brand
FROM records WHERE brand IS NOT NULL GROUP BY brand
"""
RECORDS_EACH = 3.0
OFTEN = 12  # records; a whole name borne more often is a chain


def make_shares(con: duckdb.DuckDBPyConnection) -> None:
    """Tables ``core_terms`` and ``brand_terms``."""
    con.execute(_TERMS.format(each=RECORDS_EACH, often=OFTEN))
    con.execute(_BRAND_TERMS.format(each=RECORDS_EACH))


def normalise(con: duckdb.DuckDBPyConnection) -> None:
    """Build ``records`` and ``flags`` from ``records_in``."""
    places = _places(con)

    def name(text: str) -> tuple[str, ...]:
        n = parse_organisation(text, places)
        return n.clean, n.core, n.brand, n.province, n.district, n.branch, n.form, n.sound, sketch(n.core)

    parts = ("clean", "core", "brand", "province", "district", "branch", "form", "sound", "sketch")
    read_distinct(con, "SELECT name FROM records_in", "names", name, [(c, _TEXT) for c in parts])
    columns = [("code", _TEXT), ("valid", pa.bool_())]
    columns += [(c, _TEXT) for c in ("organisation", "registration", "problem")]
    read_distinct(con, "SELECT credit_code FROM records_in", "codes", _code, columns)
    read_distinct(con, "SELECT legal_person FROM records_in", "people", _person, [("fuzzy", _TEXT)])
    read_distinct(con, "SELECT phone FROM records_in", "phones", _phone, [("number", _TEXT), ("key", _TEXT)])
    columns = [(c, _TEXT) for c in ("place", "building", "unit", "room", "road", "road_no", "key")]
    read_distinct(con, "SELECT address FROM records_in", "addresses", _address, columns)
    con.execute(_RECORDS)
    make_shares(con)
    con.execute(_LENT)
    con.execute(
        """
        UPDATE records SET code_borrowed = true, code_ok = NULL, organisation_ok = NULL, code_valid = false
        FROM lent WHERE lent.organisation_ok = records.organisation_ok AND lent.branch = records.branch
        """
    )
    con.execute(_OUTVOTED)
    con.execute(
        """
        UPDATE records SET code_borrowed = true, code_ok = NULL, organisation_ok = NULL, code_valid = false
        FROM outvoted o
        WHERE o.core = records.core AND o.branch = coalesce(records.branch, '')
          AND o.organisation_ok = records.organisation_ok
        """
    )
    con.execute(_FLAGS)
    for table in ("names", "codes", "people", "phones", "addresses", "outvoted", "lent"):
        con.execute(f"DROP TABLE {table}")


def _phone(text: str) -> tuple[str, ...]:
    phone = parse_phone(text)
    return phone.number, phone.key


def _places(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Divisions that names and addresses write with their suffix often enough to be known without it."""
    rows = con.execute(
        f"""
        SELECT text, count(*) FROM (SELECT name AS text FROM records_in UNION ALL SELECT address FROM records_in)
        WHERE regexp_matches(text, '[市区县旗區縣]') GROUP BY text LIMIT {_PLACES_FROM}
        """
    ).fetchall()
    seen: dict[str, int] = {}
    for text, count in rows:
        for place in read_places(text):
            seen[place] = seen.get(place, 0) + count
    return frozenset(place for place, count in seen.items() if count >= _SEEN_AS_PLACE)
