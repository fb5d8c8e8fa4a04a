"""From an application and a colour to signed credentials: how long, how many, and what they say."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime

from wangge.credentials.keys import issuer_of, signer
from wangge.credentials.sealed import Holder
from wangge.credentials.states import Carried
from wangge.emergencies.types import EmergencyView
from wangge.kernel.problems import Conflict
from wangge_credential import issuing
from wangge_credential.claims import RID_BYTES, Claims, Colour, Form

HOUR = issuing.HOUR
LEAST_HOURS = issuing.OVERLAP_HOURS + 1


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def make(
    emergency: EmergencyView, holder: Holder, carried: Carried, now: datetime, until: datetime
) -> list[tuple[Claims, str]]:
    """Claims and text of each credential from now until `until` or the emergency's END, whatever comes first.

    Times stand on full hours and begin a random while ago, so that neither tells when a colour began. Raises Conflict
    when too little time is left for one.
    """
    begin, end = int(now.timestamp()), int(min(until, emergency.ends_at).timestamp())
    hours = (issuing.hour_of(end) - issuing.hour_of(begin)) // HOUR
    if hours < LEAST_HOURS:
        raise Conflict(
            code="credential_too_late",
            zh=f"剩余时间不足 {LEAST_HOURS} 小时，不再签发凭证。",
            en=f"Less than {LEAST_HOURS} hours are left: no credential is issued any more.",
        )
    life = min(issuing.LIFE, hours * HOUR)
    spans = issuing.periods(begin, end, life=life, now=begin)
    if carried is Carried.PAPER:
        spans = [(spans[0][0], spans[-1][1])]
    form = Form.PAPER if carried is Carried.PAPER else Form.STRIP
    key = signer(emergency.id)
    said = Claims(
        initials=holder.initials,
        birth=holder.birthday,
        colour=Colour(holder.colour),
        issuer=issuer_of(emergency),
        not_before=0,
        expires=1,
        rule_pack=holder.rule_pack,
        form=form,
    )
    made = []
    for start, stop in spans:
        claims = replace(said, not_before=start, expires=stop, rid=secrets.token_bytes(RID_BYTES))
        made.append((claims, issuing.issue(key, claims)))
    return made
