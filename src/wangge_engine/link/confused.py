"""Characters that clerks take for one another though they sound apart (玉 and 王, 若 and 诺), learnt from the data.

Two names under one valid number that differ in one character of the given name show a slip, or a number borrowed
within a family. Slips repeat, for characters that look alike look alike to everybody; relatives' names do not. What
repeats far oftener than chance would have it is written as one character where names are compared by their sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import duckdb
import pyarrow as pa

from wangge_engine.link.distinct import read_distinct
from wangge_engine.text.names import parse_name

FEWEST = 5  # numbers under which two characters were taken for one another
FAR_OFTENER = 10.0  # than by chance

# ``told``: whole names under valid numbers. Pairs under one number, and how often each character is seen in all names.
_PAIRS = """
WITH told AS (
    SELECT DISTINCT i.number, n.surname, n.given, n.fuzzy
    FROM placed p JOIN identities i ON i.raw = p.id_no JOIN names n ON n.raw = p.name
    WHERE i.valid AND n.kind = 'full' AND n.given IS NOT NULL
), pairs AS (
    SELECT x.given AS a, y.given AS b, x.number FROM told x JOIN told y USING (number, surname)
    WHERE x.given < y.given AND length(x.given) = length(y.given) AND x.fuzzy <> y.fuzzy
), placed_apart AS (
    SELECT number, a, b, list_filter(range(1, length(a) + 1), i -> a[i] <> b[i]) AS places FROM pairs
), slips AS (
    SELECT least(a[places[1]], b[places[1]]) AS one, greatest(a[places[1]], b[places[1]]) AS other,
           count(DISTINCT number) AS n
    FROM placed_apart WHERE len(places) = 1 GROUP BY ALL
), share AS (
    SELECT letter, count(*) / sum(count(*)) OVER () AS of_all
    FROM (SELECT unnest(string_split(given, '')) AS letter FROM told) GROUP BY letter
)
SELECT s.one, s.other, x.of_all, y.of_all
FROM slips s JOIN share x ON x.letter = s.one JOIN share y ON y.letter = s.other
WHERE s.n >= $fewest AND s.n >= $oftener * 2 * x.of_all * y.of_all * (SELECT sum(n) FROM slips)
ORDER BY s.one, s.other
"""
_WRITTEN = """
UPDATE names SET fuzzy = r.fuzzy FROM respelt r WHERE r.raw = concat_ws(' ', names.surname, names.given)
"""


def learn_confused(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Character -> the one of its like that it is read as; from ``placed``, ``identities`` and ``names``."""
    found = con.execute(_PAIRS, {"fewest": FEWEST, "oftener": FAR_OFTENER}).fetchall()
    share = {char: of_all for one, other, x, y in found for char, of_all in ((one, x), (other, y))}
    return _classes([(one, other) for one, other, *_ in found], share)


def _classes(pairs: Iterable[tuple[str, str]], share: Mapping[str, float]) -> dict[str, str]:
    """Each character of a chain of pairs -> the commonest of the chain, itself left out.

    What reads as another loses its own homophones: the fewer, the better.
    """
    kin: dict[str, set[str]] = {}
    for one, other in pairs:
        together = kin.get(one, {one}) | kin.get(other, {other})
        kin.update(dict.fromkeys(together, together))
    read = {char: max(sorted(alike), key=share.__getitem__) for char, alike in sorted(kin.items())}
    return {char: other for char, other in read.items() if char != other}


def sound_of(surname: str, given: str, confused: Mapping[str, str]) -> str:
    """How a name sounds, blurred, with each confused character of the given name read as its like."""
    return parse_name(surname + "".join(confused.get(char, char) for char in given)).fuzzy


def apply_confused(con: duckdb.DuckDBPyConnection, confused: Mapping[str, str]) -> None:
    """Write in ``names`` the sound of names that hold a confused character; leaves table ``confused``."""
    con.execute("CREATE OR REPLACE TABLE confused (letter VARCHAR, read_as VARCHAR)")
    if not confused:
        return
    con.executemany("INSERT INTO confused VALUES (?, ?)", list(confused.items()))
    names = (
        "SELECT n.surname || ' ' || n.given FROM names n"
        " WHERE n.kind = 'full' AND EXISTS (FROM confused c WHERE contains(n.given, c.letter))"
    )
    read_distinct(con, names, "respelt", partial(_respell, confused=dict(confused)), [("fuzzy", pa.string())])
    con.execute(_WRITTEN + " AND names.kind = 'full'")
    con.execute("DROP TABLE respelt")


def confused_in(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What ``apply_confused`` left."""
    return dict(con.execute("SELECT letter, read_as FROM confused").fetchall())


def _respell(text: str, confused: Mapping[str, str]) -> tuple[str]:
    surname, given = text.split(" ")
    return (sound_of(surname, given, confused),)
