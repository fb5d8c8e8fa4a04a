"""A process that brings one file in, and is killed on the way: what it finds done it does not do again.

python -m tests.sources.ingest_until_done FILE RESOURCE_CODE
"""

from __future__ import annotations

import sys
from pathlib import Path

import django

django.setup()

from wangge.access.actions import enter_system  # noqa: E402
from wangge.sources import actions, intake  # noqa: E402
from wangge.sources.states import BatchState  # noqa: E402

intake.PART_ROWS = 300  # many commits to be killed between


def main(path: Path, code: str) -> None:
    access = enter_system(name="importer", purpose="registry_maintenance")
    with path.open("rb") as stream:
        view = actions.receive_file(access, resource=code, filename=path.name, stream=stream)
    if view.state is BatchState.RECEIVED:
        view = actions.confirm_mapping(access, batch=view.id)
    while view.state is BatchState.MAPPED:
        view = actions.admit(access, batch=view.id, parts=1, despite="planted bad rows")
    assert view.state is BatchState.ACCEPTED, view


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
