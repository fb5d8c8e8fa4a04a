"""Instants as people write them and as the credential keeps them: whole seconds since 1970 UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wangge_credential.claims import LAST
from wangge_credential.problems import Refused


def read_instant(text: str, tz: str | None = None) -> int:
    """ISO 8601 with an offset, or a local time and the zone `tz`; refuses hours that a zone leaves out or has twice."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused("instant", "时刻写法不对（ISO 8601）", "not an ISO 8601 instant", text[:40]) from error
    if found.tzinfo is None:
        found = _in_zone(found, tz, text)
    seconds = int(found.timestamp() // 1)
    if not 0 <= seconds <= LAST:
        raise Refused("instant", "时刻超出范围", "the instant is out of range", text[:40])
    return seconds


def _in_zone(local: datetime, tz: str | None, text: str) -> datetime:
    if tz is None:
        raise Refused(
            "offset", "时刻缺少时区：写 +08:00 或加 --tz", "no offset: write +08:00 or give --tz", text[:40]
        )
    zone = _zone(tz)
    early, late = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if early.utcoffset() != late.utcoffset():
        raise Refused(
            "daylight_saving",
            "夏令时切换使这个时刻不存在或出现两次：写明时区偏移",
            "daylight saving leaves this time out or has it twice: write its offset",
            text[:40],
        )
    return early


def show_instant(seconds: int) -> str:
    """`2026-11-22T08:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"


def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused("zone", "没有这个时区", "there is no such time zone", tz[:40]) from error


def local_instant(seconds: int, tz: str) -> str:
    """`2026-11-22 16:00 UTC+08:00`, for people."""
    found = datetime.fromtimestamp(seconds, _zone(tz)).isoformat(sep=" ", timespec="minutes")
    return f"{found[:16]} UTC{found[16:]}"
