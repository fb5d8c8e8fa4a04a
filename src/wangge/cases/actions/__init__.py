"""Every write to cases."""

from wangge.cases.actions.handling import (
    accept,
    cancel,
    close,
    dispatch,
    evaluate,
    precheck,
    reopen,
    request_precheck,
    resolve,
    rework,
    send_back,
    verify,
)
from wangge.cases.actions.importing import import_cases, load_categories
from wangge.cases.actions.reporting import report

__all__ = [
    "accept",
    "cancel",
    "close",
    "dispatch",
    "evaluate",
    "import_cases",
    "load_categories",
    "precheck",
    "reopen",
    "report",
    "request_precheck",
    "resolve",
    "rework",
    "send_back",
    "verify",
]
