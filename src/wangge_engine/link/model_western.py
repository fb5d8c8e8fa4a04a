"""The model for given name and surname data: made for the columns that are there and the size of the set."""

from __future__ import annotations

import duckdb

from wangge_engine.link.model import Comparison, Level, Model
from wangge_engine.link.model_zh import both, either_missing

LARGEST_BLOCK_RULE = 2_000_000  # pairs; a rule that gives more is narrowed or left out


def _text(name: str, u: float, term: bool = True) -> Comparison:
    jw = f"jaro_winkler_similarity({name}_l, {name}_r)"
    return Comparison(
        name,
        either_missing(name),
        (
            Level("same", both(name), 0.75, u, name if term else None),
            Level("near", f"damerau_levenshtein({name}_l, {name}_r) <= 1 OR {jw} >= 0.93", 0.12, 2 * u),
            Level("alike", f"{jw} >= 0.83", 0.05, 6 * u),
            Level("different", "ELSE", 0.08, 1 - 9 * u),
        ),
    )


def _digits(name: str, u: float, term: bool = False) -> Comparison:
    distance = f"damerau_levenshtein({name}_l, {name}_r)"
    return Comparison(
        name,
        either_missing(name),
        (
            Level("same", both(name), 0.85, u, name if term else None),
            Level("one_digit", f"{distance} <= 1", 0.07, 20 * u),
            Level("two_digits", f"{distance} <= 2", 0.03, 200 * u),
            Level("different", "ELSE", 0.05, 1 - 221 * u),
        ),
    )


def _name() -> tuple[Comparison, ...]:
    swapped = "given_name_l = surname_r AND surname_l = given_name_r"
    given, surname = _text("given_name", 0.004), _text("surname", 0.003)
    same, *others = given.levels
    with_swap = Comparison(
        given.name,
        given.missing,
        (
            Level("swapped", f"{swapped} AND given_name_l <> given_name_r", 0.01, 1e-5),
            same,
            Level("pet_name", "list_has_any(forms_l, forms_r)", 0.05, 0.02),
            *others,
        ),
    )
    surname_missing = f"({surname.missing}) OR ({swapped})"
    return with_swap, Comparison(surname.name, surname_missing, surname.levels)


def _other_parts() -> Comparison:
    """Words of the whole name that agree beside given name and surname: middle names, seats, a maiden name."""
    rare = "len(list_intersect(parts_rare_l, parts_rare_r))"
    own = "CASE WHEN surname_l = surname_r AND list_contains(parts_rare_l, surname_l) THEN 1 ELSE 0 END"
    given = (
        "CASE WHEN given_name_l = given_name_r AND list_contains(parts_rare_l, given_name_l)"
        " AND given_name_l <> surname_l THEN 1 ELSE 0 END"
    )
    every = "len(list_intersect(parts_l, parts_r))"
    counted = (
        "CASE WHEN surname_l = surname_r THEN 1 ELSE 0 END"
        " + CASE WHEN given_name_l = given_name_r AND given_name_l <> surname_l THEN 1 ELSE 0 END"
    )
    return Comparison(
        "parts",
        "(least(len(parts_l), len(parts_r)) < 2 OR greatest(len(parts_l), len(parts_r)) < 3)",
        (
            Level("two_rare", f"{rare} - ({own}) - ({given}) >= 2", 0.1, 1e-6),
            Level("rare", f"{rare} - ({own}) - ({given}) >= 1", 0.2, 2e-4),
            Level("common", f"{every} - ({counted}) >= 1", 0.3, 0.05),
            Level("none", "ELSE", 0.4, 0.95),
        ),
    )


def _birth() -> Comparison:
    """A birth date of eight digits: the year alone is often known (written as 1 January), or a digit slips."""
    distance = "damerau_levenshtein(birth_l, birth_r)"
    return Comparison(
        "birth",
        either_missing("birth"),
        (
            Level("same", both("birth"), 0.85, 4e-5, "birth"),
            Level("one_digit", f"{distance} <= 1", 0.05, 8e-4),
            Level(
                "same_year_only",
                f"{both('birth_year')} AND (birth_l[5:8] = '0101' OR birth_r[5:8] = '0101')",
                0.02,
                0.001,
            ),
            Level("two_digits", f"{distance} <= 2", 0.03, 0.008),
            Level("same_day", "birth_l[5:8] = birth_r[5:8]", 0.01, 0.002),
            Level("same_year", both("birth_year"), 0.01, 0.008),
            Level("different", "ELSE", 0.03, 0.98),
        ),
    )


def _postcode() -> Comparison:
    distance = "damerau_levenshtein(postcode_l, postcode_r)"
    return Comparison(
        "postcode",
        either_missing("postcode"),
        (
            Level("same", both("postcode"), 0.8, 0.001, "postcode"),
            Level("one_digit", f"{distance} <= 1", 0.07, 0.005),
            Level("same_area", both("area"), 0.05, 0.005),
            Level("two_digits", f"{distance} <= 2", 0.03, 0.05),
            Level("different", "ELSE", 0.05, 0.94),
        ),
    )


def _filled(con: duckdb.DuckDBPyConnection, column: str) -> bool:
    told = "CASE WHEN len(parts) > 2 THEN 1 END" if column == "parts" else column
    found = con.execute(f"SELECT count({told}) * 20 > count(*) FROM records").fetchone()
    return bool(found and found[0])


def make_model(con: duckdb.DuckDBPyConnection) -> Model:
    """The model for the columns of ``records`` that are filled in at least one row of twenty."""
    comparisons = [
        c
        for c in (
            *_name(),
            _other_parts(),
            _birth(),
            _digits("id_no", 1e-6),
            _text("address_1", 0.001),
            _text("suburb", 0.002),
            _postcode(),
            _digits("street_number", 0.002),
            _text("birth_place", 0.02),
            _text("occupation", 0.03),
            _text("email", 1e-5, term=False),
            _digits("phone", 1e-5),
        )
        if _filled(con, c.name)
    ]
    have = {c.name for c in comparisons}
    return Model(
        comparisons=tuple(comparisons),
        blocking=tuple(_rules(con, have)),
        training=tuple(
            (f"l.{column} = r.{column}", tuple(have - {column}))
            for column in ("id_no", "birth", "postcode", "surname")
            if column in have
        )[:2],
        sure=tuple(
            " AND ".join(f"l.{c} = r.{c}" for c in rule)
            for rule in (("id_no",), ("given_name", "surname", "birth"), ("both_names", "postcode"))
            if set(rule) <= have | {"both_names"}
        ),
        sure_recall=0.7,
        alike="coalesce(id_no, both_names || coalesce(birth, postcode), CAST(uid AS VARCHAR))",
        average=0.0,
        sample_rows=700,  # string distances on ten fields are dear
    )


def _rules(con: duckdb.DuckDBPyConnection, have: set[str]) -> list[str]:
    """Blocking rules from wide to narrow: a single column where its blocks are small, pairs of columns else."""
    singles = [
        c
        for c in (
            "id_no",
            "birth",
            "both_names",
            "email",
            "phone",
            "surname",
            "given_name",
            "postcode",
            "address_1",
            "rarest",
            "second_rarest",
            "form",
            "area",
            "birth_place",
            "birth_year",
        )
        if c in have | {"both_names", "rarest", "second_rarest", "form", "area", "birth_year"}
    ]
    wide = [c for c in singles if _pairs(con, (c,)) <= LARGEST_BLOCK_RULE]
    narrow = [c for c in singles if c not in wide]
    rules = [f"l.{c} = r.{c}" for c in wide]
    for i, a in enumerate(narrow):
        for b in narrow[i + 1 :]:
            if _pairs(con, (a, b)) <= LARGEST_BLOCK_RULE:
                rules.append(f"l.{a} = r.{a} AND l.{b} = r.{b}")
    return rules


def _pairs(con: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> int:
    present = " AND ".join(f"{c} IS NOT NULL" for c in columns)
    found = con.execute(
        f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT count(*) AS n FROM records WHERE {present}"
        f" GROUP BY {', '.join(columns)})"
    ).fetchone()
    return int(found[0]) if found else 0
