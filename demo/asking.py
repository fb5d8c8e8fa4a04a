"""What the demo's departments ask: a campaign that has ended, one under way, and doubts sent to their owners."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from demo.doors import client_id
from demo.staffing import Staff
from wangge.collection import actions as collection
from wangge.collection.types import DoorSheet, NewQuestion, People, PersonAnswers, QuestionView
from wangge.field.states import Receipt
from wangge.field.types import SubmittedVisit
from wangge.flows import checking, collecting
from wangge.linkage.actions import send_requests
from wangge.linkage.queries import correction_requests
from wangge.tasks.queries import my_tasks
from wangge.tasks.types import TaskView

BASIS = "《中华人民共和国老年人权益保障法》第三十三条"
YES_NO = (("yes", "需要", "yes"), ("no", "不需要", "no"))
ENDED = (
    "高龄津贴发放核实（演示）", People(age_from=78), "核发高龄津贴",
    ("姓名", "联系电话", "是否独居"), (("是否需要助餐服务", YES_NO),),
)  # fmt: skip
RUNNING = (
    "适老化改造意愿（演示）", People(age_from=66, age_to=77), "安排居家适老化改造",
    ("姓名", "联系电话"), (("是否需要加装扶手", YES_NO), ("是否需要防滑地面", YES_NO)),
)  # fmt: skip
DONE_SO_FAR = 0.6  # of the doors of the campaign under way
EVIDENCE = {
    "refused": "本人在家，说明来意后不愿回答。",
    "empty": "三次上门无人，邻居说已搬走。",
    "not_found": "楼内没有这个门牌，物业也不知道。",
}
SENT, ANSWERED = 8, 3  # doubts that each department is sent; of civil affairs' those that are answered


def ask(staff: Staff, rng: random.Random) -> tuple[int, int]:
    """Send one form to the doors of a grid and visit all, one to those of its community; gives the doors of each."""
    grid = str(staff.workers[0][1])
    ended = _campaign(staff, grid, rng, ENDED, 1.0)
    running = _campaign(staff, grid[:12], rng, RUNNING, DONE_SO_FAR)
    return ended, running


def _campaign(staff: Staff, area: str, rng: random.Random, about: Any, share: float) -> int:
    title, people, purpose, known, own = about
    steward = staff.enter("steward_civil", "registry_maintenance")
    questions = [NewQuestion(zh, purpose, BASIS) for zh in known]
    questions += [NewQuestion(zh, purpose, BASIS, choices=choices) for zh, choices in own]
    form = collection.draft_form(steward, title=title, area=area, people=people, questions=tuple(questions))
    collection.check_form(steward, form=form.form_id)
    sent = collecting.send(steward, form=form.form_id, due_at=timezone.now() + timedelta(days=14))
    for username, _unit in staff.workers:
        worker = staff.enter(username, "community_service")
        mine = [
            t for t in my_tasks(worker) if t.origin_key.startswith(f"{collecting.ORIGIN}{sent.campaign}:")
        ]
        done = mine[: round(share * len(mine))]  # in walking order
        if done:
            receipts = collecting.hand_in(worker, visits=list(_visits(worker, done, rng)))
            held = [receipt for receipt in receipts if receipt.status is not Receipt.ACCEPTED]
            assert not held, f"visits that were not taken in: {held}"
    if share == 1.0:
        collection.end_campaign(steward, campaign=sent.campaign)
        collecting.return_answers()
    return sent.doors


def _visits(worker: Any, tasks: list[TaskView], rng: random.Random) -> Iterator[collecting.HandedIn]:
    at = timezone.now() - timedelta(minutes=11 * len(tasks) + 5)
    for task in tasks:
        door = collecting.door_of(task.origin_key)
        assert door is not None
        at += timedelta(minutes=rng.randint(6, 10))
        result = rng.choices(["surveyed", *EVIDENCE], [88, 5, 5, 2])[0]
        met = result == "surveyed"
        visit = SubmittedVisit(
            client_id=client_id(rng),
            form=collecting.FORM,
            started_at=at - timedelta(minutes=5),
            ended_at=at,
            saw_person=met or result == "refused",
            saw_dwelling=result != "not_found",
            saw_state=result != "not_found",
            task_id=task.task_id,
            unit_no=task.unit_no,
            answers={"result": result, "evidence": EVIDENCE.get(result, "")},
            device="demo",
        )
        sheet = collecting.at_the_door(worker, door_id=door).sheet
        yield collecting.HandedIn(visit, door, tuple(_said(sheet, rng)) if met else ())


def _said(sheet: DoorSheet, rng: random.Random) -> Iterator[PersonAnswers]:
    """What each person behind the door answers to what is asked of them."""
    questions = {q.code: q for q in sheet.questions}
    for person in sheet.sheets:
        told = {code: _answer(questions[code], rng) for code in person.asked}
        yield PersonAnswers({code: said for code, said in told.items() if said}, person.sheet_id)


def _answer(question: QuestionView, rng: random.Random) -> str:
    if question.field == "phone":
        return f"137{rng.randrange(10**8):08d}"
    if question.choices:
        return rng.choice(question.choices)[0]
    return rng.choice(["yes", "no"]) if question.field == "lives_alone" else ""


def doubt(staff: Staff) -> int:
    """The grid centre asks two departments about their dearest doubts; one has answered some. Gives how many went."""
    centre = staff.enter("steward", "registry_maintenance")
    due = timezone.localdate() + timedelta(days=10)
    asked: dict[str, list[UUID]] = {}
    for source in ("civil_affairs", "public_security"):
        rows = correction_requests(centre, state="found", source=source, size=SENT).rows
        asked[source] = [r.id for r in rows]
        if rows:
            send_requests(centre, requests=tuple(asked[source]), due_on=due, note="请核对原始材料。")
    owner = staff.enter("steward_civil", "registry_maintenance")
    for number, request in enumerate(asked["civil_affairs"][:ANSWERED]):
        verdict = ("confirm", "cannot_tell", "confirm")[number]
        note = "户口簿原件遗失，无法核对。" if verdict == "cannot_tell" else ""
        checking.answer(owner, request=request, verdict=verdict, note=note)
    return sum(map(len, asked.values()))
