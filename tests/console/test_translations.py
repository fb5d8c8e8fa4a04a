"""Every message is said in Chinese, and keeps what the English has to fill in."""

from __future__ import annotations

import re
import string

from tests.console.messages import SOURCE, Message, catalogue, extract, messages, translations

PLACE = re.compile(r"%\((\w+)\)[sd]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]")


def test_every_message_has_a_chinese_translation() -> None:
    said = translations()
    missing = [f"{m.place}: {m.text!r}" for m in messages() if not said.get((m.context, m.text))]
    assert missing == [], "add these to the room's django.po (python -m tests.console.messages)"


def test_translations_fill_in_the_same_values() -> None:
    wrong = []
    for (_, text), said in translations().items():
        places = {name for _, name, _, _ in string.Formatter().parse(text) if name} if "{" in text else set()
        kept = {name for _, name, _, _ in string.Formatter().parse(said) if name} if "{" in said else set()
        if set(PLACE.findall(text)) != set(PLACE.findall(said)) or places != kept:
            wrong.append(text)
    assert wrong == []


def test_chinese_punctuation_is_full_width() -> None:
    assert [said for said in translations().values() if HALF_WIDTH.search(said)] == []


def test_no_catalogue_is_broken_or_says_what_nobody_asks() -> None:
    asked = {(m.context, m.text) for m in messages()}
    found = sorted(SOURCE.glob("*/locale/zh_Hans/LC_MESSAGES/django.po"))
    assert found
    for path in found:
        read = catalogue(path)
        assert [str(error) for message, errors in read.check() for error in errors] == [], path
        unused = [m.id for m in read if m.id and (m.context or "", _singular(m.id)) not in asked]
        assert unused == [], f"{path}: remove what no page says any more"


def test_a_desk_s_catalogue_holds_what_its_own_pages_say_and_no_other_does() -> None:
    rooms: dict[tuple[str, str], set[str]] = {}
    for m in messages():
        rooms.setdefault((m.context, m.text), set()).add(m.place.partition("/")[0])
    for desk in ("canvass", "atlas", "office", "duty", "watch"):
        read = catalogue(SOURCE / desk / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")
        astray = [m.id for m in read if m.id and rooms[m.context or "", _singular(m.id)] != {desk}]
        assert astray == [], f"{desk}: these belong into the frame's catalogue, or the other desk's"


def _singular(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def test_the_extraction_sees_tags_calls_plurals_and_contexts(tmp_path_in_source: object) -> None:
    page, module = tmp_path_in_source  # type: ignore[misc]
    page.write_text(
        '{% load i18n %}<p title="{% translate "A title" %}">{% blocktranslate with n=1 trimmed %}\n   Hello {{ n }}\n'
        '{% endblocktranslate %}{% translate "Close" context "case" %}{% comment %}{% translate "No" %}{% endcomment %}',
        "utf-8",
    )
    module.write_text(
        'x = _("One")\ny = ngettext("a dog", "dogs", 2)\nz = pgettext("case", "Shut")\n', "utf-8"
    )
    assert {(m.context, m.text) for m in extract(page)} == {
        ("", "A title"),
        ("", "Hello %(n)s"),
        ("case", "Close"),
    }
    assert {(m.context, m.text) for m in extract(module)} == {("", "One"), ("", "a dog"), ("case", "Shut")}


def test_messages_sort_and_say_their_place() -> None:
    found = [m for m in messages() if m.text == "Skip to the content"]
    assert [type(m) for m in found] == [Message]
    assert found[0].place.startswith("console/templates/console/base.html:")
