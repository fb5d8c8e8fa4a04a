"""Words for what the register knows of a person: fields, further facts, why a value was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.registry.types import FactView

FIELD_WORDS: dict[str, Promise] = {
    "name": _("Name"),
    "id_no": _("Identity number"),
    "birth": _("Born"),
    "sex": _("Sex"),
    "phone": _("Phone"),
    "address": _("Lives at"),
}
SEX_WORDS: dict[str, Promise] = {"male": _("Male"), "female": _("Female"), "男": _("Male"), "女": _("Female")}
# the points of the survivorship rule, in the order in which they decide
WHY_WORDS: dict[str, Promise] = {
    "only_source": _("the only source that says it"),
    "all_agree": _("all sources agree"),
    "better_quality": _("the others cannot be right (check digit, no whole name or door)"),
    "seen_at_the_door": _("a visit or the department itself verified it"),
    "more_sources_agree": _("more sources say so"),
    "more_reliable": _("its sources, at that age, are right more often"),
    "fixed_order": _("equal in all; the first by source and record"),
}
FACT_WORDS: dict[str, Promise] = {
    "lives_alone": _("Lives alone"),
    "disability": _("Disability"),
    "chronic_illness": _("Chronic illness"),
    "pregnant": _("Pregnant"),
    "employer": _("Works at"),
    "employer_code": _("Employer's number"),
    "education_stage": _("Stage of school"),
    "school": _("School"),
    "boards": _("Boards at school"),
    "left_behind": _("Left behind by working parents"),
    "residence_kind": _("Kind of residence"),
    "tenure": _("Owner or tenant"),
    "last_visit_on": _("Last visited"),
}
VALUE_WORDS: dict[str, Promise] = {
    "true": _("Yes"),
    "yes": _("Yes"),
    "1": _("Yes"),
    "false": _("No"),
    "no": _("No"),
    "0": _("No"),
}


@dataclass(frozen=True, slots=True)
class FactLine:
    """A further fact in words, with who told it and when."""

    word: str
    value: str
    source: str
    as_of: str


def sex_word(sex: str) -> str:
    """A sex in words; what is masked stays masked."""
    return SEX_WORDS.get(sex, sex)  # type: ignore[return-value]


def fact_line(fact: FactView, sources: Mapping[str, str]) -> FactLine:
    value: str = fact.value
    known = VALUE_WORDS.get(value.lower()) if fact.fact in FACT_WORDS else None
    shown = str(known) if known is not None and type(value) is str else value
    return FactLine(
        str(FACT_WORDS.get(fact.fact, fact.fact)), shown, sources.get(fact.source, fact.source), fact.as_of
    )
