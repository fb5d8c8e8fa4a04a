"""When a table is shifted by a column: the one statement of the rule, for the intake of rows and for linkage.

At least COLUMNS of its columns of names, identity numbers, dates of birth and telephones are filled in ROWS rows or
more, and more than SHARE of what fills them cannot be read as what the header says.
"""

from __future__ import annotations

ROWS, SHARE, COLUMNS = 20, 0.8, 2
# The columns by which it is seen, and what each should hold.
WORDS = {
    "name": ("姓名", "names"),
    "id_no": ("身份号码", "identity numbers"),
    "birth": ("出生日期", "dates of birth"),
    "phone": ("电话", "telephone numbers"),
}


def speaks_against(filled: int, unreadable: int) -> bool:
    """Whether one column says that its table is shifted."""
    return filled >= ROWS and unreadable > SHARE * filled
