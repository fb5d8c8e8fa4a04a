"""Which valid numbers to distrust because the other records outvote them.

Birth date and sex beside a number usually tell that it was borrowed; this finds those written without them. A
distrusted number still counts as evidence, but it no longer decides who is who.
"""

from __future__ import annotations

import duckdb

# Most records give the number to one name, this one to a wholly other name. A number given to two names by two
# sources each, or beside its birth date, is a person who changed names: those records are ``solid`` and keep it.
_NAMES = """
CREATE OR REPLACE TEMP TABLE outvoted AS
WITH votes AS (
    SELECT id_ok, fuzzy, any_value(name ORDER BY name) AS name, count(*) AS n,
           count(DISTINCT source) AS sources, count(*) FILTER (WHERE confirmed) AS sure
    FROM records WHERE id_ok IS NOT NULL AND fuzzy IS NOT NULL GROUP BY ALL
), best AS (
    SELECT id_ok, arg_max(fuzzy, (sure, n, fuzzy)) AS fuzzy, arg_max(name, (sure, n, fuzzy)) AS name,
           max((sure, n)) AS most
    FROM votes GROUP BY id_ok HAVING count(*) > 1
)
SELECT v.id_ok, v.fuzzy,
       (v.sure, v.n) < b.most AND v.sure = 0 AND v.sources < 2
           AND levenshtein(v.name, b.name) >= least(2, length(b.name) - 1)
           AND NOT starts_with(v.fuzzy, b.fuzzy) AND NOT starts_with(b.fuzzy, v.fuzzy)
           AND list_sort(string_split(v.name, '')) <> list_sort(string_split(b.name, '')) AS doubtful,
       v.sources >= 2 OR v.sure > 0 AS solid
FROM votes v JOIN best b ON b.id_ok = v.id_ok
"""
# Whoever borrows a number has one too, or a birth of their own: a doubtful record whose name nobody else bears there,
# with another number or birth, is of a person who changed names, and keeps it.
_BORROWERS = """
CREATE OR REPLACE TEMP TABLE borrowers AS
WITH doubtful AS (
    SELECT r.uid, r.id_ok, r.fuzzy, r.phone_key, r.door, r.own_birth, r.id_number FROM records r
    JOIN outvoted o ON o.doubtful AND r.id_ok = o.id_ok AND r.fuzzy = o.fuzzy
)
SELECT DISTINCT d.uid FROM doubtful d JOIN records r ON r.fuzzy = d.fuzzy AND r.uid <> d.uid
WHERE (r.phone_key = d.phone_key OR r.door = d.door OR r.own_birth = d.own_birth)
  AND (r.id_ok <> d.id_ok OR r.id_ok IS NULL AND r.own_birth[1:4] <> d.id_number[7:10])
"""
# Two valid numbers of one name, place and birth date differ only in the order number: one is a slip that
# happens to pass the check (one random slip in eleven does), the one that fewer records bear.
_SLIPS = """
CREATE OR REPLACE TEMP TABLE slips AS
WITH votes AS (
    SELECT pinyin, substr(id_ok, 1, 14) AS head, id_ok, count(*) AS n FROM records
    WHERE id_ok IS NOT NULL AND pinyin IS NOT NULL GROUP BY ALL
), best AS (
    SELECT pinyin, head, max(n) AS most, count(*) FILTER (WHERE n > 1) AS strong FROM votes
    GROUP BY pinyin, head HAVING count(*) > 1
)
SELECT v.pinyin, v.id_ok FROM votes v JOIN best b USING (pinyin, head)
WHERE v.n = 1 AND b.most > 1 AND b.strong = 1
"""


def doubt_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """Clear ``id_ok`` (and the birth and sex read from it) where it is outvoted; set column ``solid``."""
    con.execute(_NAMES)
    con.execute(_BORROWERS)
    con.execute(
        """
        UPDATE records SET id_borrowed = true, id_ok = NULL, birth = own_birth, sex = own_sex
        FROM borrowers b WHERE records.uid = b.uid
        """
    )
    con.execute("ALTER TABLE records ADD COLUMN solid BOOLEAN DEFAULT false")
    con.execute(
        """
        UPDATE records SET solid = true
        FROM outvoted o WHERE o.solid AND records.id_ok = o.id_ok AND records.fuzzy = o.fuzzy
        """
    )
    con.execute(_SLIPS)
    con.execute(
        """
        UPDATE records SET id_ok = NULL, id_valid = false, id_problem = 'outvoted'
        FROM slips s WHERE records.id_ok = s.id_ok AND records.pinyin = s.pinyin
        """
    )
    con.execute("DROP TABLE outvoted")
    con.execute("DROP TABLE borrowers")
    con.execute("DROP TABLE slips")
