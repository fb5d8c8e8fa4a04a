"""What the tests of the doors share: small files, and the way in."""

import csv
import io
from pathlib import Path

from tests.engine.test_rows import HEADERS
from wangge.access import actions as access_actions
from wangge.sources import actions
from wangge.sources.states import BatchState
from wangge.sources.store import store

BAD = [
    ["R8", "", "男", "1960-01-01", "", "13912345678", ""],
    ["R9", "赵敏", "女", "1985-02-30", "", "", ""],
    ["合计", "3", "", "", "", "", ""],
]
SECOND = ["R2", "李伟", "男", "1990/7/1", "", "13812345679", "嘉春园3-2-101"]


def sheet(*rows, headers=HEADERS, encoding="utf-8") -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    return io.BytesIO(text.getvalue().encode(encoding))


def receive(house, stream, name="名册.csv", **kwargs):
    steward, resource = house
    return actions.receive_file(steward, resource=resource, filename=name, stream=stream, **kwargs)


def accept(house, *rows, **kwargs):
    steward, _ = house
    batch = receive(house, sheet(*rows, **kwargs))
    if batch.state is BatchState.RECEIVED:
        actions.confirm_mapping(steward, batch=batch.id)
    return actions.admit(steward, batch=batch.id, despite="test")


def files() -> list[Path]:
    return [path for path in store().folder.rglob("*") if path.is_file()]


def steward_system(house):
    return access_actions.enter_system(name="registry", purpose="registry_maintenance")
