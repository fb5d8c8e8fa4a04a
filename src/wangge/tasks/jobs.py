"""Once a day, open tasks go to those who answer from today on."""

from procrastinate.contrib.django import app

from wangge.access.actions import enter_system
from wangge.access.queries import mandates_in_force
from wangge.tasks import actions

PEACETIME, EMERGENCY = "community_service", "epidemic_response"


@app.periodic(cron="5 0 * * *")
@app.task(queueing_lock="tasks.hand_over")
def hand_over(timestamp: int) -> int:
    """Pass tasks on, in peacetime and under each emergency in force; gives how many."""
    moved = actions.hand_over(enter_system(name="tasks-daily", purpose=PEACETIME))
    for mandate in mandates_in_force(EMERGENCY):
        access = enter_system(name="tasks-daily", purpose=EMERGENCY, emergency=mandate.id)
        moved += actions.hand_over(access)
    return moved
