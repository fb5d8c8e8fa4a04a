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
    SELECT id_ok, fuzzy, any_value(sketch ORDER BY name) AS sketch, count(*) AS n,
           count(DISTINCT source) AS sources, count(*) FILTER (WHERE confirmed) AS sure
    FROM records WHERE id_ok IS NOT NULL AND fuzzy IS NOT NULL GROUP BY ALL
), best AS (
    SELECT id_ok, arg_max(fuzzy, (sure, n, fuzzy)) AS fuzzy, arg_max(sketch, (sure, n, fuzzy)) AS sketch,
           max((sure, n)) AS most
    FROM votes GROUP BY id_ok HAVING count(*) > 1
)
SELECT v.id_ok, v.fuzzy,
       (v.sure, v.n) < b.most AND v.sure = 0 AND v.sources < 2
           AND levenshtein(v.sketch, b.sketch) >= least(2, length(b.sketch) - 1)
           AND NOT starts_with(v.fuzzy, b.fuzzy) AND NOT starts_with(b.fuzzy, v.fuzzy)
           AND list_sort(string_split(v.sketch, '')) <> list_sort(string_split(b.sketch, '')) AS doubtful,
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
# A spreadsheet keeps fifteen digits of a number and writes it as a double: the end is 000, or next to it. One number
# in a thousand ends so by itself.
_WENT_THROUGH_A_FLOAT = """
coalesce(TRY_CAST({0} AS BIGINT)
         = CAST(CAST((TRY_CAST({0} AS BIGINT) + 500) // 1000 * 1000 AS DOUBLE) AS BIGINT), false)
"""
# Two valid numbers of one name, place and birth date differ only in the order number: one is a slip that
# happens to pass the check (one random slip in eleven does), the one that went through a float, or that fewer
# records bear.
_SLIPS = f"""
CREATE OR REPLACE TEMP TABLE slips AS
WITH votes AS (
    SELECT pinyin, substr(id_ok, 1, 14) AS head, id_ok, count(*) AS n,
           {_WENT_THROUGH_A_FLOAT.format("id_ok")} AS floated
    FROM records WHERE id_ok IS NOT NULL AND pinyin IS NOT NULL GROUP BY ALL
), best AS (
    SELECT pinyin, head, max(n) AS most, count(*) FILTER (WHERE n > 1) AS strong,
           count(*) FILTER (WHERE NOT floated) AS whole
    FROM votes
    GROUP BY pinyin, head HAVING count(*) > 1
)
SELECT v.pinyin, v.id_ok FROM votes v JOIN best b USING (pinyin, head)
WHERE v.floated AND b.whole = 1 OR v.n = 1 AND b.most > 1 AND b.strong = 1
"""


def doubt_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """Clear ``id_ok`` (and what was read from the digits in doubt) where it is outvoted; set column ``solid``."""
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
        UPDATE records SET id_ok = NULL, id_valid = false, id_problem = 'outvoted', sex = own_sex
        FROM slips s WHERE records.id_ok = s.id_ok AND records.pinyin = s.pinyin
        """
    )
    con.execute("DROP TABLE outvoted")
    con.execute("DROP TABLE borrowers")
    con.execute("DROP TABLE slips")
