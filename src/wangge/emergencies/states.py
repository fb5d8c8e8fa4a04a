"""States and short lists of the room. Plain Python."""

from __future__ import annotations

from enum import StrEnum


class EmergencyState(StrEnum):
    """Where an emergency stands. Data can be read while it is active and its term runs, at no other time."""

    ACTIVE = "active"  # declared; readable between its start and its end
    ENDED = "ended"  # closed to every reader; its data waits for destruction
    DESTROYED = "destroyed"  # rows deleted, key gone, certificate issued


class Law(StrEnum):
    """Laws an emergency can rest on. The article is named with it."""

    INFECTIOUS_DISEASES = "infectious_diseases"  # 传染病防治法（2025 年修订）
    EMERGENCY_RESPONSE = "emergency_response"  # 突发事件应对法（2024 年修订）
    PUBLIC_HEALTH_EMERGENCIES = "public_health_emergencies"  # 突发公共卫生事件应急条例
    PERSONAL_INFORMATION = "personal_information"  # 个人信息保护法第十三条第四项


class ResponseLevel(StrEnum):
    """Level of response, I highest (国家突发公共卫生事件应急预案)."""

    LEVEL_1 = "level_1"
    LEVEL_2 = "level_2"
    LEVEL_3 = "level_3"
    LEVEL_4 = "level_4"


class DataSet(StrEnum):
    """What may be brought together under an emergency. What is not named in the declaration is refused at the door."""

    LINE_LIST = "line_list"
    MANIFEST = "manifest"
    HOUSEHOLD = "household"
    VENUE = "venue"
    ARRIVAL = "arrival"
    REGISTRY_FACTS = "registry_facts"
