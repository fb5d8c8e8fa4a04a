"""A process that brings one file in, and is killed on the way: what it finds done it does not do again.

python -m tests.sources.ingest_until_done FILE RESOURCE_CODE

It says a line before each of its steps, so that whoever kills it knows how far it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

PART_ROWS = 120  # many commits to be killed between


def steps(path: Path, code: str) -> Iterator[str]:
    """Brings the file in, one commit after the other; gives what comes next before each."""
    from wangge.access.actions import enter_system
    from wangge.sources import actions
    from wangge.sources.states import BatchState

    access = enter_system(name="importer", purpose="registry_maintenance")
    yield "receive"
    with path.open("rb") as stream:
        view = actions.receive_file(access, resource=code, filename=path.name, stream=stream)
    if view.state is BatchState.RECEIVED:
        yield "confirm"
        view = actions.confirm_mapping(access, batch=view.id)
    while view.state is BatchState.MAPPED:
        yield "admit"
        view = actions.admit(access, batch=view.id, parts=1, despite="planted bad rows")
    assert view.state is BatchState.ACCEPTED, view


def main() -> None:
    import django

    django.setup()

    from wangge.sources import intake

    intake.PART_ROWS = PART_ROWS
    for step in steps(Path(sys.argv[1]), sys.argv[2]):
        sys.stdout.write(f"{step}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
