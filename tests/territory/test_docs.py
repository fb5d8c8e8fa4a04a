"""The page about grids says of every defect what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from wangge.territory.states import DefectKind, severity_of
from wangge_engine.grids.gridrows import SYNONYMS

PAGE = (Path(__file__).parents[2] / "docs" / "territory.md").read_text(encoding="utf-8")


def test_every_defect_stands_in_the_table_with_its_weight():
    told = {}
    for names, weight in re.findall(
        r"^\| ((?:`[a-z_]+`(?:, )?)+) \| (blocking|warning) \|", PAGE, re.MULTILINE
    ):
        told |= dict.fromkeys(re.findall(r"`([a-z_]+)`", names), weight)
    assert told == {kind.value: severity_of(kind).value for kind in DefectKind}


def test_headers_it_names_are_recognised():
    for field, words in SYNONYMS.items():
        line = next(line for line in PAGE.splitlines() if line.startswith(f"| {field} |"))
        named = re.split(r"[:(]", line.split("|")[2])[0]
        for word in filter(None, (part.strip() for part in named.split(","))):
            assert word in words
