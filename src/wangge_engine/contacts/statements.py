"""The analysis as SQL, in words that DuckDB and Spark share after translation; instants are microseconds.

Steps: ``visits`` are index persons' stays, united; ``meetings`` are presence rows that overlap a visit; each has the
rank of the nearest rule it may count for; time is united within each rule; the nearest rule reached gives the row.
"""

from __future__ import annotations

from dataclasses import dataclass

from wangge_engine.contacts.rules import Pack, Rule
from wangge_engine.frame.instants import DAY, MINUTE
from wangge_engine.frame.tables import literal, quote

SEATING = ("seat", "carriage", "row", "compartment", "household_id")
FACTS = ("crew", "carriage", "compartment", "row_no", "bay", "household")
SHORT, LONG = 34, 37  # spans up to 2 ** 34 microseconds (4.8 h), 2 ** 37 (38 h) are met by such parts of time


@dataclass(frozen=True)
class Variant:
    """A rule as it may be told: as it stands, or because something is unknown."""

    kind: str
    rank: int
    rule_id: str
    contact_class: str
    needed: int
    by_day: bool


def variants(pack: Pack) -> list[Variant]:
    """Ranks from near to wide: rule n has rank 2n, and 2n + 1 where something unknown brought it there."""
    found = []
    for kind in pack.kinds:
        doubtful = False
        for number, rule in enumerate(pack.of(kind)):
            least, by_day = round(rule.minutes * MINUTE), rule.counted == "day"
            found.append(Variant(kind, 2 * number, rule.id, rule.contact_class, least, by_day))
            doubtful = doubtful or rule.within != "place" or rule.without_compartments
            if doubtful:
                told = f"{rule.id}{_first_doubt(pack, kind).unknown_suffix}"
                found.append(Variant(kind, 2 * number + 1, told, rule.contact_class, least, by_day))
    return found


def _first_doubt(pack: Pack, kind: str) -> Rule:
    return next(rule for rule in pack.of(kind) if rule.within != "place" or rule.without_compartments)


def facts(crew: tuple[str, ...], seated: bool, side: str = "") -> str:
    """SQL columns: what a row's seating says, read the same way for both who met; nothing where no column is there."""
    if not seated:
        texts = ", ".join(
            f"CAST(NULL AS VARCHAR) AS {name}" for name in ("carriage", "compartment", "household")
        )
        return f"false AS crew, {texts}, CAST(NULL AS INTEGER) AS row_no, CAST(NULL AS INTEGER) AS bay"

    def plain(column: str) -> str:
        return f"nullif(upper(trim({side}{quote(column)})), '')"

    def number_or_text(column: str, suffix: str) -> str:
        bare = f"regexp_replace({plain(column)}, '{suffix}', '')"
        return (
            f"CASE WHEN regexp_matches({bare}, '^[0-9]{{1,9}}$')"
            f" THEN CAST(CAST({bare} AS BIGINT) AS VARCHAR) ELSE {bare} END"
        )

    words = ", ".join(literal(word) for word in crew) or "NULL"
    is_crew = " OR ".join(
        f"coalesce({plain(c)} IN ({words}), false)" for c in ("seat", "row", "compartment", "carriage")
    )
    own = f"regexp_extract({plain('row')}, '^([0-9]{{1,4}})(ROW|排)?$', 1)"
    from_seat = f"regexp_extract({plain('seat')}, '^([0-9]{{1,3}})(排)?-?[A-Z](座|号)?$', 1)"
    row_no = f"CAST(coalesce(nullif({own}, ''), nullif({from_seat}, '')) AS INTEGER)"
    compartment = number_or_text("compartment", "(号?包厢|号?包间|号)$")
    bay = (
        f"coalesce(CASE WHEN regexp_matches({compartment}, '^[0-9]{{1,9}}$')"
        f" THEN CAST({compartment} AS INTEGER) END, CAST(floor(({row_no} + 1) / 2) AS INTEGER))"
    )
    not_crew = f"{plain('carriage')} IN ({words})"
    return (
        f"({is_crew}) AS crew,"
        f" CASE WHEN {not_crew} THEN NULL ELSE {number_or_text('carriage', '(号?车厢|号车|车|号)$')} END AS carriage,"
        f" CASE WHEN {plain('compartment')} IN ({words}) THEN NULL ELSE {compartment} END AS compartment,"
        f" {row_no} AS row_no, {bay} AS bay, {plain('household_id')} AS household"
    )


def _compared(column: str, same: str, neither: int) -> str:
    """2 same, 1 nobody can tell, 0 other; ``neither`` where both rows are silent."""
    a, b = f"a_{column}", column
    return (
        f"CASE WHEN {a} IS NULL AND {b} IS NULL THEN {neither} WHEN {a} IS NULL OR {b} IS NULL THEN 1"
        f" WHEN {same} THEN 2 ELSE 0 END"
    )


_CARRIAGE = _compared("carriage", "a_carriage = carriage", 2)  # no carriage on either side: there are none


def holds(rule: Rule) -> str:
    """SQL: 2 the rule's geometry holds, 1 nobody can tell, 0 it does not; ``a_``: of the index person."""
    if rule.within == "place":
        told = "2"
    elif rule.within == "household":
        told = _compared("household", "a_household = household", 2)
    elif rule.within == "carriage":
        told = _compared("carriage", "a_carriage = carriage", 1)
    elif rule.within == "crew":
        told = f"CASE WHEN a_crew OR crew THEN {_CARRIAGE} ELSE 0 END"
    else:
        column, same = {
            "compartment": ("compartment", "a_compartment = compartment"),
            "bay": ("bay", f"abs(a_bay - bay) <= {rule.reach}"),
            "rows": ("row_no", f"abs(a_row_no - row_no) <= {rule.reach}"),
        }[rule.within]
        seats = _compared(column, same, 0 if rule.open_without else 1)
        told = f"CASE WHEN a_crew OR crew THEN 0 ELSE least({_CARRIAGE}, {seats}) END"
    if rule.without_compartments:
        told = f"CASE WHEN a_compartment IS NOT NULL AND compartment IS NOT NULL THEN 0 ELSE {told} END"
    return told


def rank(pack: Pack) -> str:
    """SQL: the rank of the nearest rule a meeting may count for; missing where none holds."""
    kinds = []
    for kind in pack.kinds:
        rules = pack.of(kind)
        if rules[0].within == "place" and not rules[0].without_compartments:
            kinds.append(f"WHEN {literal(kind)} THEN 0")
            continue
        states = [f"({holds(rule)})" for rule in rules]
        whens = []
        for number, state in enumerate(states):
            doubts = " OR ".join(f"{before} = 1" for before in states[:number])
            chosen = f"CASE WHEN {doubts} THEN {2 * number + 1} ELSE {2 * number} END" if doubts else str(0)
            whens.append(f"WHEN {state} = 2 THEN {chosen}")
        for number in reversed(range(len(states))):
            whens.append(f"WHEN {states[number]} = 1 THEN {2 * number + 1}")
        kinds.append(f"WHEN {literal(kind)} THEN CASE {' '.join(whens)} END")
    return f"CASE place_kind {' '.join(kinds)} END"


ROWS_APART = f"CASE WHEN {_CARRIAGE} <> 0 THEN abs(a_row_no - row_no) END"


def united(keys: str, source: str, others: str = "") -> str:
    """SQL: spans s to e of equal ``keys`` that overlap or touch become one; ``others`` are aggregates to carry."""
    return f"""
    SELECT {keys}, min(s) AS s, max(e) AS e{others}
    FROM (SELECT *, sum(fresh) OVER (PARTITION BY {keys} ORDER BY s, e
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
          FROM (SELECT *, CASE WHEN s <= max(e) OVER (PARTITION BY {keys} ORDER BY s, e
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS fresh
                FROM {source}) opened) numbered
    GROUP BY {keys}, island"""


def visits(presence: str, pack: Pack, seated: bool) -> str:
    """Index persons' stays while infectious, united, with what their seating says. ``presence`` is SQL for their rows.

    ``spot`` numbers the index person and the place: what follows carries one number in place of three texts.
    """
    seen = f"""
    (SELECT w.person_id, p.place_id, p.place_kind, greatest(p.s, w.low) AS s, least(p.e, w.high) AS e,
            {facts(pack.crew, seated, "p.")}
     FROM ({presence}) p JOIN windows w ON p.person_id = w.person_id AND p.s < w.high AND p.e > w.low AND p.e > p.s
     WHERE p.place_kind IN ({", ".join(map(literal, pack.kinds))})) seen"""
    whole = united(f"person_id, place_id, place_kind, {', '.join(FACTS)}", seen)
    numbers = " ".join(f"WHEN {literal(kind)} THEN {number}" for number, kind in enumerate(pack.kinds))
    return (
        "SELECT *, dense_rank() OVER (ORDER BY person_id, place_id, place_kind) AS spot,"
        f" CASE place_kind {numbers} END AS kind FROM ({whole}) stays"
    )


SPOTS = "SELECT DISTINCT spot, person_id AS index_person_id, place_id, place_kind FROM visits"


def slot(start: str, end: str) -> str:
    """SQL: the one slot in which a presence row is looked up: by its first hours, its first days, or by place alone."""
    return (
        f"CASE WHEN {end} - {start} <= {1 << SHORT} THEN 4 * ({start} >> {SHORT})"
        f" WHEN {end} - {start} <= {1 << LONG} THEN 4 * ({start} >> {LONG}) + 1 ELSE 2 END"
    )


def slots() -> str:
    """SQL: every slot in which a row that overlaps a visit may be looked up."""
    parts = []
    for number, width in enumerate((SHORT, LONG)):
        parts.append(
            f"SELECT * EXCLUDE (part), 4 * part + {number} AS slot"
            f" FROM (SELECT *, unnest(generate_series((s >> {width}) - 1, e >> {width})) AS part FROM visits) parted"
        )
    parts.append("SELECT *, CAST(2 AS BIGINT) AS slot FROM visits")
    return " UNION ALL ".join(parts)


def meetings(presence: str, pack: Pack, *, seated: bool, extra: int) -> str:
    """Presence rows that overlap a visit: with whom, when, at what rank and distance."""
    others = "".join(f", x{at}" for at in range(extra))
    theirs = ", ".join(f"a.{name} AS a_{name}" for name in FACTS)
    seating = "".join(f", p.{quote(name)}" for name in SEATING) if seated else ""
    met = f"""
    SELECT a.spot, a.kind, {theirs}, p.person_id, p.place_kind, a.place_kind AS a_place_kind{seating},
           greatest(p.s, a.s) AS s, least(p.e, a.e) AS e{others.replace(" x", " p.x")}
    FROM ({presence}) p JOIN slots a
      ON p.place_id = a.place_id AND {slot("p.s", "p.e")} = a.slot
     AND p.s < a.e AND p.e > a.s AND p.person_id <> a.person_id"""
    # Asked of the few that met: as a plain condition it would become a key, hashed for every row of the table.
    same = (
        "CASE WHEN place_kind = a_place_kind THEN e > s AND CAST(person_id AS VARCHAR) <> '' ELSE false END"
    )
    return f"""
    SELECT spot, kind, person_id, s, e, {rank(pack)} AS rank, {ROWS_APART} AS apart{others}
    FROM (SELECT spot, kind, person_id, place_kind, s, e, {", ".join(f"a_{name}" for name in FACTS)},
                 {facts(pack.crew, seated)}{others}
          FROM ({met}) met WHERE {same}) seated"""


def counted(pack: Pack, extra: int, day_of: str) -> str:
    """The rows of the output: for each pair and place the nearest rule that is reached, with the minutes that count.

    ``day_of``: SQL with ``{0}``, the local day of an instant. A pair that met once needs no uniting: most are such, and
    a number of the pair is enough to find the others (two pairs of one number are looked at with them).
    """
    pair = "spot, person_id, kind"
    # The earliest row's other columns: one value in order of time, then of the texts, so that both engines agree.
    packed, first = "", ""
    if extra:
        texts = ", ".join(f"x{at} := coalesce(x{at}, '')" for at in range(extra))
        packed = f", struct_pack(s := s, e := e, {texts}) AS earliest"
        first = ", min(earliest) AS earliest"
    kept = ", earliest" if extra else ""
    daily = [
        number for number, kind in enumerate(pack.kinds) if any(one.counted == "day" for one in pack.of(kind))
    ]
    cut = "false"
    if daily:
        cut = (
            f"(kind IN ({', '.join(map(str, daily))}) AND {day_of.format('s')} <> {day_of.format('(e - 1)')})"
        )
    told = "".join(f", nullif(earliest.x{at}, '') AS x{at}" for at in range(extra))
    spread = f"""(SELECT m.spot, m.person_id, m.kind, v.rank, m.s, m.e, m.apart{kept.replace(" e", " m.e")}
      FROM several m JOIN variants v ON v.number = m.kind AND v.rank >= m.rank) spread"""
    stays = united(f"{pair}, rank", spread, f", min(apart) AS apart{first}")
    sums = f"min(s) AS s, max(e) AS e, min(apart) AS apart{first}"
    single = f"""
      SELECT {pair}, rank, CAST(sum(e - s) AS BIGINT) AS lasted, {sums}
      FROM (SELECT t.* FROM stays t JOIN variants v ON v.number = t.kind AND v.rank = t.rank
            WHERE NOT v.by_day AND t.e - t.s >= v.needed) single GROUP BY {pair}, rank"""
    by_day = f"""
      SELECT {pair}, rank, CAST(sum(lasted) AS BIGINT) AS lasted, {sums}
      FROM (SELECT {pair}, rank, day, max(needed) AS needed, CAST(sum(e - s) AS BIGINT) AS lasted, {sums}
            FROM (SELECT t.spot, t.person_id, t.kind, t.rank, d.day, v.needed,
                         greatest(t.s, d.s) AS s, least(t.e, d.e) AS e, t.apart{kept.replace(" e", " t.e")}
                  FROM (SELECT *, unnest(generate_series(CAST(floor(s / {DAY}) AS BIGINT) - 1,
                                                         CAST(floor(e / {DAY}) AS BIGINT) + 1)) AS day
                        FROM stays) t
                  JOIN variants v ON v.number = t.kind AND v.rank = t.rank
                  JOIN days d ON d.day = t.day
                  WHERE v.by_day AND t.s < d.e AND t.e > d.s) cut
            GROUP BY {pair}, rank, day) days_of
      WHERE lasted >= needed GROUP BY {pair}, rank"""
    reached = f"{single} UNION ALL {by_day}" if daily else single
    return f"""
    WITH ranked AS (SELECT {pair}, s, e, rank, apart, hash(spot, person_id) AS number, {cut} AS cut{packed}
                    FROM meetings WHERE rank IS NOT NULL),
    again AS (SELECT number FROM ranked GROUP BY number HAVING count(*) > 1),
    several AS (SELECT m.* FROM ranked m LEFT JOIN again t ON t.number = m.number
                WHERE t.number IS NOT NULL OR m.cut),
    stays AS ({stays}),
    reached AS ({reached}),
    every AS (
      SELECT spot, person_id, {_reached_at_once(pack)} AS rank, e - s AS lasted, s, e, apart{kept}
      FROM (SELECT m.* FROM ranked m LEFT JOIN again t ON t.number = m.number
            WHERE t.number IS NULL AND NOT m.cut) once
      UNION ALL
      SELECT spot, person_id, rank, lasted, s, e, apart{kept}
      FROM (SELECT *, row_number() OVER (PARTITION BY {pair} ORDER BY rank) AS nearest FROM reached) ranked
      WHERE nearest = 1)
    SELECT spot, person_id, rank, lasted, s, e, apart{told} FROM every WHERE rank IS NOT NULL"""


def _reached_at_once(pack: Pack) -> str:
    """SQL: the nearest rule that one stay from s to e reaches, whose geometry allows ``rank`` and wider."""
    kinds = []
    for number, kind in enumerate(pack.kinds):
        own = [one for one in variants(pack) if one.kind == kind]
        whens = " ".join(f"WHEN rank <= {one.rank} AND e - s >= {one.needed} THEN {one.rank}" for one in own)
        kinds.append(f"WHEN {number} THEN CASE {whens} END")
    return f"CASE kind {' '.join(kinds)} END"
