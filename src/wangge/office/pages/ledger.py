"""留痕: who read or did what, through which door, for what purpose; and whether the chain still holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.access.queries import account_named, may
from wangge.access.states import Purpose
from wangge.console.ground import ground, place_name
from wangge.console.names import purpose_word, role_word
from wangge.console.page import Nav, Need, access_of, redirect_to, show, wants
from wangge.console.people import staff_names
from wangge.kernel.access import Access
from wangge.kernel.doors import declarations
from wangge.kernel.units import EVERYWHERE, UNIT_DIGITS, unit_code
from wangge.ledger import queries
from wangge.ledger.states import EntryKind, Fault
from wangge.ledger.types import EntryRow, Verification

NAV = Nav("console:ledger", gettext_lazy("Ledger"), "ledger", queries.entries, order=90, key="l", group=2)
PARTS = {
    "record": "office/ledger/record.html",
    "more": "office/ledger/rows.html",
    "verification": "office/ledger/verification.html",
}
KINDS: dict[str, tuple[str, Promise]] = {
    EntryKind.READ: ("draft", gettext_lazy("Read")),
    EntryKind.WRITE: ("active", gettext_lazy("Act")),
    EntryKind.REFUSED: ("refused", gettext_lazy("Refused")),
}
FAULTS: dict[str, Promise] = {
    Fault.EDITED: gettext_lazy("This row does not say what was sealed."),
    Fault.FORGED: gettext_lazy("This row was not written by the house."),
    Fault.REMOVED: gettext_lazy("A sealed row is gone."),
    Fault.CHAIN_BROKEN: gettext_lazy("This link does not follow from the one before."),
    Fault.CHECKPOINT_BAD: gettext_lazy("A signed checkpoint does not agree with the chain."),
    Fault.TRUNCATED: gettext_lazy("The chain is shorter than a checkpoint that was signed."),
    Fault.FILE_ALTERED: gettext_lazy("The exported file is not what was signed."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the words for its codes."""

    entry: EntryRow
    who: str
    role: str
    purpose: str
    tone: str
    kind: Promise | str
    place: str


def scope_code(lo: int, hi: int) -> str:
    """The division or grid code whose interval lo..hi is; empty for the whole country or an odd interval."""
    for length in (15, 12, 9, 6, 4, 2):
        span = 10 ** (UNIT_DIGITS - length)
        if hi - lo == span - 1 and lo % span == 0:
            return f"{lo // span:0{length}d}"
    return ""


def _place(lo: int, hi: int, names: Any) -> str:
    if (lo, hi) == (EVERYWHERE.lo, EVERYWHERE.hi):
        return _("everywhere")
    code = scope_code(lo, hi)
    if not code:
        return f"{lo}–{hi}"
    name = place_name(names, lo) if len(code) >= 6 else ""
    return code if not name or name == unit_code(lo) else name


def _lines(access: Access, rows: Iterable[EntryRow]) -> list[Line]:
    kept = list(rows)
    people, names = staff_names(access, [row.actor for row in kept]), ground(access).names
    lines = []
    for row in kept:
        tone, kind = KINDS.get(row.kind, ("closed", row.kind))
        who = people.get(row.actor, row.actor)
        place = _place(row.scope_lo, row.scope_hi, names)
        lines.append(Line(row, who, role_word(row.role), purpose_word(row.purpose), tone, kind, place))
    return lines


def _actor(text: str) -> str:
    """The actor id of a user name; an id or a system actor is taken as it is."""
    found = account_named(text)
    return str(found) if found else text


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    if wants(request) == "record":
        return {}
    asked = request.GET
    actor = asked.get("actor", "").strip()[:64]
    kind = asked.get("kind", "")
    page = queries.entries(
        access,
        door=asked.get("door", "")[:100],
        actor=_actor(actor) if actor else "",
        purpose=asked.get("purpose", "")[:40],
        kind=kind if kind in KINDS else "",
        after=asked.get("after"),
    )
    rooms: dict[str, list[str]] = {}
    for declared in declarations():
        rooms.setdefault(declared.room, []).append(declared.name)
    return {
        "page": page,
        "lines": _lines(access, page.rows),
        "kinds": [(code, word) for code, (_tone, word) in KINDS.items()],
        "purposes": [(p.value, purpose_word(p)) for p in Purpose],
        "rooms": list(rooms.items()),
        "asked": {"door": asked.get("door", ""), "actor": actor, "purpose": asked.get("purpose", "")},
        "filtered": any(asked.get(name) for name in ("door", "actor", "purpose", "kind")),
        "may_verify": may(access, queries.verify),
    }


def _record(access: Access, seq: int) -> dict[str, Any]:
    row = queries.entry(access, seq=seq)
    (line,) = _lines(access, [row])
    does = next((d for d in declarations() if d.name == row.door), None)
    plain = {k: v for k, v in row.details.items() if k not in ("policies", "masked", "count", "subjects")}
    return {
        "title": row.door,
        "record": row,
        "line": line,
        "does": does,
        "policies": row.details.get("policies", ()),
        "masked": row.details.get("masked", ()),
        "count": row.details.get("count"),
        "more_details": plain,
        "scope": scope_code(row.scope_lo, row.scope_hi),
    }


def ledger(request: HttpRequest, seq: int | None = None) -> HttpResponse:
    """The entries, newest first, and one of them if it is open."""
    access = access_of(request)
    context: dict[str, Any] = {"title": _("Ledger")} | _listing(request, access)
    if seq is not None:
        context |= _record(access, seq)
    return show(request, "office/ledger/page.html", context, parts=PARTS)


def told(verification: Verification) -> list[dict[str, Any]]:
    """What was found, in words."""
    return [
        {"word": FAULTS[f.fault], "chain_no": f.chain_no, "seq": f.entry_seq} for f in verification.findings
    ]


def ledger_verify(request: HttpRequest) -> HttpResponse:
    """Check the whole chain now; asked for by its button, its address alone leads back to the ledger."""
    if request.method != "POST":
        return redirect_to(request, reverse("console:ledger"))
    access = access_of(request)
    begun = perf_counter()
    found = queries.verify(access)
    context = {"title": _("Ledger")} | _listing(request, access)
    context |= {"verification": found, "findings": told(found), "seconds": perf_counter() - begun}
    return show(request, "office/ledger/page.html", context, parts=PARTS)


DAY = timedelta(days=1)


def needs(access: Access) -> list[Need]:
    """Refusals of the last day, by who was refused: a sign of misuse, or of a post that lacks something."""
    if access.role != "auditor" or not may(access, queries.entries):
        return []
    since = timezone.now() - DAY
    rows = [e for e in queries.entries(access, kind=EntryKind.REFUSED).rows if e.at >= since]
    people = staff_names(access, [row.actor for row in rows])
    found = []
    for actor, number in Counter(row.actor for row in rows).most_common(5):
        last = next(row for row in rows if row.actor == actor)
        said = _("%(who)s: refused %(n)s ×")
        found.append(
            Need(
                said % {"who": people.get(actor, actor), "n": number},
                f"{reverse('console:ledger')}?kind=refused&actor={actor}",
                _("Look"),
                (role_word(last.role), purpose_word(last.purpose), last.door),
                urgency="soon" if number > 1 else "plain",
            )
        )
    return found


urlpatterns = [
    path("ledger/", ledger, name="ledger"),
    path("ledger/verify/", ledger_verify, name="ledger_verify"),
    path("ledger/<int:seq>/", ledger, name="ledger_entry"),
]
