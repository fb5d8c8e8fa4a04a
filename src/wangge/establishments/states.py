"""Words of establishments."""

from enum import StrEnum


class Field(StrEnum):
    """Fields of an organisation that carry provenance."""

    NAME = "name"
    CREDIT_CODE = "credit_code"
    KIND = "kind"
    ADDRESS = "address"
    LEGAL_PERSON = "legal_person"
    PHONE = "phone"
    INDUSTRY = "industry"
    STATUS = "status"
    EMPLOYEES = "employees"
