"""Forms as versioned data, and the check of answers against them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from wangge.kernel.problems import BadInput

TYPES = frozenset({"number", "one", "many", "yes_no", "text"})
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``choices`` are (code, zh, en); ``least`` and ``most`` bound a number, both included."""

    code: str
    section: str
    zh: str
    en: str
    type: str
    required: bool = False
    least: float | None = None
    most: float | None = None
    longest: int = LONGEST_TEXT
    choices: tuple[tuple[str, str, str], ...] = ()

    def codes(self) -> frozenset[str]:
        return frozenset(code for code, _, _ in self.choices)


@dataclass(frozen=True, slots=True)
class Form:
    """One version of a form."""

    code: str
    version: str
    zh: str
    en: str
    privacy: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one answer."""

    question: str
    zh: str
    en: str


def read_form(raw: Mapping[str, Any]) -> Form:
    """A form from its TOML document. Raises ValueError for a type that does not exist or a repeated code."""
    questions = tuple(
        Question(**{**question, "choices": tuple(tuple(choice) for choice in question.get("choices", ()))})
        for question in raw["question"]
    )
    codes = [question.code for question in questions]
    if len(set(codes)) != len(codes) or not {question.type for question in questions} <= TYPES:
        raise ValueError(f"form {raw['code']}: a repeated code or an unknown type")
    return Form(raw["code"], raw["version"], raw["zh"], raw["en"], raw["privacy"], questions)


@cache
def shipped_forms() -> Mapping[tuple[str, str], Form]:
    """All forms in ``data/forms``, by code and version. Old versions stay: phones may still hold them."""
    folder = files("wangge.field").joinpath("data/forms")
    forms = (
        read_form(tomllib.loads(entry.read_text("utf-8")))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )
    return {(form.code, form.version): form for form in forms}


def form_named(code: str, version: str = "") -> Form:
    """A form by code, its newest version unless one is asked. Raises BadInput for an unknown one."""
    held = {v: form for (c, v), form in shipped_forms().items() if c == code and version in ("", v)}
    if not held:
        raise BadInput(
            code="form_unknown",
            zh=f"没有表单“{code} {version}”，请更新手机端后重试。",
            en=f'There is no form "{code} {version}"; update the app and send again.',
        )
    return held[max(held)]


def check_answers(form: Form, answers: Mapping[str, Any], *, whole: bool = True) -> tuple[Fault, ...]:
    """What is wrong with ``answers``, in the order of the form; unknown keys last.

    ``whole`` False leaves out what is required but missing: nobody was met, so nothing could be asked.
    """
    faults = []
    for question in form.questions:
        value = answers.get(question.code)
        if value is None or value in ("", []):
            if question.required and whole:
                faults.append(
                    Fault(question.code, f"“{question.zh}”必填。", f'"{question.en}" must be answered.')
                )
        elif (fault := _fault(question, value)) is not None:
            faults.append(fault)
    known = {question.code for question in form.questions}
    faults += [
        Fault(key, f"表单中没有“{key}”这一项。", f'The form has no question "{key}".')
        for key in sorted(set(answers) - known)
    ]
    return tuple(faults)


def _fault(question: Question, value: Any) -> Fault | None:
    if question.type == "number":
        return _number_fault(question, value)
    wrong = {
        "one": lambda: not isinstance(value, str) or value not in question.codes(),
        "many": lambda: (
            not isinstance(value, list | tuple)
            or not all(isinstance(item, str) for item in value)
            or not question.codes().issuperset(value)
        ),
        "yes_no": lambda: not isinstance(value, bool),
        "text": lambda: not isinstance(value, str) or len(value) > question.longest,
    }[question.type]()
    if not wrong:
        return None
    if question.type == "text":
        return Fault(
            question.code,
            f"“{question.zh}”应为不超过 {question.longest} 字的文字。",
            f'"{question.en}" must be text of at most {question.longest} characters.',
        )
    return Fault(
        question.code,
        f"“{question.zh}”的回答不在选项之中。",
        f'The answer to "{question.en}" is none of the choices.',
    )


def _number_fault(question: Question, value: Any) -> Fault | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    low = question.least if question.least is not None else float("-inf")
    high = question.most if question.most is not None else float("inf")
    if is_number and low <= value <= high:
        return None
    return Fault(
        question.code,
        f"“{question.zh}”应为 {low:g} 至 {high:g} 之间的数字。",
        f'"{question.en}" must be a number from {low:g} to {high:g}.',
    )
