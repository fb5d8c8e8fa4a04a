"""``records_in`` -> ``records`` for given name and surname data (FEBRL and similar)."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from wangge_engine.link.distinct import read_distinct
from wangge_engine.link.pet_names import formal_names

RARE = 0.002  # share of the records: a part of a name in more of them tells little about the person

_CLEAN = "nullif(trim(regexp_replace(lower(strip_accents({0})), '[^a-z0-9 ]', '', 'g')), '')"
_DIGITS = "nullif(regexp_replace({0}, '[^0-9]', '', 'g'), '')"
_TEXTS = ("given_name", "surname", "address_1", "address_2", "suburb", "state", "birth_place", "occupation")
_PARTS = "list_filter(list_distinct(string_split({0}, ' ')), x -> x <> '')"


def normalise(con: duckdb.DuckDBPyConnection) -> None:
    """Build ``records``: lower-case letters, dates as eight digits, one name for both halves in any order.

    ``parts`` are all words of the name; ``parts_rare`` those that few people bear, rarest first; ``forms`` the
    formal names that the given name may stand for.
    """
    texts = ", ".join(f"{_CLEAN.format('r.' + name)} AS {name}" for name in _TEXTS)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE cleaned AS
        WITH halves AS (
            SELECT * REPLACE (
                coalesce(given_name, regexp_extract(full_name, '^(.*?)\\s+\\S+$', 1)) AS given_name,
                coalesce(surname, regexp_extract(full_name, '(\\S+)$', 1)) AS surname)
            FROM records_in
        )
        SELECT uid, source, record_id, {texts}, {_CLEAN.format("full_name")} AS full_name,
               CASE WHEN regexp_full_match(birth, '\\d{{1,2}}[-/.]\\d{{1,2}}[-/.]\\d{{4}}')
                    THEN strftime(try_strptime(replace(replace(birth, '/', '-'), '.', '-'), '%d-%m-%Y'), '%Y%m%d')
                    ELSE {_DIGITS.format("birth")} END AS birth,
               {_DIGITS.format("id_no")} AS id_no, {_DIGITS.format("street_number")} AS street_number,
               nullif(upper(regexp_replace(postcode, '[^A-Za-z0-9]', '', 'g')), '') AS postcode,
               {_CLEAN.format("sex")} AS sex, nullif(lower(email), '') AS email, {_DIGITS.format("phone")} AS phone
        FROM halves r
        """
    )
    read_distinct(
        con,
        "SELECT string_split(given_name, ' ')[1] FROM cleaned",
        "given_forms",
        lambda given: (list(formal_names(given)) or [given],),
        (("forms", pa.list_(pa.string())),),
    )
    con.execute(
        f"""
        CREATE OR REPLACE TABLE name_parts AS
        WITH parts AS (
            SELECT uid, unnest({_PARTS.format("concat_ws(' ', full_name, given_name, surname)")}) AS part FROM cleaned
        ), counted AS (
            SELECT part, count(*) AS n FROM parts WHERE length(part) > 1 GROUP BY part
        )
        SELECT uid, list_sort(list(part)) AS parts,
               list(part ORDER BY n, part) FILTER (WHERE n <= greatest(3, {RARE} * (SELECT count(*) FROM cleaned)))
               AS parts_rare,
               list(part ORDER BY n, part) FILTER (WHERE n > 1) AS by_rarity
        FROM parts JOIN counted USING (part) GROUP BY uid
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TABLE records AS
        SELECT c.*, birth[1:4] AS birth_year,
               CASE WHEN length(postcode) > 3 THEN postcode[1:greatest(length(postcode) - 3, 2)] END AS area,
               f.forms, f.forms[1] AS form, p.parts, p.parts_rare,
               p.by_rarity[1] AS rarest, p.by_rarity[2] AS second_rarest,
               nullif(concat_ws(' ', least(given_name, surname), greatest(given_name, surname)), '')
               AS both_names,
               CAST(NULL AS VARCHAR) AS household_ref,
               CAST(NULL AS VARCHAR) AS address_key, CAST(NULL AS VARCHAR) AS unit
        FROM cleaned c
        LEFT JOIN given_forms f ON f.raw = string_split(c.given_name, ' ')[1]
        LEFT JOIN name_parts p USING (uid)
        ORDER BY uid
        """
    )
    for table in ("cleaned", "given_forms", "name_parts"):
        con.execute(f"DROP TABLE {table}")
