"""The laws of the house that are not imports: doors, fields, words, sizes, the second net."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import tomllib
from pathlib import Path

import cedarpy
import pytest
from django.apps import apps
from django.db import connection, connections

from wangge.access.policy import ENTER, FOLDER, Circumstances, entities, judge
from wangge.access.queries import purposes_of
from wangge.access.states import Role
from wangge.access.wall import CONDITIONS, our_models
from wangge.kernel.doors import declarations
from wangge.kernel.privacy import Privacy
from wangge.project.handbook import ORDER, PAGES, ROOT, load_all_doors

SOURCE = ROOT / "src" / "wangge"
ROOMS = [p.name for p in SOURCE.iterdir() if (p / "apps.py").exists() and p.name != "project"]
# The entrances ask these before there is an access, or they only say what policies say.
BEFORE_ACCESS = {
    "access": {
        "enter", "enter_system", "enter_with_token", "choose", "may_enter", "purposes_of", "posts_of", "may", "account_named", "mandates_in_force",
        "permission_matrix",
    },
    "ledger": {"record", "seal_pending", "seal_all", "check_chain", "check_file"},
}  # fmt: skip
LONG_FILES: dict[str, str] = {}  # path: reason, for files over 600 lines
# room: the lines it may have meanwhile, and what is to leave it
LONG_ROOMS: dict[str, tuple[int, str]] = {}
CHINESE = re.compile(r"^[\u4e00-\u9fff（）、/]+: \S")

load_all_doors()
MODELS = sorted(our_models(), key=lambda m: m._meta.label)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_every_field_carries_one_privacy_class(model) -> None:
    fields = {f.name for f in model._meta.concrete_fields}
    assert set(model.PRIVACY) == fields
    assert all(isinstance(p, Privacy) for p in model.PRIVACY.values())


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_every_model_has_its_chinese_name_and_stands_in_the_glossary(model) -> None:
    assert CHINESE.match(inspect.getdoc(model) or ""), model
    words = {w["code"] for w in tomllib.loads((ROOT / "glossary.toml").read_text("utf-8"))["word"]}
    assert model.__name__ in words


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_foreign_keys_point_upstream_and_leave_no_way_back(model) -> None:
    own = ORDER.index(model._meta.app_label)
    for field in model._meta.concrete_fields:
        if not field.is_relation:
            continue
        target = field.related_model._meta.app_label
        assert target in ORDER and ORDER.index(target) <= own, field
        assert field.remote_field.related_name == "+" or field.remote_field.is_hidden(), field


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_function_of_a_door_module_is_a_declared_door(room: str) -> None:
    for part in ("actions", "queries"):
        if not ((SOURCE / room / f"{part}.py").exists() or (SOURCE / room / part).is_dir()):
            continue
        module = importlib.import_module(f"wangge.{room}.{part}")
        names = getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])
        for name in names:
            function = getattr(module, name)
            home = getattr(function, "__module__", "") or ""
            if not inspect.isfunction(function) or not home.startswith(f"wangge.{room}.{part}"):
                continue
            if name in BEFORE_ACCESS.get(room, set()):
                continue
            assert hasattr(function, "__declaration__"), f"{home}.{name} is not declared with @door"


def test_every_door_opens_for_someone() -> None:
    shut = []
    for declaration in declarations():
        if not (SOURCE / declaration.room).is_dir():
            continue  # declared by a test
        open_to = any(
            judge.decide(declaration.name, declaration.noun, Circumstances(role, purpose, True, True)).allowed
            for role in Role
            for purpose in purposes_of(role)
        )
        if not open_to:
            shut.append(declaration.name)
    assert shut == []


def test_policies_name_only_roles_and_verbs_that_exist() -> None:
    """A misspelt verb in a policy would silently permit nothing."""
    known = {(e["uid"]["type"], e["uid"]["id"]) for e in json.loads(entities(declarations()))}
    text = "\n".join(p.read_text("utf-8") for p in FOLDER.glob("*.cedar"))
    assert cedarpy.policies_to_json_str(text)
    for kind, name in re.findall(r'(Role|Action|Noun)::"([^"]+)"', text):
        assert (kind, name) in known or name == ENTER, f"{kind} {name}"


@pytest.mark.django_db
@pytest.mark.parametrize("model", [m for m in MODELS if m.SCOPE in CONDITIONS], ids=lambda m: m._meta.label)
def test_no_scope_means_no_rows(model) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", [table])
        assert cursor.fetchone() == (True, True)
        cursor.execute("SELECT rolbypassrls, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
        cursor.execute("SELECT tableowner <> current_user FROM pg_tables WHERE tablename = %s", [table])
        assert cursor.fetchone() == (True,)
    assert model.objects.count() == 0


@pytest.mark.django_db
def test_migrations_say_what_the_models_say() -> None:
    from io import StringIO

    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO(), stderr=StringIO())
    assert connections["default"].vendor == "postgresql"


def _python_files() -> list[Path]:
    return [
        p
        for folder in ("src", "demo", "launcher", "tests", "benchmarks")
        for p in (ROOT / folder).rglob("*.py")
    ]


def test_files_stay_small() -> None:
    for path in _python_files():
        if "migrations" in path.parts:
            continue
        lines = len(path.read_text("utf-8").splitlines())
        name = str(path.relative_to(ROOT))
        assert lines <= (900 if name in LONG_FILES else 600), f"{name}: {lines} lines"


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_stay_small(room: str) -> None:
    """A room over 3,000 lines is two, or holds what is pure and belongs to the engine."""
    files = [p for p in (SOURCE / room).rglob("*.py") if "migrations" not in p.parts]
    lines = sum(len(p.read_text("utf-8").splitlines()) for p in files)
    assert lines <= LONG_ROOMS.get(room, (3_000, ""))[0], f"{room}: {lines} lines"


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [p for p in _python_files() if p.stem in ("utils", "helpers", "common", "misc")] == []


def test_no_signal_receivers() -> None:
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "django.db.models.signals"
            ):
                pytest.fail(f"{path} listens to signals")
            if isinstance(node, ast.ImportFrom) and node.module == "django.dispatch":
                pytest.fail(f"{path} listens to signals")


def test_every_app_is_a_room_in_the_order() -> None:
    ours = {c.label for c in apps.get_app_configs() if c.name.startswith("wangge.")}
    assert ours <= set(ORDER)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_handbook_is_up_to_date(page: str) -> None:
    assert (ROOT / "docs" / page).read_text("utf-8") == PAGES[page](), "run ./wangge docs"
