"""A new batch is added to what the last linkage kept: the same register as linking all anew, only the change written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tests.console.places import client_of, table
from tests.insight.conftest import resource, send, steward
from wangge.access import actions as access_actions
from wangge.flows import jobs, linkage
from wangge.linkage import analysis
from wangge.linkage.actions import ask_linkage, keep_base
from wangge.linkage.queries import linkage_runs, open_base
from wangge.registry import actions as registry
from wangge.registry.queries import person, search_persons
from wangge.registry.types import PersonView
from wangge.sources import actions

__all__ = ["resource", "send", "steward"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WANG = ["R1", "王建国", "男", "1985-03-12", "110101198503120017", "13812345678", "嘉春园12-3-502"]
LI = ["R3", "李娜", "女", "1990-01-01", "", "13912345678", "嘉春园12-3-601"]
ZHAO = ["R4", "赵敏", "女", "1970-05-05", "", "13712345670", "嘉春园9-1-101"]
SUN = ["R5", "孙丽华", "女", "1964-05-06", "", "13612345670", "嘉春园9-1-102"]


@pytest.fixture
def tell(send: Any, system_access: Any):
    """Housing tells of four people; `tell` sends a file of the health office."""
    send(WANG, LI, ZHAO, SUN)
    office = access_actions.create_organisation(
        system_access("operations"), code="health", name_zh="卫健委", name_en="Health", kind="department"
    )
    access = system_access("registry_maintenance")
    other = actions.register_source(
        access, code="health", name_zh="健康档案", name_en="Health", organisation=office, schema="person",
        division="120110",
    )  # fmt: skip

    def bring(*rows: list[str], as_of: date) -> None:
        batch = actions.receive_file(
            access, resource=other, filename="档案.csv", stream=table(*rows), as_of=as_of
        )
        actions.confirm_mapping(access, batch=batch.id)
        actions.admit(access, batch=batch.id)

    return bring


def standing(access: Any, *names: str) -> dict[str, PersonView]:
    return {n: person(access, person_id=search_persons(access, text=n).rows[0].person_id) for n in names}


def test_only_what_a_new_batch_touches_is_written_and_it_is_what_linking_anew_gives(
    tell: Any, send: Any, steward: Any, system_access: Any, tmp_path: Path
) -> None:
    tell(["H1", *WANG[1:]], as_of=date(2026, 11, 2))
    first = linkage.relink("120110", tmp_path / "first")
    assert (first.added, first.report.persons, first.report.changed) == (False, 4, 4)
    again = linkage.relink("120110", tmp_path / "again")
    assert (again.added, again.report.changed, again.report.new_persons) == (True, 0, 0)
    before = standing(steward, "王建国", "李娜", "赵敏")
    tell(
        ["H1", *WANG[1:5], "13999990000", WANG[6]],
        ["H2", "周强", "男", "1980-02-03", "", "13512345670", "嘉春园9-1-103"],
        as_of=date(2026, 11, 9),
    )
    added = linkage.relink("120110", tmp_path / "second")
    assert (added.added, added.rows) == (True, 6)
    assert (added.report.persons, added.report.changed, added.report.new_persons) == (5, 2, 1)
    after = standing(steward, "王建国", "李娜", "赵敏", "周强")
    assert {n: v.person_id for n, v in before.items()} == {n: after[n].person_id for n in before}
    told = {t.value for f in after["王建国"].fields if f.field == "phone" for t in f.told}
    assert told == {"13812345678", "13999990000"}
    anew = linkage.relink("120110", tmp_path / "third", anew=True)
    assert (anew.added, anew.report.persons, anew.report.new_persons) == (False, 5, 0)
    whole = standing(steward, *after)
    for name, view in after.items():
        assert whole[name].person_id == view.person_id and whole[name].phone == view.phone
        assert {(k.source, k.record_id) for k in whole[name].links} == {
            (k.source, k.record_id) for k in view.links
        }


def test_a_table_sent_again_whole_moves_its_days_and_writes_nobody(
    tell: Any, send: Any, steward: Any, tmp_path: Path
) -> None:
    tell(["H1", *WANG[1:]], as_of=date(2026, 11, 2))
    linkage.relink("120110", tmp_path / "first")
    before = standing(steward, "王建国", "李娜")
    send(SUN, ZHAO, LI, [*WANG[:5], "13999990000", WANG[6]], as_of=date(2026, 11, 20))
    again = linkage.relink("120110", tmp_path / "again")
    assert (again.added, again.report.changed, again.report.renewed) == (True, 1, 3)
    after = standing(steward, "王建国", "李娜")
    assert after["李娜"].person_id == before["李娜"].person_id and after["李娜"].phone == before["李娜"].phone
    (told,) = {(t.as_of_on, t.row_no) for f in after["李娜"].fields for t in f.told}
    assert told == (date(2026, 11, 20), 4)
    rest = linkage.relink("120110", tmp_path / "rest")
    assert (rest.report.changed, rest.report.renewed) == (0, 0)
    anew = linkage.relink("120110", tmp_path / "anew", anew=True)
    assert (anew.report.renewed, standing(steward, "李娜")["李娜"].fields) == (0, after["李娜"].fields)


def test_who_was_changed_by_hand_is_written_again_and_the_hand_is_obeyed(
    tell: Any, steward: Any, tmp_path: Path
) -> None:
    linkage.relink("120110", tmp_path / "first")
    a, b = (search_persons(steward, text=n).rows[0].person_id for n in ("赵敏", "孙丽华"))
    act = registry.merge_persons(steward, keep=a, other=b, reason="同一人")
    merged = linkage.relink("120110", tmp_path / "second")
    assert (merged.added, merged.why_anew, merged.report.persons) == (True, "", 3)
    assert merged.linked["golden"]["chosen"] == 1, "nobody else is chosen again"
    registry.undo(steward, act=act)
    apart = linkage.relink("120110", tmp_path / "third")
    assert (apart.added, apart.report.persons) == (True, 4)
    assert {v.person_id for v in standing(steward, "赵敏", "孙丽华").values()} == {a, b}


def test_the_base_is_sealed_and_a_damaged_one_is_done_without(
    tell: Any, system_access: Any, tmp_path: Path, settings: Any
) -> None:
    linkage.relink("120110", tmp_path / "first")
    files = list((Path(settings.WANGGE_VAULT) / "linkage").iterdir())
    assert files and not any("王建国".encode() in f.read_bytes() for f in files)
    access = system_access("registry_maintenance")
    opened = open_base(access, into=tmp_path / "opened")
    assert opened is not None and opened.folder.stat().st_mode & 0o777 == 0o700
    assert any("王建国".encode() in f.read_bytes() for f in opened.folder.iterdir())
    files[0].write_bytes(files[0].read_bytes()[:-1])
    damaged = open_base(access, into=tmp_path / "damaged")
    assert damaged is not None and damaged.damaged and not (tmp_path / "damaged").exists()
    second = linkage.relink("120110", tmp_path / "second")
    assert (second.added, second.why_anew) == (False, "damaged")
    keep_base(access, folder=opened.folder, told=opened.told, rows=4, rows_whole=2)
    assert linkage.relink("120110", tmp_path / "third").why_anew == "grown", "by half: linked anew"
    changed = linkage.relink("120110", tmp_path / "fourth", namesakes=False)
    assert (changed.added, changed.why_anew) == (False, "setting")
    assert linkage.relink("120110", tmp_path / "fifth", namesakes=False).added


def test_what_keeps_the_engine_from_adding_is_told_on_the_run_and_on_its_page(
    tell: Any, send: Any, steward: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    assert linkage.relink("120110", tmp_path / "first").why_anew == "nothing_kept"
    tell(["H1", *WANG[1:]], as_of=date(2026, 11, 9))
    sound = analysis.run

    def faulty(name: str, snapshot: Any, params: Any, **more: Any) -> Any:
        if params.get("base"):
            raise OverflowError("Python int too large")
        return sound(name, snapshot, params, **more)

    monkeypatch.setattr(analysis, "run", faulty)
    run = ask_linkage(steward)
    jobs.link_anew(run=str(run), district="120110")
    (noted,) = linkage_runs(steward)
    assert (noted.state, noted.added, noted.why_anew, noted.fault) == (
        "done",
        False,
        "engine",
        "OverflowError",
    )
    page = client_of(steward, "en").get(reverse("console:sources")).content.decode()
    assert "could not be added" in page and "OverflowError" in page
