"""The demo's organisations, accounts, posts and teams, made through the platform's own doors."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from demo.accounts import Account, staff

DISTRICT = "120110"
KINDS = {"grid_centre": "centre", "supervision": "supervision", "government": "department"}
WITH_PASSWORD = 12  # grid workers who can sign in; hashing a thousand passwords would take minutes


@dataclass
class Staff:
    """Who is there: organisation ids by code and by department, accounts with their post and one password for all."""

    password: str
    organisations: dict[str, UUID] = field(default_factory=dict)
    departments: dict[str, UUID] = field(default_factory=dict)
    users: dict[str, UUID] = field(default_factory=dict)
    posts: dict[str, UUID] = field(default_factory=dict)
    purposes: dict[str, str] = field(default_factory=dict)
    workers: list[tuple[str, int]] = field(default_factory=list)

    def enter(self, username: str, purpose: str | None = None, emergency: UUID | None = None):  # type: ignore[no-untyped-def]
        """The access of an account, as if it had signed in."""
        from wangge.access.actions import enter

        return enter(
            user=self.users[username],
            post=self.posts[username],
            purpose=purpose or self.purposes[username],
            emergency=emergency,
        )


def _scope(account: Account, first_street: str) -> str:
    return first_street if account.scope == "FIRST_STREET" else account.scope


def appoint_everybody(folder: Path, first_street: str, progress: Callable[[str], None]) -> Staff:
    """Organisations and staff of people.toml, one grid worker for each grid of the generated district."""
    from wangge.access import actions
    from wangge.access.queries import purposes_of

    access = actions.enter_system(name="demo", purpose="operations")
    made = Staff(password=secrets.token_urlsafe(9))
    organisations, accounts = staff()
    for o in organisations:
        kind = KINDS.get(o.code, "department")
        made.organisations[o.code] = actions.create_organisation(
            access, code=o.code, name_zh=o.zh, name_en=o.en, kind=kind
        )
        if o.department:
            made.departments[o.department] = made.organisations[o.code]
    made.departments.setdefault("grid_office", made.organisations["grid_centre"])
    for a in accounts:
        _open(
            made,
            access,
            a.username,
            a.role,
            a.zh,
            a.en,
            _scope(a, first_street),
            made.organisations[a.organisation],
        )
        made.purposes[a.username] = a.purpose if a.purpose in purposes_of(a.role) else purposes_of(a.role)[0]
    with (folder / "accounts" / "grid_workers.csv").open(encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            name = row["username"]
            _open(
                made, access, name, "grid_worker", row["name_zh"], row["name_en"], row["grid_code"],
                made.organisations["grid_centre"], signs_in=number <= WITH_PASSWORD,
            )  # fmt: skip
            made.purposes[name] = "community_service"
            made.workers.append((name, int(row["grid_code"])))
            if number % 200 == 0:
                progress(f"{number} grid workers")
    return made


def _open(made: Staff, access, username, role, zh, en, scope, organisation, *, signs_in=True) -> None:  # type: ignore[no-untyped-def]
    from wangge.access import actions

    user = actions.create_account(
        access,
        username=username,
        password=made.password if signs_in else "",
        display_zh=zh,
        display_en=en,
        organisation=organisation,
    )
    made.users[username] = user
    made.posts[username] = actions.appoint(
        access, user=user, role=role, division=scope, organisation=organisation
    )


def appoint_teams(made: Staff, folder: Path) -> int:
    """Each grid's worker answers for it (1+3+X); returns the number of appointments."""
    from wangge.access.actions import enter_system
    from wangge.tasks.actions import appoint
    from wangge.tasks.types import Appointment

    with (folder / "accounts" / "grid_workers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    done = appoint(
        enter_system(name="demo", purpose="operations"),
        appointments=[
            Appointment(
                unit_no=int(row["grid_code"]),
                post="manager",
                name=row["name_zh"],
                actor=str(made.users[row["username"]]),
                phone=row["phone"],
                organisation=made.organisations["grid_centre"],
            )
            for row in rows
        ],
    )
    return done.appointed
