"""The parts of a page: what they say, escape, hide and link to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

from wangge.console.assets import collect, read_manifest
from wangge.console.badges import BADGES, TONES, badge_of
from wangge.console.icons import ICONS
from wangge.console.words import ISLAND_WORDS
from wangge.kernel.pages import Page
from wangge.kernel.privacy import MaskedText

WEB = Path(__file__).resolve().parents[2] / "web"


def render(text: str, path: str = "/", **values: object) -> str:
    values.setdefault("request", RequestFactory().get(path))
    with translation.override("en"):
        return Template("{% load ui %}" + text).render(Context(values))


def test_text_is_escaped_in_every_tag_that_takes_text() -> None:
    evil = "<script>alert(1)</script>"
    for tag in (
        '{% badge "done" evil %}',
        "{% shown evil %}",
        "{% because evil %}{{ evil }}{% endbecause %}",
        "{% empty evil evil %}",
        "{% state 'x' evil %}",
        "{% unit_code evil %}",
        '{% chip "a" evil evil %}',
    ):
        assert "<script>" not in render(tag, evil=evil), tag


def test_a_masked_value_says_why_and_an_open_one_does_not() -> None:
    hidden = render('{% shown v "mono" %}', v=MaskedText("138****0231", "personal"))
    assert "138****0231" in hidden and "Personal data" in hidden and "Why is this hidden?" in hidden
    assert "hidden" not in render("{% shown v %}", v="13800000231")
    assert "–" in render("{% shown v %}", v=None)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("120110003002004", ["120110", "003", "002", "004"]),
        (120110003002004, ["120110", "003", "002", "004"]),
        ("120110003000", ["120110", "003"]),
        ("120110", ["120110"]),
    ],
)
def test_a_unit_code_is_read_in_steps(code: object, shown: list[str]) -> None:
    assert re.findall(r">(\d+)<", render("{% unit_code c %}", c=code)) == shown


def test_counts_stop_and_say_so() -> None:
    assert render("{{ n|capped }}", n=1001) == "1,000+"
    assert render("{{ n|capped }}", n=1000) == "1,000"
    assert render("{{ n|figure }}", n=710000) == "710,000"


def test_a_chip_takes_itself_away_and_keeps_the_others() -> None:
    off = render('{% chip "state" "late" "Late" %}', "/cases/?mine=1&after=x")
    assert 'href="?mine=1&amp;state=late"' in off and "aria-current" not in off
    on = render('{% chip "state" "late" "Late" %}', "/cases/?mine=1&state=late")
    assert 'href="?mine=1"' in on and "aria-current" in on


def test_more_reads_on_and_ends() -> None:
    some = render("{% more page %}", "/cases/?state=late", page=Page((1,), next="abc"))
    assert 'hx-get="?state=late&amp;after=abc"' in some and some.startswith("<li")
    assert "That is all" in render("{% more page 3 %}", page=Page((1,)))
    assert "That is all" not in render("{% more page %}", page=Page(()))


def test_a_record_keeps_the_lists_filters() -> None:
    assert (
        render("{% keep_query '/cases/1/' %}", "/cases/?state=late&sel=x&after=y") == "/cases/1/?state=late"
    )


def test_an_unknown_tone_is_refused_and_an_unknown_state_is_seen() -> None:
    with pytest.raises(TemplateSyntaxError):
        render('{% badge "purple" "x" %}')
    assert badge_of("case", "made_up").word == "made_up"
    assert {badge.tone for badge in BADGES.values()} <= set(TONES)


def test_every_tone_is_drawn() -> None:
    css = (WEB / "src" / "styles" / "badges.css").read_text("utf-8")
    shapes = {
        tone: re.search(rf'\.badge\[data-tone="{tone}"\] {{[^}}]*--shape: url\("(.*?)"\)', css)
        for tone in TONES
    }
    assert [tone for tone, found in shapes.items() if found is None] == []
    names = [found[1] for found in shapes.values() if found]
    assert len(set(names)) == len(names), "two states share a shape: colour alone would tell them apart"


def test_icons_are_plain_paths() -> None:
    assert [
        name for name, path in ICONS.items() if not re.fullmatch(r"[MLHVCSAZmlhvcsaz0-9 .-]+", path)
    ] == []


def test_the_scripts_ask_only_for_words_the_page_gives() -> None:
    listed = set(re.findall(r'\| "(\w+)"', (WEB / "src" / "words.ts").read_text("utf-8")))
    assert listed == set(ISLAND_WORDS)
    for key, word in ISLAND_WORDS.items():
        with translation.override("en"):
            english = set(re.findall(r"{\w+}", str(word)))
        with translation.override("zh-hans"):
            assert set(re.findall(r"{\w+}", str(word))) == english, key


def test_assets_are_collected_once_each() -> None:
    manifest = {
        "src/app.ts": {"file": "a.js", "imports": ["_x"], "css": ["a.css"], "dynamicImports": ["src/map.ts"]},
        "_x": {"file": "x.js", "imports": ["_x"], "css": ["x.css", "a.css"]},
        "src/map.ts": {"file": "m.js"},
    }
    found = collect(manifest, "src/app.ts", "/s/")  # type: ignore[arg-type]
    assert found.module == "/s/a.js"
    assert found.styles == ("/s/a.css", "/s/x.css")
    assert found.preloads == ("/s/x.js",)


def test_an_unbuilt_front_end_gives_pages_without_style(tmp_path: Path) -> None:
    assert collect(read_manifest(tmp_path), "src/app.ts", "/s/").module == ""


def test_the_error_summary_links_to_fields() -> None:
    from django import forms

    class One(forms.Form):
        name = forms.CharField()

    html = render("{% error_summary form %}{{ form }}", form=One({}))
    target = re.search(r'<a href="#(\w+)">', html)
    assert target and f'id="{target[1]}"' in html
    assert 'aria-invalid="true"' in html
    assert render("{% error_summary form %}", form=One()).strip() == ""


def test_words_for_scripts_are_json() -> None:
    block = re.search(
        r'<script id="words" type="application/json">(.*?)</script>', render("{% words %}"), re.DOTALL
    )
    assert block and json.loads(block[1])["copied"] == "Copied."
