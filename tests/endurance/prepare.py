"""Run inside the platform under test: tables and wall, accounts, tokens, a source; prints what the test needs as JSON.

One process for all of it: each that starts loads the whole house.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from uuid import uuid4

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from wangge.access import actions, queries  # noqa: E402
from wangge.project.handbook import load_all_doors  # noqa: E402
from wangge.sources.actions import register_source  # noqa: E402

POSTS = {
    "worker": ("grid_worker", "case_handling", "centre"),
    "dispatcher": ("dispatcher", "case_handling", "centre"),
    "handler": ("handler", "case_handling", "water"),
    "supervisor": ("supervisor", "case_handling", "supervision"),
    "steward": ("data_steward", "registry_maintenance", "civil"),
}


def main() -> None:
    call_command("migrate", database="owner", verbosity=0)
    call_command("provision_wall", stdout=sys.stderr)
    load_all_doors()
    access = actions.enter_system(name="prepare", purpose="operations")
    organisations = {
        code: actions.create_organisation(access, code=code, name_zh=code, name_en=code, kind=kind)
        for code, kind in (
            ("centre", "centre"),
            ("water", "department"),
            ("supervision", "supervision"),
            ("civil", "department"),
        )
    }
    tokens = {}
    for name, (role, purpose, organisation) in POSTS.items():
        user = actions.create_account(
            access, username=name, password=uuid4().hex, organisation=organisations[organisation]
        )
        post = actions.appoint(
            access, user=user, role=role, division="120110", organisation=organisations[organisation]
        )
        tokens[name] = actions.issue_token(
            access,
            post=post,
            purpose=purpose,
            label="endurance",
            valid_until=timezone.now() + timedelta(hours=6),
        )
        assert queries.posts_of(user)
    register_source(
        actions.enter_system(name="prepare", purpose="registry_maintenance"),
        code="civil",
        name_zh="救助",
        name_en="Aid",
        organisation=organisations["civil"],
        schema="person",
        division="120110",
    )
    json.dump({"tokens": tokens, "water": str(organisations["water"])}, sys.stdout)


if __name__ == "__main__":
    main()
