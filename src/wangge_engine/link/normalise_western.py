"""``records_in`` -> ``records`` for given name and surname data (FEBRL and similar)."""

from __future__ import annotations

import duckdb

_CLEAN = "nullif(trim(regexp_replace(lower(strip_accents({0})), '[^a-z0-9 ]', '', 'g')), '')"
_DIGITS = "nullif(regexp_replace({0}, '[^0-9]', '', 'g'), '')"
_TEXTS = ("given_name", "surname", "address_1", "address_2", "suburb", "state", "birth_place", "occupation")


def normalise(con: duckdb.DuckDBPyConnection) -> None:
    """Build ``records``: lower-case letters, dates as eight digits, one name for both halves in any order."""
    texts = ", ".join(f"{_CLEAN.format('r.' + name)} AS {name}" for name in _TEXTS)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE records AS
        WITH halves AS (
            SELECT * REPLACE (
                coalesce(given_name, regexp_extract(full_name, '^(.*?)\\s+\\S+$', 1)) AS given_name,
                coalesce(surname, regexp_extract(full_name, '(\\S+)$', 1)) AS surname)
            FROM records_in
        ), cleaned AS (
            SELECT uid, source, record_id, {texts},
                   CASE WHEN regexp_full_match(birth, '\\d{{1,2}}[-/.]\\d{{1,2}}[-/.]\\d{{4}}')
                        THEN strftime(try_strptime(replace(replace(birth, '/', '-'), '.', '-'), '%d-%m-%Y'), '%Y%m%d')
                        ELSE {_DIGITS.format("birth")} END AS birth,
                   {_DIGITS.format("id_no")} AS id_no, {_DIGITS.format("street_number")} AS street_number,
                   nullif(upper(regexp_replace(postcode, '[^A-Za-z0-9]', '', 'g')), '') AS postcode,
                   {_CLEAN.format("sex")} AS sex, nullif(lower(email), '') AS email, {_DIGITS.format("phone")} AS phone
            FROM halves r
        )
        SELECT *,
               nullif(concat_ws(' ', least(given_name, surname), greatest(given_name, surname)), '')
               AS both_names,
               CAST(NULL AS VARCHAR) AS household_ref,
               CAST(NULL AS VARCHAR) AS address_key, CAST(NULL AS VARCHAR) AS unit
        FROM cleaned ORDER BY uid
        """
    )
