"""Words of the registry."""

from enum import StrEnum


class Verdict(StrEnum):
    """What a person said about two source records; always obeyed by linkage."""

    SAME = "same"
    DIFFERENT = "different"
    WITHDRAWN = "withdrawn"  # what was said before is taken back


class ActKind(StrEnum):
    """What a person did to the register by hand."""

    MERGE = "merge"
    SPLIT = "split"
    CONFIRM = "confirm"  # two that stood apart stay apart
    TOGETHER = "together"  # one that linkage joined stays one


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"
    UNKNOWN = ""


class Field(StrEnum):
    """Fields of the golden record that carry provenance."""

    NAME = "name"
    ID_NO = "id_no"
    BIRTH = "birth"
    SEX = "sex"
    PHONE = "phone"
    ADDRESS = "address"


# Further facts about a person; each keeps the newest telling.
FACTS = (
    "lives_alone", "disability", "chronic_illness", "pregnant", "employer_code", "employer", "education_stage",
    "school", "boards", "left_behind", "residence_kind", "tenure",
)  # fmt: skip
