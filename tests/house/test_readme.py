"""The two READMEs stand, say the two commands, and lead nowhere that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("name", ["README.md", "README.en.md"])
def test_a_readme_names_the_commands_and_its_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "./wangge demo" in text
    assert "./wangge test" in text
    links = [link for link in LINK.findall(text) if "://" not in link]
    assert len(links) >= 12
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_readmes_lead_to_the_same_places() -> None:
    places = []
    for name, other, language in (("README.md", "README.en.md", "zh"), ("README.en.md", "README.md", "en")):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert other in LINK.findall(text)
        links = {link.removesuffix(f".{language}.png").removesuffix(".zh.png") for link in LINK.findall(text)}
        places.append(links - {other})
    assert places[0] == places[1]
