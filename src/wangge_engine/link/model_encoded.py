"""The model for encoded persons: the comparisons of the Chinese model, as far as keyed tokens can answer them.

Two names are the same if they agree in any token that holds the name; otherwise a filter with an agreeing salt tells
how alike they are. Telephone and door are one comparison, as in the open model.
"""

from __future__ import annotations

from wangge_engine.link.model import Comparison, Level, Model
from wangge_engine.link.model_zh import both

_WITH_NAME = ("name_birth", "name_phone", "name_door", "name_head", "name_tail")
_SAME_NAME = "(" + " OR ".join(both(c) for c in _WITH_NAME) + ")"
# Filters that may be compared, each with the token that proves the salt equal.
_NAME_FILTERS = (
    ("name_by_number", "number"),
    ("name_by_birth_phone", "birth_phone"),
    ("name_by_birth_door", "birth_door"),
)


def _common(column: str) -> str:
    return f"CAST(bit_count({column}_l & {column}_r) AS INTEGER)"


def _alike(share: float) -> str:
    """Dice over some comparable pair of name filters is at least this."""
    return "(" + " OR ".join(
        f"({both(salt)} AND 2 * {_common(c)} >= {share} * ({c}_bits_l + {c}_bits_r))" for c, salt in _NAME_FILTERS
    ) + ")"  # fmt: skip


_PART = "(" + " OR ".join(
    f"({both(salt)} AND {_common(c)} = least({c}_bits_l, {c}_bits_r) AND least({c}_bits_l, {c}_bits_r) >= 12)"
    for c, salt in _NAME_FILTERS
) + ")"  # fmt: skip
_NO_NAME = (
    f"NOT coalesce({_SAME_NAME}, false) AND NOT ("
    + " OR ".join(
        f"coalesce({both(salt)} AND {c}_l IS NOT NULL AND {c}_r IS NOT NULL, false)"
        for c, salt in _NAME_FILTERS
    )
    + ")"
)
_TWO_BIRTHS = "(birth_by_name_l IS NOT NULL AND birth_by_name_r IS NOT NULL)"
_SAME_BIRTH = f"({both('name_birth')} OR {both('birth_phone')} OR {both('birth_door')})"
_NEAR_BIRTH = f"2 * {_common('birth_by_name')} >= 0.42 * (birth_by_name_bits_l + birth_by_name_bits_r)"
_SAME_PHONE = f"({both('name_phone')} OR {both('birth_phone')})"
_SAME_DOOR = f"({both('name_door')} OR {both('birth_door')})"
_TWO_NUMBERS = "(number_kind_l <> 'none' AND number_kind_r <> 'none')"
_SURE_NUMBERS = "(number_kind_l = 'ok' AND number_kind_r = 'ok')"

NAME = Comparison(
    "name",
    _NO_NAME,
    (
        Level("same", _SAME_NAME, 0.96, 1e-4),
        Level("swapped", _alike(0.95), 0.01, 1e-5),
        Level("shortened", _PART, 0.005, 2e-5),
        Level("alike", _alike(0.62), 0.015, 4e-3),
        Level("different", "ELSE", 0.01, 0.995),
    ),
)
NUMBER = Comparison(
    "id_no",
    f"NOT {_TWO_NUMBERS}",
    (
        Level("same", both("number"), 0.95, 1e-8),
        Level("near", f"NOT {_SURE_NUMBERS} AND ({both('name_head')} OR {both('name_tail')})", 0.03, 2e-5),
        Level("doubtful", f"NOT {_SURE_NUMBERS}", 0.01, 0.03),
        Level("different", "ELSE", 0.001, 0.97),
    ),
)
BIRTH = Comparison(
    "birth",
    f"NOT coalesce({_SAME_BIRTH}, false) AND NOT ({_TWO_BIRTHS} AND coalesce({_SAME_NAME}, false))",
    (
        Level("same", _SAME_BIRTH, 0.975, 4e-5),
        Level("near", _NEAR_BIRTH, 0.015, 0.03),
        Level("different", "ELSE", 0.01, 0.97),
    ),
)
HOME = Comparison(
    "home",
    "NOT (has_phone_l AND has_phone_r) AND NOT (has_door_l AND has_door_r)",
    (
        Level("same_phone_and_door", f"{_SAME_PHONE} AND {_SAME_DOOR}", 0.45, 1e-6),
        Level("same_phone", _SAME_PHONE, 0.25, 2e-6),
        Level("same_door", _SAME_DOOR, 0.2, 3e-6),
        Level("different", "ELSE", 0.1, 0.999),
    ),
)
MODEL = Model(
    comparisons=(NAME, NUMBER, BIRTH, HOME),
    blocking=(
        "l.number = r.number",
        *(f"l.{c} = r.{c}" for c in _WITH_NAME),
        "l.birth_phone = r.birth_phone",
        "l.birth_door = r.birth_door",
    ),
    training=(
        ("l.number = r.number", ("name", "birth", "home")),
        ("l.name_phone = r.name_phone", ("birth",)),
    ),
    sure=("l.number = r.number", "l.name_birth = r.name_birth"),
    sure_recall=0.7,
    alike="coalesce(number, name_birth, name_phone, CAST(uid AS VARCHAR))",
    veto=(
        f"{NAME.among('different')}"
        f" OR ({NAME.among('alike')} AND NOT {NUMBER.among('same', 'near')})"
        # one name and birth under two numbers: twins have two names, namesakes have one
        f" OR {NUMBER.among('different')}"
    ),
    exclusive=("number",),
    sample_rows=0,  # tokens of strangers cannot be compared: u stays as it is written
)
