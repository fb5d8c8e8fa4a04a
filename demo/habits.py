"""How often each department's records are wrong, stale or incomplete, and what that adds up to.

:data:`FACTS` are the rates of the measured set that ours must reach, shares of all person records. A department's
habits are shares of its own rows; `Tally` counts what was really written.
"""

from dataclasses import dataclass, field, replace

FACTS = {
    "id_missing": 0.24,
    "id_typo": 0.012,
    "id_of_family_member": 0.0009,
    "id_15_digits": 0.002,
    "name_homophone_or_variant": 0.026,
    "name_traditional": 0.008,
    "fields_swapped": 0.003,
    "birth_missing": 0.23,
    "birth_wrong": 0.0095,
    "phone_missing": 0.28,
    "phone_old": 0.10,
    "phone_shared_in_household": 0.096,
    "address_missing": 0.094,
    "address_elsewhere": 0.074,
    "address_old": 0.024,
    "address_typo": 0.012,
    "duplicate_within_source": 0.032,
    "twins": 0.005,
    "same_name_neighbours": 0.007,
    "name_transliterated": 0.01,
}


@dataclass(frozen=True)
class Habits:
    """Shares of one department's rows; `None` where the department does not keep the field at all."""

    share: float
    id_missing: float | None
    birth_missing: float | None
    phone_missing: float
    address_missing: float
    address_old: float = 0.0
    registered_address: float = 0.0
    name_wrong: float = 0.015
    traditional: float = 0.003
    duplicates: float = 0.02
    home_phone: float = 0.045

    def harsher(self) -> "Habits":
        """The same department where the measured harsh set is: 44 % of all records without number, 42 % without
        birth date, 39 % without phone, 21 % without address."""
        return replace(
            self,
            id_missing=_more(self.id_missing, 0.27),
            birth_missing=_more(self.birth_missing, 0.255),
            phone_missing=_more(self.phone_missing, 0.145) or 0.0,
            address_missing=_more(self.address_missing, 0.13) or 0.0,
        )


def _more(share: float | None, of_the_rest: float) -> float | None:
    return None if share is None else share + of_the_rest * (1 - share)


HABITS = {
    "public_security": Habits(
        0.93,
        0.006,
        0.003,
        0.63,
        0.03,
        registered_address=1.0,
        name_wrong=0.010,
        traditional=0.002,
        duplicates=0.006,
    ),
    "civil_affairs": Habits(1.0, 0.03, 0.02, 0.25, 0.03, 0.03, 0.3, 0.016, 0.004, 0.02),
    "health": Habits(0.64, 0.32, 0.055, 0.165, 0.15, 0.06, 0.10, 0.036, 0.011, 0.052),
    "housing": Habits(0.47, 0.17, None, 0.20, 0.02, name_wrong=0.031, traditional=0.013, duplicates=0.032),
    "human_resources": Habits(0.80, 0.03, 0.07, 0.13, 0.36, 0.09, 0.35, 0.016, 0.003, 0.027),
    "education": Habits(0.97, 0.12, 0.01, 0.08, 0.15, 0.02, 0.30, 0.016, 0.003, 0.012),
    "grid_office": Habits(0.515, 0.51, 0.245, 0.26, 0.01, 0.006, 0.0, 0.052, 0.021, 0.057),
    "property": Habits(0.36, 0.90, None, 0.08, 0.0, name_wrong=0.052, traditional=0.021, duplicates=0.052),
    "hotline": Habits(0.020, None, None, 0.02, 0.28, 0.05, 0.0, 0.052, 0.01, 0.12),
}

# the same for all departments, shares of the rows that carry the field
ID_TYPO = 0.0175
ID_OF_FAMILY = 0.0015
ID_15 = 0.003
BIRTH_WRONG = 0.0135
PHONE_OLD = 0.148
ADDRESS_TYPO = 0.0142
SWAPPED = 0.0044


@dataclass
class Tally:
    """Counts of what was written, over the good person records."""

    records: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    by_source: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, count: int) -> None:
        """Count some rows with one kind of error."""
        self.counts[what] = self.counts.get(what, 0) + int(count)

    def rates(self) -> dict[str, float]:
        """Share of all good person records (of all residents for twins, neighbours and transliterated names)."""
        return {name: self.counts.get(name, 0) / max(self.records, 1) for name in FACTS}
