"""The model for persons in China: name, number, birth, sex, and home (telephone and address together).

Telephone and address are one comparison because they are facts of a family: counted apart, two of them
outweigh a different given name and merge brothers.
"""

from __future__ import annotations

from wangge_engine.link.model import Comparison, Level, Model


def both(column: str) -> str:
    return f"{column}_l = {column}_r"


def either_missing(column: str) -> str:
    return f"({column}_l IS NULL OR {column}_r IS NULL)"


_ONE_SIDE_PARTIAL = "(name_kind_l = 'partial' OR name_kind_r = 'partial')"
_NEAR_NUMBER = "damerau_levenshtein(id_number_l, id_number_r) <= 1"
_DAYS = "abs(date_diff('day', CAST(birth_l AS DATE), CAST(birth_r AS DATE)))"
# Age by the calendar or by the count of years lived in (虚岁), 2000 beside 1999: a year off, in the same month.
_YEAR_OFF = (
    "(birth_l[6:7] = birth_r[6:7] AND abs(CAST(birth_l[1:4] AS INTEGER) - CAST(birth_r[1:4] AS INTEGER)) = 1)"
)
_SAME_DOOR = "(door_l = door_r AND (unit_l IS NULL OR unit_r IS NULL OR unit_l = unit_r))"
_SAME_BUILDING = "(place_l = place_r AND building_l IS NOT DISTINCT FROM building_r)"
# A door one typing error away. The neighbour's door is one too, so this is weaker than it looks.
_NEAR_DOOR = (
    f"({_SAME_BUILDING} AND (unit_l IS NULL OR unit_r IS NULL OR unit_l = unit_r)"
    " AND length(room_l) = length(room_r) AND damerau_levenshtein(room_l, room_r) <= 1)"
)
_BUILDING_ONLY = f"({_SAME_BUILDING} AND (room_l IS NULL OR room_r IS NULL))"
_PREFIX = (
    "((length(name_l) >= 4 OR length(name_r) >= 4) AND least(length(pinyin_l), length(pinyin_r)) >= 4"
    " AND (starts_with(fuzzy_l, fuzzy_r) OR starts_with(fuzzy_r, fuzzy_l)))"
)
_SWAPPED = (
    "(length(name_l) = length(name_r)"
    " AND list_sort(string_split(name_l, '')) = list_sort(string_split(name_r, '')))"
)
# Databases count bytes, three to a Chinese character; a sketch has one for each character.
_ONE_CHARACTER = (
    "(greatest(length(sketch_l), length(sketch_r)) >= 3 AND levenshtein(sketch_l, sketch_r) <= 1)"
)
# One character of five or more: siblings and twins differ in more of so long a name.
_SLIP_IN_LONG = (
    "(least(length(sketch_l), length(sketch_r)) >= 5 AND name_kind_l <> 'latin' AND name_kind_r <> 'latin'"
    " AND levenshtein(sketch_l, sketch_r) <= 1)"
)
_WHOLE_GIVEN = "(given_l = given_r AND length(given_l) >= 2)"

_SAME_NUMBER = "id_number_l = id_number_r AND id_ok_l IS NOT NULL AND id_ok_r IS NOT NULL"
_SAME_START = "id_number_l[1:14] = id_number_r[1:14]"  # place and birth date; the rest lost or mistyped

NAME = Comparison(
    "name",
    "name_l IS NULL OR name_r IS NULL",
    (
        Level("same", both("name") + " AND pinyin_l IS NOT NULL", 0.95, 5e-5, "name"),
        Level("same_sound", both("pinyin"), 0.02, 1e-4, "pinyin"),
        Level("near_sound", both("fuzzy"), 0.008, 1e-4, "fuzzy"),
        Level("former", "(former_l = fuzzy_r OR fuzzy_l = former_r)", 0.002, 2e-6),
        Level("shortened", _PREFIX, 0.004, 5e-5),
        Level("swapped", _SWAPPED, 0.001, 2e-5),
        Level("same_surname_only_given", f"{_ONE_SIDE_PARTIAL} AND {both('initial')}", 0.01, 0.03, "surname"),
        Level("slip_in_long", _SLIP_IN_LONG, 0.001, 2e-5),
        Level("other_surname", _WHOLE_GIVEN, 0.001, 1e-4),
        Level("one_character", _ONE_CHARACTER, 0.004, 2e-3),
        Level("same_given", both("given"), 0.002, 5e-3),
        Level("same_surname", both("surname"), 0.001, 0.03),
        Level("different", "ELSE", 0.002, 0.97),
    ),
)
NUMBER = Comparison(
    "id_no",
    either_missing("id_number"),
    (
        Level("same_renamed", f"{_SAME_NUMBER} AND solid_l AND solid_r AND fuzzy_l <> fuzzy_r", 0.001, 1e-9),
        Level("same", _SAME_NUMBER, 0.95, 1e-8),
        Level("same_doubtful", both("id_number"), 0.01, 1e-6),
        Level("near", f"NOT (id_valid_l AND id_valid_r) AND {_NEAR_NUMBER}", 0.025, 1e-7),
        Level("same_start", f"NOT (id_valid_l AND id_valid_r) AND {_SAME_START}", 0.01, 1e-6),
        Level("doubtful", "NOT (id_valid_l AND id_valid_r) OR id_borrowed_l OR id_borrowed_r", 0.01, 0.02),
        Level("different", "ELSE", 0.001, 0.98),
    ),
)
BIRTH = Comparison(
    "birth",
    either_missing("birth"),
    (
        Level("same", both("birth"), 0.975, 4e-5),
        Level(
            "same_year_day_or_month",
            "birth_l[1:4] = birth_r[1:4] AND (birth_l[6:7] = birth_r[6:7] OR birth_l[9:10] = birth_r[9:10]"
            " OR birth_l[6:10] = '01-01' OR birth_r[6:10] = '01-01'"
            " OR (birth_l[6:7] = birth_r[9:10] AND birth_l[9:10] = birth_r[6:7]))",
            0.008,
            0.0018,
        ),
        Level("lunar", f"{_DAYS} BETWEEN 17 AND 53", 0.005, 0.0012),
        Level("one_digit", "damerau_levenshtein(birth_l, birth_r) = 1", 0.006, 0.004),
        Level("year_off", _YEAR_OFF, 0.001, 0.002),
        Level("same_year", "birth_l[1:4] = birth_r[1:4]", 0.002, 0.012),
        Level("different", "ELSE", 0.004, 0.981),
    ),
)
SEX = Comparison(
    "sex",
    either_missing("sex"),
    (Level("same", both("sex"), 0.995, 0.5), Level("different", "ELSE", 0.005, 0.5)),
)
HOME = Comparison(
    "home",
    f"{either_missing('phone_key')} AND {either_missing('place')}",
    (
        Level("same_door_other_generation", f"{_SAME_DOOR} AND generation_l <> generation_r", 0.003, 1e-6),
        Level("same_phone_and_door", f"{both('phone_key')} AND {_SAME_DOOR}", 0.45, 1e-6),
        Level("same_phone", both("phone_key"), 0.25, 2e-6),
        Level("same_door", _SAME_DOOR, 0.2, 3e-6),
        Level("near_door", _NEAR_DOOR, 0.015, 2e-5),
        Level("building_without_room", _BUILDING_ONLY, 0.005, 5e-4),
        Level("same_place", both("place"), 0.015, 5e-3),
        Level("different", "ELSE", 0.07, 0.994),
    ),
)
# A family shares telephone, door and surname; twins share the birth date too. Only a number tells them apart.
_OTHER_GIVEN_NAME = NAME.among("one_character", "same_given", "same_surname")
_OTHER_SURNAME = NAME.among("slip_in_long", "other_surname")  # the other parent's name now, or a slip
_OTHER_NAME = NAME.among("different")  # one number under two unlike names: a person must look

# A namesake next door is as likely as a slip in the room number: something else must agree.
_FIRM = (
    f"({NUMBER.among('same_renamed', 'same', 'same_doubtful', 'near', 'same_start')}"
    f" OR {BIRTH.among('same', 'same_year_day_or_month', 'lunar', 'one_digit')})"
)
_SURE = f"({NUMBER.among('same_renamed', 'same', 'same_doubtful', 'near', 'same_start')} OR {BIRTH.among('same')})"
# Head of the household and child at one door are a father and a son of one name, unless something else agrees.
_LOOSE_HOME = HOME.among("same_door_other_generation", "near_door", "same_place")
_AT_HOME = HOME.among("same_phone_and_door", "same_phone", "same_door")
# Years are miscounted: the age by the calendar or by the years lived in, or the first of January for the whole year.
_AGE_OFF = BIRTH.among("same_year_day_or_month", "one_digit", "year_off")
# A name alone, or with a birth date that is not quite the same, however rare, must be surer than a name with something
# beside it: such pairs are weighed with all that is known of the people (`namesakes`).
BARE_NAME_BITS = 5.0
# Not the birth read from a number that fails its check: a typing error there is worth decades. Nor a first of January
# that no number confirms: whoever wrote it knew the year only.
_FIRM_BIRTH = (
    "CASE WHEN id_ok IS NOT NULL OR own_birth NOT LIKE '%-01-01'"
    " THEN date_diff('day', DATE '1900-01-01', TRY_CAST(birth AS DATE)) END"
)
_RENAMED = " AND (l.former IS NOT NULL OR r.former IS NOT NULL)"
_SHORTENED_ON_ONE_PHONE = (
    "l.name[1:2] = r.name[1:2] AND l.phone_key = r.phone_key"
    " AND (l.name_kind = 'transliterated' OR r.name_kind = 'transliterated')"
)

MODEL = Model(
    comparisons=(NAME, NUMBER, BIRTH, SEX, HOME),
    blocking=(
        "l.id_number = r.id_number",
        "l.fuzzy = r.fuzzy AND l.birth_year = r.birth_year",
        "l.fuzzy = r.fuzzy AND l.phone_key = r.phone_key",
        "l.fuzzy = r.fuzzy AND l.id_head = r.id_head",
        "l.fuzzy = r.fuzzy AND l.id_tail = r.id_tail",
        "l.rare_name = r.rare_name",
        "l.fuzzy = r.fuzzy AND l.place = r.place",
        _SHORTENED_ON_ONE_PHONE,
        "l.birth = r.birth AND l.phone_key = r.phone_key",
        "l.birth = r.birth AND l.door = r.door",
        "l.initial = r.initial AND l.phone_key = r.phone_key"
        " AND (l.name_kind = 'partial' OR r.name_kind = 'partial')",
        "l.initial = r.initial AND l.door = r.door AND (l.name_kind = 'partial' OR r.name_kind = 'partial')",
        "l.old_name = r.old_name AND l.birth_year = r.birth_year" + _RENAMED,
        "l.old_name = r.old_name AND l.phone_key = r.phone_key" + _RENAMED,
        "l.old_name = r.old_name AND l.door = r.door" + _RENAMED,
    ),
    training=(
        ("l.id_ok = r.id_ok AND l.birth = r.birth", ("name", "sex", "home")),
        ("l.pinyin = r.pinyin AND l.phone_key = r.phone_key", ("birth",)),
    ),
    sure=("l.id_ok = r.id_ok", "l.pinyin = r.pinyin AND l.birth = r.birth AND l.phone_key = r.phone_key"),
    sure_recall=0.6,
    alike="coalesce(id_number, pinyin || coalesce(birth, phone_key, door), CAST(uid AS VARCHAR))",
    veto=(
        f"({_OTHER_SURNAME} AND NOT {NUMBER.among('same_renamed', 'same', 'near')}"
        f" AND NOT ({BIRTH.among('same')} AND {_AT_HOME}))"
        f" OR ({_OTHER_NAME} AND NOT {NUMBER.among('same_renamed')})"
        f" OR ({_OTHER_GIVEN_NAME} AND NOT {NUMBER.among('same_renamed', 'same', 'near')})"
        f" OR ({_LOOSE_HOME} AND NOT {_FIRM})"
        f" OR (NOT {_SURE} AND NOT {_AT_HOME} AND weight < {BARE_NAME_BITS})"
    ),
    exclusive=("id_ok",),
    spread=(_FIRM_BIRTH, 3 * 366.0),
    weak=(f"(weight < 11 AND NOT ({_AGE_OFF} AND {_AT_HOME}))", 60.0),
)
