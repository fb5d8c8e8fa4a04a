"""The model for organisations: name, number, contact (telephone and legal person together), place, kind.

Telephone and legal person are one comparison because an owner has several firms: counted apart they would merge
华鑫商贸 with 华鑫物流. A branch is never its parent and two shops of one brand are two, unless their number says so.
"""

from __future__ import annotations

from wangge_engine.link.model import Comparison, Level, Model
from wangge_engine.link.model_zh import both, either_missing

_NUMBERS = ("code_number", "organisation_ok", "registration_ok")
_COMPARABLE = " OR ".join(f"({c}_l IS NOT NULL AND {c}_r IS NOT NULL)" for c in _NUMBERS)
_SAME_NUMBER = f"{both('organisation_ok')} OR {both('registration_ok')}"
_LIKE = (
    "(core_l = core_r OR sound_l = sound_r OR brand_l = brand_r OR contains(core_l, core_r)"
    " OR contains(core_r, core_l) OR levenshtein(sketch_l, sketch_r) <= 1)"
)
_TWO_BRANCHES = "(branch_l IS NOT NULL AND branch_r IS NOT NULL AND branch_l <> branch_r)"
_ONE_BRANCH = "((branch_l IS NULL) <> (branch_r IS NULL))"
_ONE_CHARACTER = (
    "(least(length(core_l), length(core_r)) >= 4 AND damerau_levenshtein(sketch_l, sketch_r) <= 1)"
)
_SAME_CORE = f"({both('core')} OR {both('sound')} OR {_ONE_CHARACTER})"
_SHOP = "coalesce(branch_l, branch_r) LIKE '%店'"
_OTHER_PLACE = "(province_l <> province_r OR district_l <> district_r)"
_PART = (
    "((contains(core_l, core_r) OR contains(core_r, core_l)) AND least(length(core_l), length(core_r)) >= 2)"
)
_NO_SHOPS = "(coalesce(kind_l, 'company') <> 'individual' AND coalesce(kind_r, 'company') <> 'individual')"
_SAME_BUILDING = "(place_l = place_r AND building_l IS NOT DISTINCT FROM building_r)"

NAME = Comparison(
    "name",
    either_missing("core"),
    (
        Level("other_branch", f"{_TWO_BRANCHES} AND {_SAME_CORE}", 0.001, 5e-6),
        Level("other_place", f"{_SAME_CORE} AND {_OTHER_PLACE}", 0.002, 1e-5, "core"),
        Level("unsaid_branch", f"{_ONE_BRANCH} AND {_SAME_CORE} AND {_SHOP}", 0.01, 1e-5),
        Level("branch_and_parent", f"{_ONE_BRANCH} AND {_SAME_CORE}", 0.001, 1e-5),
        Level("same", both("core"), 0.85, 3e-5, "core"),
        Level("same_sound", both("sound"), 0.01, 1e-5),
        Level("one_character", _ONE_CHARACTER, 0.01, 2e-5),
        Level("sisters", f"{_NO_SHOPS} AND {both('brand')} AND NOT {_PART}", 0.002, 1e-3),
        Level("brand_and_part", f"{both('brand')} AND {_PART}", 0.04, 2e-4, "brand"),
        Level("part", _PART, 0.02, 3e-4),
        Level("same_brand", both("brand"), 0.03, 1e-3, "brand"),
        Level("different", "ELSE", 0.02, 0.997),
    ),
)
CODE = Comparison(
    "credit_code",
    f"NOT ({_COMPARABLE})",
    (
        Level("same", f"({_SAME_NUMBER}) AND {_LIKE}", 0.93, 1e-6),
        Level("same_renamed", _SAME_NUMBER, 0.02, 3e-7),
        Level(
            "near",
            "NOT (code_valid_l AND code_valid_r) AND damerau_levenshtein(code_number_l, code_number_r) <= 1",
            0.03,
            1e-7,
        ),
        Level(
            "doubtful",
            "code_borrowed_l OR code_borrowed_r OR NOT (code_valid_l AND code_valid_r)",
            0.01,
            0.05,
        ),
        Level("different", "ELSE", 0.01, 0.95),
    ),
)
CONTACT = Comparison(
    "contact",
    f"{either_missing('phone_key')} AND {either_missing('legal_person')}",
    (
        Level("same_phone_and_person", f"{both('phone_key')} AND {both('legal_person')}", 0.5, 3e-6),
        Level("same_phone", both("phone_key"), 0.15, 1e-5),
        Level("same_person", both("legal_person"), 0.25, 5e-4),
        Level("different", "ELSE", 0.1, 0.999),
    ),
)
PLACE = Comparison(
    "place",
    either_missing("place"),
    (
        Level("same_door", both("door"), 0.7, 2e-4),
        Level("same_building", _SAME_BUILDING, 0.08, 1e-3),
        Level("same_place", both("place"), 0.04, 5e-3),
        Level("different", "ELSE", 0.18, 0.993),
    ),
)
KIND = Comparison(
    "kind",
    either_missing("kind"),
    (
        Level("two_shops", "kind_l = 'individual' AND kind_r = 'individual'", 0.4, 0.2),
        Level("same", both("kind"), 0.57, 0.35),
        Level("different", "ELSE", 0.03, 0.45),
    ),
)
_BY_NUMBER = CODE.among("same", "same_renamed")
_HERE = (
    f"({PLACE.among('same_door')} OR {CONTACT.among('same_phone_and_person', 'same_phone')}"
    f" OR ({CONTACT.among('same_person')} AND {NAME.among('brand_and_part')} AND NOT {PLACE.among('different')}))"
)

_ELSEWHERE = f"({CONTACT.among('different')} AND {PLACE.among('different')})"

MODEL = Model(
    comparisons=(NAME, CODE, CONTACT, PLACE, KIND),
    blocking=(
        "l.organisation_ok = r.organisation_ok",
        "l.registration_ok = r.registration_ok",
        "l.core = r.core",
        "l.sound = r.sound",
        "l.phone_key = r.phone_key AND l.legal_person = r.legal_person",
        "l.phone_key = r.phone_key AND l.brand = r.brand",
        "l.door = r.door AND l.brand = r.brand",
        "l.door = r.door AND l.legal_person = r.legal_person",
        "l.door = r.door AND l.phone_key = r.phone_key",
        "l.brand = r.brand AND l.legal_person = r.legal_person",
        "l.code_number = r.code_number",
    ),
    training=(
        ("l.organisation_ok = r.organisation_ok", ("name", "contact", "place", "kind")),
        ("l.core = r.core AND l.phone_key = r.phone_key", ("place",)),
    ),
    sure=("l.organisation_ok = r.organisation_ok", "l.core = r.core AND l.phone_key = r.phone_key"),
    sure_recall=0.6,
    alike=(
        "coalesce(organisation_ok, core || coalesce(branch, '') || coalesce(phone_key, door, ''),"
        " CAST(uid AS VARCHAR))"
    ),
    veto=(
        f"({NAME.among('other_branch', 'branch_and_parent', 'sisters', 'different')} AND NOT {_BY_NUMBER})"
        f" OR ({NAME.among('unsaid_branch', 'brand_and_part', 'part', 'same_brand')}"
        f" AND NOT {_BY_NUMBER} AND NOT {_HERE})"
        # 老马理发店 is the name of many
        f" OR ({NAME.among('same')} AND {KIND.among('two_shops')} AND NOT {_BY_NUMBER} AND {_ELSEWHERE})"
    ),
    exclusive=("code_ok", "organisation_ok", "registration_ok"),
    prefix="O",
)
