"""The main job: departments' files on disk become a registry, findings, tasks, visits, matters and a checked ledger."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone
from shapely.geometry import shape

from demo.asking import ask, doubt
from demo.district import Manifest, WrittenFile
from demo.doors import MATTERS, client_id, visits
from demo.signals import apply, rise
from demo.staffing import DISTRICT, Staff
from wangge.access.actions import enter_system
from wangge.cases import actions as cases
from wangge.emergencies.states import DataSet, Law, ResponseLevel
from wangge.flows import corrections, emergencies, linkage, lists, quality, screening, tasking, tiers, tracing
from wangge.flows.visits import submit
from wangge.ledger.actions import seal_all
from wangge.ledger.queries import check_chain
from wangge.linkage.actions import ask_linkage, begin_linkage, end_linkage
from wangge.sources import actions as sources
from wangge.sources.types import BatchState
from wangge.stays.actions import name_affected_area
from wangge.tasks.queries import my_tasks
from wangge.territory import actions as territory
from wangge.territory.types import ImportReport

MAINTAIN = "registry_maintenance"
SCHEMAS = {"person": "person", "organisation": "organisation", "building": "building"}
MATTERS_AT_MOST = 400  # matters a demo opens; enough to look at, at every scale
READ_AFTER = timedelta(days=21)  # the demo is looked at three weeks after its files were made
# After how many days each department promised a new file; of the others nothing is promised.
CYCLES = {
    "public_security": 31, "civil_affairs": 31, "health": 31, "housing": 92, "human_resources": 31,
    "education": 183, "grid_office": 7, "property": 92, "hotline": 1, "market_supervision": 7,
}  # fmt: skip
NAMES = {
    "public_security": ("户籍人口", "Registered residents"),
    "civil_affairs": ("救助与高龄津贴", "Social assistance"),
    "health": ("居民健康档案", "Health records"),
    "housing": ("房屋居住登记", "Housing register"),
    "human_resources": ("社保参保人员", "Social insurance"),
    "education": ("学籍", "School rolls"),
    "grid_office": ("网格走访记录", "Grid visits"),
    "property": ("业主住户登记", "Property companies' residents"),
    "hotline": ("12345来电登记", "12345 hotline calls"),
    "market_supervision": ("市场主体", "Enterprises"),
    "planning": ("建筑物名录", "Buildings"),
}


@dataclass
class Summary:
    """What the main job did, as `--json` prints it."""

    rows: dict[str, int] = field(default_factory=lambda: {"in": 0, "quarantined": 0})
    persons: int = 0
    linkage: dict[str, float] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=lambda: {"red": 0, "yellow": 0, "blue": 0})
    exposure: dict[str, int] = field(default_factory=lambda: {"red": 0, "yellow": 0, "blue": 0})
    tasks: int = 0
    visits: int = 0
    cases: dict[str, int] = field(default_factory=lambda: {"opened": 0, "closed": 0})
    ledger: dict[str, Any] = field(default_factory=dict)
    stages: list[dict[str, Any]] = field(default_factory=list)
    clusters: Path | None = None


class MainJob:
    """Runs the stages one after another and keeps the time of each."""

    def __init__(self, manifest: Manifest, staff: Staff, work: Path, say: Callable[[str], None]) -> None:
        self.manifest, self.staff, self.work, self.say = manifest, staff, work, say
        self.out = manifest.out
        self.rng = random.Random(manifest.seed)
        self.summary = Summary()
        self.emergency: UUID | None = None

    def run(self) -> Summary:
        """All stages; the clock of each is in `summary.stages`."""
        for name, stage in (
            ("territory", self.territory),
            ("intake", self.intake),
            ("buildings", self.buildings),
            ("linkage", self.link),
            ("care", self.care),
            ("emergency", self.declare),
            ("tasks", self.task),
            ("visits", self.visit),
            ("cases", self.matters),
            ("signals", self.signals),
            ("corrections", self.correct),
            ("asking", self.ask),
            ("ledger", self.seal),
        ):
            with self._stage(name):
                stage()
        return self.summary

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        self.say(f"{name} ...")
        yield
        seconds = round(time.monotonic() - began, 2)
        self.summary.stages.append({"name": name, "seconds": seconds})
        self.say(f"{name} {seconds} s")

    def territory(self) -> None:
        access = enter_system(name="demo", purpose="territory_management")
        territory.import_reference_divisions(access, districts=[DISTRICT])
        for kind in ("streets", "communities"):
            for file in self.manifest.of_kind(kind):
                _standing(
                    territory.import_borders(
                        access, file_name=Path(file.path).name, body=(self.out / file.path).read_bytes()
                    )
                )
        for file in self.manifest.of_kind("grids"):
            _standing(
                territory.import_grids(
                    access, file_name=Path(file.path).name, body=(self.out / file.path).read_bytes()
                )
            )

    def intake(self) -> None:
        seen: dict[str, int] = {}
        for kind, schema in SCHEMAS.items():
            for file in self.manifest.of_kind(kind):
                seen[file.department] = seen.get(file.department, 0) + 1
                self._take_in(file, schema, seen[file.department])

    def _take_in(self, file: WrittenFile, schema: str, number: int) -> None:
        access = enter_system(name="intake", purpose=MAINTAIN)
        zh, en = NAMES[file.department]
        code = file.department if number == 1 else f"{file.department}__{number}"
        resource = sources.register_source(
            access,
            code=code,
            name_zh=zh if number == 1 else f"{zh}（{number}）",
            name_en=en if number == 1 else f"{en} ({number})",
            organisation=self.staff.departments[file.department],
            schema=schema,
            division=DISTRICT,
            cycle_days=CYCLES.get(file.department),
        )
        batch = self._accept(access, resource, self.out / file.path, self.manifest.as_of)
        self.summary.rows["in"] += batch.rows_in
        self.summary.rows["quarantined"] += batch.rows_quarantined
        self.say(f"  {code}: {batch.rows_in} in, {batch.rows_quarantined} quarantined")

    def _accept(
        self, access: Any, resource: UUID, path: Path, as_of: Any, emergency: UUID | None = None
    ) -> Any:
        with path.open("rb") as stream:
            batch = sources.receive_file(
                access, resource=resource, filename=path.name, stream=stream, as_of=as_of, emergency=emergency
            )
        if batch.state is BatchState.RECEIVED:
            batch = sources.confirm_mapping(access, batch=batch.id)
        while batch.state in (BatchState.MAPPED, BatchState.VALIDATED):
            before = batch
            batch = sources.admit(access, batch=batch.id)
            if batch == before:
                batch = sources.admit(access, batch=batch.id, despite="示范 demo")
        if batch.state is not BatchState.ACCEPTED:
            raise RuntimeError(f"{path.name}: {batch.problem}")
        return batch

    def buildings(self) -> None:
        linkage.place_buildings(DISTRICT)
        linkage.place_assets(DISTRICT)
        linkage.take_in_organisations(DISTRICT, self.work / "organisations")

    def link(self) -> None:
        access, run = enter_system(name="linkage", purpose=MAINTAIN), ask_linkage(self.staff.enter("steward"))
        begin_linkage(access, run=run)
        done = linkage.relink(DISTRICT, self.work / "linkage")
        end_linkage(access, run=run, rows=done.rows, report=done.report, why_anew=done.why_anew)
        quality.measure_linked(done, self.work / "quality", self.manifest.as_of + READ_AFTER)
        linkage.forget(self.work / "quality")
        self.summary.persons = done.report.persons
        self.summary.clusters = done.clusters
        self.say(f"  engine: {done.linked.get('stages')}")
        self.say(
            f"  {done.rows} rows, {done.report.persons} persons, {done.report.households} households, "
            f"{done.report.unlocated} without a grid"
        )

    def care(self) -> None:
        run = screening.screen_care()
        self._count(run.counts)
        tasking.task_care()

    def _count(self, counts: Any) -> None:
        for count in counts:
            if count.tier in self.summary.findings:
                self.summary.findings[count.tier] += count.count
                if count.kind == "exposure":
                    self.summary.exposure[count.tier] += count.count

    def declare(self) -> None:
        lead = self.staff.enter("emergency")
        declared = emergencies.declare(
            lead,
            name="东丽区新发呼吸道传染病应急响应（演示）",
            law=Law.INFECTIOUS_DISEASES,
            article="第四十二条",
            areas={DISTRICT: ResponseLevel.LEVEL_2},
            purposes=("epidemic_response",),
            data_sets=(
                DataSet.LINE_LIST,
                DataSet.MANIFEST,
                DataSet.HOUSEHOLD,
                DataSet.VENUE,
                DataSet.ARRIVAL,
            ),
            ends_at=timezone.now() + timedelta(days=30),
            instrument="区指挥部 2026 年第 1 号（演示）",
        )
        self.emergency = declared.id
        name_affected_area(
            self.staff.enter("emergency", "epidemic_response", declared.id),
            emergency_id=declared.id,
            division="420100",
            name="武汉",
            since=timezone.localdate() - timedelta(days=30),
            ground="区指挥部 2026 年第 2 号（演示）",
        )
        for kind, schema, zh, en in (
            ("patients", "patient", "病例名单", "Line list"),
            ("manifest", "passenger", "列车旅客名单", "Train manifest"),
            ("stays", "stay", "停留登记", "Registered stays"),
        ):
            for file in self.manifest.of_kind(kind):
                self._list(file, schema, zh, en)
        traced = tracing.trace(declared.id)
        self.say(
            f"  traced: {traced.household_contacts} in patients' households, "
            f"{traced.contacts_of_contacts} contacts of contacts"
        )
        self._count(screening.screen_emergency(declared.id).counts)
        self.say(f"  colours of {tiers.grade_areas(declared.id)} streets and communities")

    def _list(self, file: WrittenFile, schema: str, zh: str, en: str) -> None:
        assert self.emergency is not None
        access = enter_system(name="intake", purpose="epidemic_response", emergency=self.emergency)
        resource = sources.register_source(
            access,
            code=f"{schema}-{self.emergency.hex[:8]}",
            name_zh=zh,
            name_en=en,
            organisation=self.staff.organisations["cdc"],
            schema=schema,
            division=DISTRICT,
            emergency=self.emergency,
        )
        batch = self._accept(access, resource, self.out / file.path, timezone.localdate(), self.emergency)
        self.summary.rows["in"] += batch.rows_in
        self.summary.rows["quarantined"] += batch.rows_quarantined
        if schema == "patient":
            lists.import_line_list(self.emergency, batch.id)
            tracing.trace(self.emergency)
        elif schema == "stay":
            stayed = lists.import_stays(self.emergency, batch.id)
            self.say(
                f"  stays: {stayed.stays}, {stayed.close_contacts + stayed.general_contacts} beside a patient, "
                f"{stayed.arrivals} from an affected area, the others never stored"
            )
        else:
            met = lists.import_train_manifest(self.emergency, batch.id)
            self.say(
                f"  manifest: {met.passengers} passengers, {met.close_contacts} close, {met.general_contacts} general, "
                f"{met.non_contacts_dropped} never stored"
            )

    def task(self) -> None:
        assert self.emergency is not None
        tasking.task_emergency(self.emergency)

    def visit(self) -> None:
        for username, _ in self.staff.workers:
            access = self.staff.enter(username, "epidemic_response", self.emergency)
            tasks = my_tasks(access)
            self.summary.tasks += len(tasks)
            for emergency in (None, self.emergency):
                part = tuple(t for t in tasks if t.emergency == emergency)
                if not part:
                    continue
                own = access if emergency else self.staff.enter(username, "care")
                receipts = submit(own, visits=list(visits(part, self.rng)))
                self.summary.visits += len(receipts)

    def matters(self) -> None:
        dispatcher = self.staff.enter("dispatcher")
        supervisor = self.staff.enter("supervisor")
        workers = self.staff.workers[: MATTERS_AT_MOST // 2]
        spots = self._spots()
        for number, (username, unit) in enumerate(workers):
            for category, title, department in self.rng.sample(MATTERS, k=2):
                worker = self.staff.enter(username, "community_service")
                made = cases.report(
                    worker,
                    category_code=category,
                    unit_no=unit,
                    title=title,
                    description="走访中发现，已拍照。",
                    lon=spots[unit][0] + self.rng.uniform(-0.0002, 0.0002),
                    lat=spots[unit][1] + self.rng.uniform(-0.0002, 0.0002),
                    client_id=client_id(self.rng),
                )
                self.summary.cases["opened"] += 1
                self._carry_on(made.case_id, department, dispatcher, supervisor, number)

    def _spots(self) -> dict[int, tuple[float, float]]:
        """A point inside each grid, by unit number."""
        found = {}
        for file in self.manifest.of_kind("grids"):
            for feature in json.loads((self.out / file.path).read_text("utf-8"))["features"]:
                point = shape(feature["geometry"]).representative_point()
                found[int(feature["properties"]["code"])] = (point.x, point.y)
        return found

    def _carry_on(self, case: UUID, department: str, dispatcher: Any, supervisor: Any, number: int) -> None:
        """Some matters are still new, some with the department, most are closed: the demo shows every state."""
        far = self.rng.random()
        if far < 0.1 and number > 1:
            return
        cases.accept(dispatcher, case_id=case)
        if far < 0.2 and number > 1:
            return
        cases.dispatch(dispatcher, case_id=case, organisation=self.staff.organisations[department])
        if far < 0.4 and number > 1:
            return
        handler = self.staff.enter("water" if department == "water" else "city")
        cases.resolve(handler, case_id=case, note="已到场处置完毕。")
        if far < 0.5 and number > 1:
            return
        cases.verify(supervisor, case_id=case, note="现场核查属实。")
        cases.close(supervisor, case_id=case)
        self.summary.cases["closed"] += 1

    def signals(self) -> None:
        assert self.emergency is not None
        self.say(f"  {rise(self.staff)} alarms; {apply(self.staff, self.emergency)} status credentials")

    def correct(self) -> None:
        access = enter_system(name="intake", purpose=MAINTAIN)
        sources.register_source(
            access,
            code="visit",
            name_zh="走访更正",
            name_en="Corrections from visits",
            organisation=self.staff.organisations["grid_centre"],
            schema="person",
            division=DISTRICT,
        )
        corrections.return_corrections("visit")

    def ask(self) -> None:
        # Its own chance, so that the visits stay as they were; not theirs again, which gives visits the same ids.
        doors = ask(self.staff, random.Random(f"asking {self.manifest.seed}"))
        self.say(f"  campaigns of {doors[0]} and {doors[1]} doors; {doubt(self.staff)} doubts sent")

    def seal(self) -> None:
        seal_all(enter_system(name="sealer", purpose="operations"))
        found = check_chain()
        self.summary.ledger = {"verified": found.verified, "entries": found.entries}


def _standing(report: ImportReport) -> None:
    if report.blocking:
        worst = "; ".join(d.en for d in report.defects[:3])
        raise RuntimeError(f"{report.file_name} was refused: {worst}")
