"""Background work of the room: colours followed, what is over deleted, lists kept fresh."""

from __future__ import annotations

from procrastinate.contrib.django import app

from wangge.access.actions import enter_system
from wangge.access.queries import mandates_in_force
from wangge.credentials import actions
from wangge.kernel.problems import Conflict

PURPOSE = "epidemic_response"


@app.periodic(cron="25 * * * *")
@app.task(queueing_lock="credentials.keep_current", name="credentials.keep_current")
def keep_current(timestamp: int) -> int:
    """Every hour, under each emergency in force: gives how many credentials were made for a changed colour."""
    made = 0
    for mandate in mandates_in_force(PURPOSE):
        access = enter_system(name="credentials", purpose=PURPOSE, emergency=mandate.id)
        try:
            made += actions.follow_colours(access).made
        except Conflict:  # nobody was graded yet: there is no colour to follow
            continue
        actions.expire(access)
        actions.publish(access)
    return made
