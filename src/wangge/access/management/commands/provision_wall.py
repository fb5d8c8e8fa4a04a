"""Put up the second net after migrations, as the owner."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections, transaction

from wangge.access.wall import build


class Command(BaseCommand):
    """`manage provision_wall`: privileges, row-level security, append-only tables. Safe to repeat."""

    help = "Privileges of the runtime role, row-level security and append-only tables."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("createcachetable", database="owner", verbosity=0)
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            guarded = build(cursor)
        self.stderr.write(f"wall: {guarded} tables under row-level security")
