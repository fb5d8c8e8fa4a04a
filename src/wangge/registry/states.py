"""Words of the registry."""

from enum import StrEnum


class Verdict(StrEnum):
    """What a person said about two source records; always obeyed by linkage."""

    SAME = "same"
    DIFFERENT = "different"


class RunState(StrEnum):
    """Where a run of linkage stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


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
