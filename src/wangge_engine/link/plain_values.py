"""Identity numbers and telephones that stand there as they should, read in SQL: most do, and Python is slow.

Only what needs no repair is read here, exactly as ``parse_identity`` and ``parse_phone`` read it; all else goes to
them. A test holds both to the same.
"""

from __future__ import annotations

from wangge_engine.text.identity import CHECK, PROVINCES, WEIGHTS

DEFAULT_DATES = ("1900-01-01", "1899-12-30", "1899-12-31")  # what systems write for no date
_NONE = ", ".join(f"'{day}'" for day in DEFAULT_DATES)
_SUM = " + ".join(f"(ascii(raw[{i + 1}]) - 48) * {weight}" for i, weight in enumerate(WEIGHTS))
_DAY = "TRY_CAST(raw[7:10] || '-' || raw[11:12] || '-' || raw[13:14] AS DATE)"

# A number of 18 characters with a right check character, a real day of birth and a known province.
IDENTITIES = f"""
SELECT raw, raw AS number, true AS valid, CAST({_DAY} AS VARCHAR) AS birth,
       CASE WHEN ascii(raw[17]) % 2 = 1 THEN 'M' ELSE 'F' END AS sex,
       CAST(NULL AS VARCHAR) AS problem, CAST(NULL AS VARCHAR) AS younger
FROM texts
WHERE regexp_full_match(raw, '[1-8][0-9]{{16}}[0-9X]')
  AND raw[:17] <> repeat(raw[1], 17)
  AND raw[1:2] IN ({", ".join(f"'{province}'" for province in sorted(PROVINCES))})
  AND {_DAY} BETWEEN DATE '1880-01-01' AND current_date
  AND substr('{CHECK}', 1 + CAST(({_SUM}) % 11 AS INTEGER), 1) = raw[18]
"""
# A mobile number and nothing else; one with a long run of one digit is nobody's.
PHONES = """
SELECT raw, raw AS number, raw AS key FROM texts
WHERE regexp_full_match(raw, '1[3-9][0-9]{9}')
  AND NOT regexp_matches(raw[3:], '0{7}|1{7}|2{7}|3{7}|4{7}|5{7}|6{7}|7{7}|8{7}|9{7}')
"""
# A date of eight digits, bare or cut by hyphens. Days that systems write for none, and days to come, are none.
_ISO = "raw[:4] || '-' || replace(raw, '-', '')[5:6] || '-' || replace(raw, '-', '')[7:8]"
BIRTHS = f"""
SELECT raw, CASE WHEN born BETWEEN DATE '1880-01-01' AND current_date AND strftime(born, '%Y-%m-%d') NOT IN ({_NONE})
                 THEN strftime(born, '%Y-%m-%d') END AS birth
FROM (
    SELECT raw, TRY_CAST({_ISO} AS DATE) AS born FROM texts
    WHERE regexp_full_match(raw, '[0-9]{{8}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')
)
"""
