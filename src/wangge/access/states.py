"""Roles, purposes and kinds of organisation."""

from enum import StrEnum


class Role(StrEnum):
    """What a post does. One post has one role; supervision is never the post that handles."""

    ADMINISTRATOR = "administrator"  # 系统管理员: accounts and settings; reads nothing about residents
    DATA_STEWARD = "data_steward"  # 数据专员 of a department
    DISPATCHER = "dispatcher"  # 指挥中心派遣员
    GRID_WORKER = "grid_worker"  # 网格员
    HANDLER = "handler"  # 处置部门经办人
    SUPERVISOR = "supervisor"  # 监督员
    EPIDEMIOLOGIST = "epidemiologist"  # 流调人员
    EMERGENCY_LEAD = "emergency_lead"  # 应急指挥长
    LEADER = "leader"  # 街道或区领导
    AUDITOR = "auditor"  # 审计员
    SYSTEM = "system"  # a background actor with its own name


class Purpose(StrEnum):
    """What a reading is for; written on every ledger row."""

    TERRITORY_MANAGEMENT = "territory_management"
    REGISTRY_MAINTENANCE = "registry_maintenance"
    COMMUNITY_SERVICE = "community_service"
    CARE = "care"
    CASE_HANDLING = "case_handling"
    EPIDEMIC_RESPONSE = "epidemic_response"
    AUDIT = "audit"
    OPERATIONS = "operations"


MAIN_PURPOSE: dict[str, str] = {
    Role.DISPATCHER: Purpose.CASE_HANDLING,
    Role.HANDLER: Purpose.CASE_HANDLING,
    Role.DATA_STEWARD: Purpose.REGISTRY_MAINTENANCE,
    Role.ADMINISTRATOR: Purpose.OPERATIONS,
}
"""What a post is entered for until its holder chooses; others begin with the first purpose they may have."""


class OrganisationKind(StrEnum):
    DEPARTMENT = "department"
    STREET = "street"
    COMMUNITY = "community"
    CENTRE = "centre"
    SUPERVISION = "supervision"


class MandateKind(StrEnum):
    EMERGENCY = "emergency"
