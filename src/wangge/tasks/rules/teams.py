"""Team templates as data, and whether a team fits its template."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from wangge.kernel.problems import BadInput


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a template. ``most`` 0: no bound. ``station``: the holder's chosen station is recorded."""

    code: str
    zh: str
    en: str
    duty: str
    least: int
    most: int
    responsible: bool = False
    oversight: bool = False
    station: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """One way to staff a grid."""

    code: str
    version: str
    zh: str
    en: str
    posts: tuple[Post, ...]

    def post(self, code: str) -> Post:
        """The post of a code. Raises BadInput when the template has none such."""
        for post in self.posts:
            if post.code == code:
                return post
        raise BadInput(
            code="post_unknown",
            zh=f"模板“{self.zh}”中没有岗位“{code}”；可用：{'、'.join(p.zh for p in self.posts)}。",
            en=f'Template "{self.en}" has no post "{code}"; it has {", ".join(p.en for p in self.posts)}.',
        )

    @property
    def responsible_post(self) -> Post:
        return next(post for post in self.posts if post.responsible)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A post with too few (``missing`` > 0) or too many (< 0) holders."""

    post: str
    zh: str
    en: str
    missing: int


def read_templates(raw: Mapping[str, Any]) -> Mapping[str, Template]:
    """Templates from a TOML document.

    Raises ValueError unless each template has exactly one responsible post, held by exactly one person, that
    is not the post of oversight.
    """
    templates = {}
    for entry in raw["template"]:
        posts = tuple(Post(**post) for post in entry["posts"])
        answering = [post for post in posts if post.responsible]
        if len(answering) != 1 or answering[0].most != 1 or answering[0].oversight:
            raise ValueError(f"template {entry['code']}: exactly one person answers for a grid")
        if len({post.code for post in posts}) != len(posts):
            raise ValueError(f"template {entry['code']}: a post stands twice")
        templates[entry["code"]] = Template(entry["code"], raw["version"], entry["zh"], entry["en"], posts)
    return templates


@cache
def shipped_templates() -> Mapping[str, Template]:
    """The templates in ``data/teams.toml``."""
    text = files("wangge.tasks").joinpath("data/teams.toml").read_text("utf-8")
    return read_templates(tomllib.loads(text))


def template_named(code: str) -> Template:
    """A template by code. Raises BadInput for an unknown one."""
    templates = shipped_templates()
    if code not in templates:
        raise BadInput(
            code="team_template_unknown",
            zh=f"没有团队模板“{code}”；可用：{'、'.join(templates)}。",
            en=f'There is no team template "{code}"; there are {", ".join(templates)}.',
        )
    return templates[code]


def vacancies(template: Template, held: Iterable[str]) -> tuple[Vacancy, ...]:
    """Posts of the template that have too few or too many holders; ``held`` names the post of each member."""
    counts = Counter(held)
    found = []
    for post in template.posts:
        number = counts[post.code]
        if number < post.least:
            found.append(Vacancy(post.code, post.zh, post.en, post.least - number))
        elif post.most and number > post.most:
            found.append(Vacancy(post.code, post.zh, post.en, post.most - number))
    return tuple(found)
