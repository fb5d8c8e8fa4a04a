"""Logs that tell what went wrong and not about whom.

PostgreSQL adds to an error the row or cell that caused it (DETAIL, CONTEXT), and a traceback shows that text whole.
The embedded server keeps it out of its own log; here it is kept out of ours.
"""

from __future__ import annotations

import logging
import re

_TOLD = re.compile(
    r"^(?:DETAIL|CONTEXT|HINT|QUERY|WHERE|STATEMENT): .*?"
    r"(?=^Traceback |^The above exception|^During handling|^\s*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
LEFT_OUT = "(values left out)\n"


def discreet(text: str) -> str:
    """`text` without what the database said about values."""
    return _TOLD.sub(LEFT_OUT, text)


class DiscreetFormatter(logging.Formatter):
    """The plain format, with messages and tracebacks made discreet."""

    def format(self, record: logging.LogRecord) -> str:
        # a formatter keeps the traceback on the record for those after it: that copy is discreet too
        if record.exc_info and not record.exc_text:
            record.exc_text = discreet(self.formatException(record.exc_info))
        return discreet(super().format(record))
