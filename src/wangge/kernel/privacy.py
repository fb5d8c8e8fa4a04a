"""Privacy classes, and masks for those who may know that a thing exists but not what it says.

One class per field drives masking, sealing at rest, retention, export and disclosure control (classification
after GB/T 35273-2020 and PIPL art. 28: sensitive = health, whereabouts, under 14; secret = keys and passwords).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Privacy(StrEnum):
    """How much harm a value can do in the wrong hands."""

    OPEN = "open"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    SECRET = "secret"  # noqa: S105 -- the name of a class, not a password


class MaskedText(str):
    """Text with its telling part taken out. `reason` names the class that was masked."""

    __slots__ = ("reason",)
    reason: str

    def __new__(cls, text: str, reason: str) -> MaskedText:
        value = super().__new__(cls, text)
        value.reason = reason
        return value


def _keep(head: int, tail: int) -> Callable[[str], str]:
    def mask(text: str) -> str:
        if len(text) <= head + tail:
            return text[:1] + "*" * max(len(text) - 1, 1)
        return text[:head] + "*" * (len(text) - head - tail) + (text[-tail:] if tail else "")

    return mask


MASKS: dict[str, Callable[[str], str]] = {
    "name": _keep(1, 0),
    "id_no": _keep(4, 2),
    "phone": _keep(3, 4),
    "address": lambda _: "***",
    "text": lambda _: "***",
}


def _field(privacy: Privacy, mask: str, kwargs: dict[str, Any]) -> Any:
    metadata = {"privacy": privacy, "mask": mask}
    return dataclasses.field(metadata=metadata, **kwargs)


def open_(**kwargs: Any) -> Any:
    """A view field anyone on staff may read."""
    return _field(Privacy.OPEN, "text", kwargs)


def personal(mask: str = "text", **kwargs: Any) -> Any:
    """A view field about a person; `mask` is one of name, id_no, phone, address, text."""
    return _field(Privacy.PERSONAL, mask, kwargs)


def sensitive(mask: str = "text", **kwargs: Any) -> Any:
    """A view field whose leak can harm a person: health, whereabouts, a child's data."""
    return _field(Privacy.SENSITIVE, mask, kwargs)


def secret(**kwargs: Any) -> Any:
    """A view field nobody reads on a screen."""
    return _field(Privacy.SECRET, "text", kwargs)


def subject(**kwargs: Any) -> Any:
    """A view field that holds the id of the person the view is about; the ledger keeps its keyed hash."""
    return dataclasses.field(metadata={"privacy": Privacy.OPEN, "subject": True}, **kwargs)


@dataclasses.dataclass(frozen=True, slots=True)
class ViewShape:
    """What a view dataclass declares: fields by privacy class, subject fields, fields to look into."""

    classed: tuple[tuple[str, Privacy, str], ...]
    subjects: tuple[str, ...]
    nested: tuple[str, ...]


_shapes: dict[type, ViewShape] = {}


def shape_of(view: type) -> ViewShape:
    """The declaration of a view class, worked out once."""
    if view not in _shapes:
        _shapes[view] = _shape_of(view)
    return _shapes[view]


def _shape_of(view: type) -> ViewShape:
    classed, subjects, nested = [], [], []
    for item in dataclasses.fields(view):
        privacy = item.metadata.get("privacy")
        if item.metadata.get("subject"):
            subjects.append(item.name)
        elif privacy not in (None, Privacy.OPEN):
            classed.append((item.name, privacy, item.metadata.get("mask", "text")))
        if privacy is None or privacy is Privacy.OPEN:
            nested.append(item.name)
    return ViewShape(tuple(classed), tuple(subjects), tuple(nested))


def _is_view(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _mask_value(value: Any, mask: str, reason: str) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return MaskedText(MASKS[mask](value), reason) if value else value
    if isinstance(value, tuple):
        return tuple(_mask_value(item, mask, reason) for item in value if isinstance(item, str))
    return None


def masked(value: T, classes: frozenset[Privacy]) -> T:
    """`value` with every field of `classes` masked, looking into nested views, tuples and dicts of views."""
    if not classes:
        return value
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(masked(item, classes) for item in value)  # type: ignore[return-value]
    if not _is_view(value):
        return value
    shape = shape_of(type(value))
    changes: dict[str, Any] = {}
    for name, privacy, mask in shape.classed:
        if privacy in classes:
            changes[name] = _mask_value(getattr(value, name), mask, privacy.value)
    for name in shape.nested:
        inner = getattr(value, name)
        if isinstance(inner, tuple) or _is_view(inner):
            kept = masked(inner, classes)
            if kept is not inner:
                changes[name] = kept
    return dataclasses.replace(value, **changes) if changes else value  # type: ignore[type-var]


def subjects_in(value: object) -> list[str]:
    """Ids of the persons a result speaks about, in order, each once."""
    found: dict[str, None] = {}

    def walk(item: object) -> None:
        if isinstance(item, tuple):
            for inner in item:
                walk(inner)
        elif _is_view(item):
            shape = shape_of(type(item))
            for name in shape.subjects:
                who = getattr(item, name)
                if who is not None:
                    found[str(who)] = None
            for name in shape.nested:
                inner = getattr(item, name)
                if isinstance(inner, tuple) or _is_view(inner):
                    walk(inner)

    walk(value)
    return list(found)
