"""Find a person among 710,000: by name, beginning of a name, sound, initials, identity number, phone.

    python -m benchmarks.person_search [--persons 710000] [--rounds 60]

Goal: 95th percentile under 50 ms through the door (policy, scope, masking and ledger row included). The register is
filled with invented persons by the platform's own bulk path; filling is not part of the figure.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

from demo.place import clear, enter, migrate, place_of

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华建国玉梅志文海红春生小云飞龙鹏宇浩轩子涵欣怡佳琪思雨"
)
COLUMNS = (
    "id", "unit_no", "name", "given", "pinyin", "sound", "initials", "sex", "birth_on", "id_no_sealed", "id_no_blind",
    "phone_sealed", "phone_blind", "facts", "provenance", "records", "retired",
)  # fmt: skip


def persons(count: int, rng: random.Random) -> Iterator[tuple[Any, ...]]:
    from psycopg.types.json import Jsonb

    from wangge.access.vault import vault
    from wangge.kernel.ids import new_id
    from wangge.registry.rules.names import sound_of

    sealer = vault("registry")
    for number in range(count):
        given = "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2, 2))))
        name = rng.choice(SURNAMES) + given
        sound = sound_of(name)
        id_no, phone = f"{120110190001010000 + number}", f"{13000000000 + number}"
        yield (
            new_id(), 120110001001001 + (number % 1000) * 1000, name, given, sound.ordered, sound.typed, sound.initials,
            "male", None, sealer.seal(id_no), sealer.blind("id_no", id_no), sealer.seal(phone),
            sealer.blind("phone", phone), Jsonb({}), Jsonb({}), 3, False,
        )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=710_000)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    place = place_of("benchmark-search")
    clear(place)
    migrate(place)
    enter(place)
    from django.db import connection, transaction

    from wangge.access.actions import enter_system
    from wangge.access.bulk import insert_rows
    from wangge.kernel.units import interval_of
    from wangge.registry.models import Person
    from wangge.registry.queries import counts, search_persons

    rng = random.Random(1)
    access = enter_system(name="benchmark", purpose="registry_maintenance", scope=interval_of("120110"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', %s, true), set_config('wangge.hi', %s, true)",
            [str(access.scope.lo), str(access.scope.hi)],
        )
        insert_rows(Person, COLUMNS, persons(options.persons, rng))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_person")
    asked = {
        "name": lambda: rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=2)),
        "surname": lambda: rng.choice(SURNAMES),
        "given": lambda: "".join(rng.choices(GIVEN, k=2)),
        "sound": lambda: rng.choice(("wangwei", "zhangjianguo", "lif", "chenmei")),
        "initials": lambda: rng.choice(("wjg", "zxm", "lf")),
        "id_no": lambda: f"{120110190001010000 + rng.randrange(options.persons)}",
        "phone": lambda: f"{13000000000 + rng.randrange(options.persons)}",
    }
    figures = {}
    for kind, make in asked.items():
        times = []
        for _ in range(options.rounds):
            began = time.perf_counter()
            search_persons(access, text=make())
            times.append((time.perf_counter() - began) * 1000)
        times.sort()
        figures[kind] = {
            "median_ms": round(statistics.median(times), 1),
            "p95_ms": round(times[int(len(times) * 0.95)], 1),
        }
    print(json.dumps({"persons": counts(access).persons, **figures}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
