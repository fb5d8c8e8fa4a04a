"""Somebody on a list, before the registry knows them: what tells them from others, and what is kept of them."""

from __future__ import annotations

from typing import Protocol

from wangge.kernel.written import plain


class Listed(Protocol):
    """A row that names somebody."""

    @property
    def name(self) -> str: ...
    @property
    def id_no(self) -> str: ...
    @property
    def phone(self) -> str: ...


def id_of(row: Listed) -> str:
    """The identity number in capitals; empty where there is none."""
    return plain(row.id_no).upper()


def reference_of(row: Listed, otherwise: str) -> str:
    """What tells somebody from others until the registry knows them: the number, else name and phone or `otherwise`."""
    if number := id_of(row):
        return f"id_no:{number}"
    return f"traveller:{plain(row.name)}|{plain(row.phone) or otherwise}"


def facts_of(row: Listed) -> dict[str, str]:
    """What is kept of somebody whom the registry does not know yet."""
    return {"name": plain(row.name), "id_no": id_of(row), "phone": plain(row.phone)}
