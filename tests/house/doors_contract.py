"""An import contract: whoever stands in one room reaches another only through its doors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


@cache
def _handed_out(door: str) -> frozenset[str]:
    """The names that a door, being a package, re-exports from its parts.

    `from room.queries import grids` means the function, though a part of the same name stands behind it.
    """
    spec = find_spec(door)
    if spec is None or spec.origin is None:
        return frozenset()
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    return frozenset(
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )


class DoorsContract(Contract):
    """A room is a package directly under `root`.

    `doors`: names of the modules that others may import; the module itself, never something inside it.
    `open_rooms`: rooms that are all door. `tools`: further modules that are doors, by full name. `ports`: modules
    that are doors for the rooms in `port_users` only.
    """

    type_name = "doors"

    root = fields.StringField()
    doors = fields.ListField(subfield=fields.StringField())
    open_rooms = fields.ListField(subfield=fields.StringField(), required=False)
    ports = fields.ListField(subfield=fields.StringField(), required=False)
    port_users = fields.ListField(subfield=fields.StringField(), required=False)
    tools = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Every import between two rooms that does not go through a door."""
        breaches = sorted(self._breaches(graph))
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def _breaches(self, graph: ImportGraph) -> Iterator[tuple[str, str, int]]:
        for importer in graph.modules:
            for imported in graph.find_modules_directly_imported_by(importer):
                if self._is_breach(importer, imported):
                    details = graph.get_import_details(importer=importer, imported=imported)
                    yield importer, imported, details[0]["line_number"] if details else 0

    def _is_breach(self, importer: str, imported: str) -> bool:
        root, doors, tools = str(self.root), list(self.doors), list(self.tools or [])  # type: ignore[call-overload]
        here, there = importer.split("."), imported.split(".")
        if there[0] != root or here[0] != root or len(there) < 2:
            return False
        if here[1:2] == there[1:2] or there[1] in (self.open_rooms or []):  # type: ignore[operator]
            return False
        if len(there) == 3 and there[2] in (self.ports or []) and here[1] in (self.port_users or []):  # type: ignore[operator]
            return False
        if len(there) == 4 and there[2] in doors and there[3] in _handed_out(".".join(there[:3])):
            return False
        return not (imported in tools or (len(there) == 3 and there[2] in doors))

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line a breach, with its place."""
        for importer, imported, line in check.metadata["breaches"]:
            output.print_error(f"{importer} (line {line}) imports {imported}, which is not a door")
