"""What every page must be, whoever wrote it."""

from __future__ import annotations

import re

from django.http import HttpResponse

from tests.console.test_pages import CHINESE, Page

WORDS = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)


def text_of(html: str) -> str:
    """What the reader sees, without tags."""
    return re.sub(r"\s+", " ", WORDS.sub(" ", html))


def sound(response: HttpResponse, status: int = 200) -> str:
    """The page's own text, after its structure was checked."""
    html = response.content.decode()
    assert response.status_code == status, html[:2000]
    page = Page(html)
    assert page.faults == [] and page.stack == [], page.faults
    assert sorted(set(page.ids)) == sorted(page.ids), "an id stands twice"
    assert response.headers["Cache-Control"] == "no-store"
    return html


def no_chinese_left(html: str, *data: str) -> str:
    """What Chinese an English page still says, once its data (names, addresses, titles) is taken out."""
    text = text_of(html)
    for known in sorted(data, key=len, reverse=True):
        text = text.replace(known, "")
    found = CHINESE.search(text)
    return text[max(0, found.start() - 30) : found.end() + 30] if found else ""
