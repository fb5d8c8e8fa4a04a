"""A small register to ask: dwellings, households and people set straight into its tables, quickly."""

from __future__ import annotations

from django.db import connection, transaction

from wangge.access.vault import vault
from wangge.kernel.units import interval_of

COMMUNITY = "120110003005"
BASIS = "社会救助暂行办法 第十五条"

# Synthetic people: surnames and given names drawn from short lists, nobody real. Each dwelling of the grid gets a
# household; of every third person no phone is known, of every fifth no identity number.
_DWELLINGS = """
INSERT INTO registry_dwelling (id, key, estate, building, unit, room, unit_no)
SELECT gen_random_uuid(), 'estate|' || n, '金台园', ((n - 1) / 60 + 1)::text, ((n - 1) / 20 %% 3 + 1)::text,
       ((n - 1) %% 20 / 4 + 1) || '0' || ((n - 1) %% 4 + 1), %(unit)s + 1 + (n - 1) %% %(grids)s
FROM generate_series(1, %(doors)s) AS n
"""
_HOUSEHOLDS = """
INSERT INTO registry_household (id, key, dwelling_id, unit_no, members)
SELECT gen_random_uuid(), 'h|' || key, id, unit_no, 0 FROM registry_dwelling WHERE %(doors)s > 0
"""
_PEOPLE = """
INSERT INTO registry_person (id, unit_no, household_id, dwelling_id, name, given, pinyin, sound, initials, sex, birth_on,
  id_no_sealed, id_no_blind, phone_sealed, phone_blind, facts, provenance, records, as_of_on, retired)
SELECT gen_random_uuid(), h.unit_no, h.id, h.dwelling_id,
       substr('王李张刘陈杨赵黄', n %% 8 + 1, 1) || substr('伟芳娜敏静强磊洋艳勇', n %% 10 + 1, 1), '', '', '', '',
       CASE WHEN n %% 2 = 0 THEN 'male' ELSE 'female' END,
       CASE WHEN n %% 50 = 49 THEN NULL ELSE current_date - (n %% 90) * 366 - 20 END,
       CASE WHEN n %% 5 = 0 THEN NULL ELSE %(sealed)s::bytea END, NULL,
       CASE WHEN n %% 3 = 0 THEN NULL ELSE %(sealed)s::bytea END, NULL,
       CASE WHEN n %% 7 = 0 THEN '{"lives_alone": {"v": "true", "s": "civil_affairs", "d": "2026-03-01"}}'
            ELSE '{}' END::jsonb,
       '{"phone": ["grid_office", "g1", "2026-10-01", 1, 1, 0.9], "birth": ["public_security", "p1", "2020-01-01", 2, 1, 0.99],
         "name": ["public_security", "p1", "2020-01-01", 2, 1, 0.99]}'::jsonb,
       2, current_date - CASE WHEN n %% 2 = 0 THEN 500 ELSE 10 END, false
FROM (SELECT row_number() OVER (ORDER BY unit_no, id) AS at, * FROM registry_household) h
JOIN generate_series(0, %(people)s - 1) AS n ON n %% %(doors)s + 1 = h.at
"""


def fill(doors: int = 12, people: int = 30, grids: int = 3, community: str = COMMUNITY) -> None:
    """People behind the doors of a community's first grids; all synthetic."""
    values = {
        "unit": interval_of(community).lo,
        "grids": grids,
        "doors": doors,
        "people": people,
        "sealed": vault("registry").seal("13800000000"),
    }
    scope = interval_of(community[:6])
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in (("wangge.lo", scope.lo), ("wangge.hi", scope.hi)):
            cursor.execute("SELECT set_config(%s, %s, true)", [name, str(value)])
        for statement in (_DWELLINGS, _HOUSEHOLDS, _PEOPLE):
            cursor.execute(statement, values)
        for name in ("wangge.lo", "wangge.hi"):
            cursor.execute("SELECT set_config(%s, '', true)", [name])
