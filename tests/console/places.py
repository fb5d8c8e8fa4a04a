"""What the page tests stand on: a house with staff, tables and a register, made through the doors."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.contrib.auth import get_user_model
from django.test import Client

from tests.console.test_pages import Page

CHINESE = re.compile(r"[\u4e00-\u9fff]")
HEADERS = ["编号", "姓名", "性别", "出生日期", "身份证号", "联系电话", "家庭住址"]


def client_of(access: Any, language: str = "zh-hans") -> Client:
    """A browser in which the account of an access is signed in."""
    client = Client()
    client.force_login(get_user_model().objects.get(id=access.actor))
    client.cookies["django_language"] = language
    session = client.session
    session["wangge_post"], session["wangge_purpose"] = str(access.post), access.purpose
    session.save()
    return client


def table(*rows: Sequence[str], headers: Sequence[str] = HEADERS, name: str = "名册.csv") -> io.BytesIO:
    """A department's file, ready to be sent."""
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    file = io.BytesIO(text.getvalue().encode())
    file.name = name
    return file


def sound(response: Any) -> str:
    """The page's HTML, after a look at its bones."""
    html = response.content.decode()
    page = Page(html)
    assert page.faults == []
    assert page.stack == []
    assert sorted(set(page.ids)) == sorted(page.ids)
    return html


def words(html: str) -> str:
    """What a reader reads."""
    body = re.sub(r"<script.*?</script>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def searched(client: Client, address: str, text: str) -> Any:
    """What the reader sees after a search; the address they are sent to does not hold the words."""
    response = client.post(address, {"q": text})
    assert response.status_code == 303, response.content
    where = response.headers["Location"]
    assert text not in where and quote(text) not in where
    return client.get(where)


def posted(client: Client, address: str, told: Any) -> Any:
    """What the reader sees after sending a form: the page sent on to, or the form again."""
    response = client.post(address, told)
    return client.get(response.headers["Location"]) if response.status_code == 303 else response
