"""The terms an emergency is declared on: what must be said, and what cannot stand.

An emergency without an end, a legal basis, an area, a purpose or a list of data sets is refused: 突发事件应对法 (2024)
art. 85 allows such data for the response only and has it destroyed when the response ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from wangge.emergencies.states import DataSet, Law
from wangge.kernel.problems import BadInput
from wangge.kernel.units import interval_of

MAX_TERM = timedelta(days=90)  # then it is renewed with a review, or it ends
PURPOSES = ("epidemic_response", "care")
LAWS: dict[Law, tuple[str, str]] = {
    Law.INFECTIOUS_DISEASES: (
        "《中华人民共和国传染病防治法》（2025 年修订）",
        "Law on the Prevention and Treatment of Infectious Diseases (2025)",
    ),
    Law.EMERGENCY_RESPONSE: (
        "《中华人民共和国突发事件应对法》（2024 年修订）",
        "Emergency Response Law (2024)",
    ),
    Law.PUBLIC_HEALTH_EMERGENCIES: (
        "《突发公共卫生事件应急条例》",
        "Regulation on Public Health Emergencies",
    ),
    Law.PERSONAL_INFORMATION: (
        "《中华人民共和国个人信息保护法》第十三条第四项",
        "Personal Information Protection Law, article 13(4)",
    ),
}
_ARTICLE = re.compile(r"第[〇零一二三四五六七八九十百0-9]+条.*|art(?:icle|\.)?\s*\d+.*", re.IGNORECASE)


def _refuse(code: str, zh: str, en: str, place: str) -> BadInput:
    return BadInput(code=code, zh=zh, en=en, place=place)


def check_declaration(
    *,
    name: str,
    article: str,
    areas: Sequence[str],
    purposes: Sequence[str],
    data_sets: Sequence[DataSet],
    starts_at: datetime,
    ends_at: datetime | None,
    now: datetime,
) -> None:
    """Raises BadInput for the first term that is missing or cannot stand, with the field as its place."""
    if not name.strip():
        raise _refuse("name_missing", "请填写应急事件名称。", "Give the emergency a name.", "name")
    if not _ARTICLE.fullmatch(article.strip()):
        raise _refuse(
            "legal_basis_missing",
            "请写明法律依据的条款，例如“第四十五条”。",
            'Name the article of the law, such as "第四十五条" or "art. 45".',
            "article",
        )
    if not areas:
        raise _refuse("area_missing", "请至少指定一个区域。", "Name at least one area.", "areas")
    for code in areas:
        interval_of(code)
    if not purposes or set(purposes) - set(PURPOSES):
        raise _refuse(
            "purpose_not_allowed",
            f"用途须从以下选择：{'、'.join(PURPOSES)}。",
            f"Choose purposes among: {', '.join(PURPOSES)}.",
            "purposes",
        )
    if not data_sets:
        raise _refuse(
            "data_set_missing",
            "请列明将使用的数据集；未列明的数据集不得使用。",
            "List the data sets to be used; what is not listed may not be used.",
            "data_sets",
        )
    check_term(starts_at=starts_at, ends_at=ends_at, now=now)


def check_term(*, starts_at: datetime, ends_at: datetime | None, now: datetime) -> None:
    """An end must be given, lie ahead, follow the start, and lie within the longest term."""
    if ends_at is None:
        raise _refuse(
            "end_missing",
            "必须写明结束时间；没有终点的应急状态不能宣布。",
            "An end is required; an emergency without an end cannot be declared.",
            "ends_at",
        )
    for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment.tzinfo is None:
            raise _refuse("time_without_zone", f"“{name}”缺少时区。", f'"{name}" has no time zone.', name)
    if ends_at <= starts_at:
        raise _refuse(
            "end_before_start",
            f"结束时间 {ends_at:%Y-%m-%d %H:%M} 不晚于开始时间 {starts_at:%Y-%m-%d %H:%M}。",
            f"The end ({ends_at:%Y-%m-%d %H:%M}) is not after the start ({starts_at:%Y-%m-%d %H:%M}).",
            "ends_at",
        )
    if ends_at <= now:
        raise _refuse(
            "end_in_past",
            f"结束时间 {ends_at:%Y-%m-%d %H:%M} 已经过去。",
            f"The end ({ends_at:%Y-%m-%d %H:%M}) has already passed.",
            "ends_at",
        )
    if ends_at - max(starts_at, now) > MAX_TERM:
        raise _refuse(
            "term_too_long",
            f"期限不得超过 {MAX_TERM.days} 天；到期前可经复核延长。",
            f"The term may not exceed {MAX_TERM.days} days; it can be extended after a review.",
            "ends_at",
        )


def check_review(*, review: str, ends_at: datetime, new_end: datetime | None, now: datetime) -> None:
    """An extension needs a written review and an end later than the present one."""
    if len(review.strip()) < 10:
        raise _refuse(
            "review_missing",
            "延长须写明复核意见（不少于 10 个字）：为何仍有必要，哪些数据可以先行删除。",
            "An extension needs a review of at least 10 characters: why it is still needed, what can be deleted now.",
            "review",
        )
    check_term(starts_at=now, ends_at=new_end, now=now)
    if new_end is not None and new_end <= ends_at:
        raise _refuse(
            "extension_ends_earlier",
            f"新的结束时间不晚于原定的 {ends_at:%Y-%m-%d %H:%M}；如需提前结束请使用“结束”。",
            f"The new end is not after the present one ({ends_at:%Y-%m-%d %H:%M}); to stop sooner, end the emergency.",
            "ends_at",
        )
