"""How common a name is: the share of people who would bear it if surnames and given names mixed freely.

Counting whole names makes every rare name as common as the records of its one bearer; surname times given name
does not. A name so rare that no second bearer is expected may link records that share nothing else.
"""

from __future__ import annotations

import duckdb

RECORDS_PER_PERSON = 3.0  # to estimate the number of people; only the order of magnitude matters
EXPECTED_NAMESAKES = 0.02
RARE_NAME_AT_MOST = 12  # records
# Fewer named records than this tell little about how common names are: one surname in a hundred and one given
# name in a thousand are assumed for what is missing, and no name counts as rare.
ENOUGH_NAMES = 3_000
FEWEST_FOR_RARE_NAMES = 1_000

# A long name without a dot is cut where a dotted name shows that own names end (阿依努尔|再努尔); a bare own
# name is then as common as all who bear it, whatever their father's name.
_CUT = """
CREATE OR REPLACE TEMP TABLE cut_names AS
WITH counted AS (
    SELECT name, pinyin, fuzzy, surname, given, name_kind, count(*) AS n FROM records
    WHERE pinyin IS NOT NULL GROUP BY ALL
), own_names AS (
    SELECT DISTINCT given FROM counted WHERE name_kind = 'transliterated' AND given IS NOT NULL
), long AS (
    SELECT c.name, arg_max(o.given, length(o.given)) AS given
    FROM (SELECT DISTINCT name FROM counted WHERE given IS NULL) c
    JOIN own_names o ON starts_with(c.name, o.given)
    GROUP BY c.name
)
SELECT c.name, c.pinyin, c.fuzzy, c.n,
       CASE WHEN l.given IS NOT NULL THEN l.given ELSE coalesce(c.given, c.name) END AS given,
       CASE WHEN l.given IS NOT NULL THEN substr(c.name, length(l.given) + 1)
            WHEN c.given IS NULL THEN '' ELSE c.surname END AS surname,
       c.given IS NOT NULL AND c.name_kind = 'full' AS plain
FROM counted c LEFT JOIN long l USING (name)
"""
_SHARES = """
CREATE OR REPLACE TEMP TABLE shares AS
WITH total AS (
    SELECT greatest(sum(n), {enough}) AS n, greatest(0, {enough} - sum(n)) AS missing FROM cut_names
),
surnames AS (SELECT surname, sum(n) AS n FROM cut_names GROUP BY surname),
givens AS (SELECT given, sum(n) AS n FROM cut_names GROUP BY given)
SELECT c.name, c.pinyin, c.fuzzy, c.n, c.plain,
       -- people, not records, are counted: one bearer has several records
       CASE WHEN c.surname = '' THEN 1 ELSE (s.n + 0.01 * total.missing) / total.n END
           * (greatest(g.n - 2, 1) + 0.001 * total.missing) / total.n AS mixed,
       c.n / total.n AS counted
FROM cut_names c JOIN surnames s USING (surname) JOIN givens g USING (given), total
"""
# Where a name is borne more often than mixing predicts (fashions, clans), the count is nearer the truth.
_TERMS = """
CREATE OR REPLACE TABLE {column}_terms AS
SELECT {column},
       CASE WHEN sum(n) > {rare} THEN greatest(sum(mixed), sum(counted)) ELSE sum(mixed) END AS tf_{column}
FROM shares GROUP BY {column}
"""
_SURNAMES = """
CREATE OR REPLACE TABLE surname_terms AS
SELECT surname, count(*) / sum(count(*)) OVER () AS tf_surname
FROM records WHERE surname IS NOT NULL GROUP BY surname
"""
_RARE = """
UPDATE records SET rare_name = r.fuzzy
FROM (
    SELECT t.fuzzy FROM fuzzy_terms t
    JOIN (SELECT fuzzy, sum(n) AS n FROM shares GROUP BY fuzzy HAVING bool_and(plain)) c USING (fuzzy),
         (SELECT sum(n) AS n FROM shares) total
    WHERE total.n >= {fewest} AND c.n <= {rare} AND t.tf_fuzzy * total.n / {each} <= {namesakes}
) r
WHERE records.fuzzy = r.fuzzy
"""


def make_name_frequencies(con: duckdb.DuckDBPyConnection) -> None:
    """Tables ``name_terms``, ``pinyin_terms``, ``fuzzy_terms``, ``surname_terms``; ``rare_name`` in records."""
    con.execute(_CUT)
    con.execute(_SHARES.format(enough=ENOUGH_NAMES))
    for column in ("name", "pinyin", "fuzzy"):
        con.execute(_TERMS.format(column=column, rare=RARE_NAME_AT_MOST))
    con.execute(_SURNAMES)
    con.execute("ALTER TABLE records ADD COLUMN rare_name VARCHAR")
    con.execute(
        _RARE.format(
            rare=RARE_NAME_AT_MOST,
            each=RECORDS_PER_PERSON,
            namesakes=EXPECTED_NAMESAKES,
            fewest=FEWEST_FOR_RARE_NAMES,
        )
    )
    con.execute("DROP TABLE cut_names")
    con.execute("DROP TABLE shares")
