"""Words that the page's scripts show, by the keys of web/src/words.ts (a test compares the two lists)."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ISLAND_WORDS: dict[str, Promise] = {
    "problem": _("There is a problem"),
    "answer_missing": _("Not answered: {question}"),
    "copied": _("Copied."),
    "copy_failed": _("The browser did not allow copying. Select the text and copy it by hand."),
    "no_connection": _("No connection to the centre. Nothing was changed; try again in a moment."),
    "server_fault": _("Something went wrong at our end. It has been recorded; try again in a moment."),
    "map_failed": _("This browser cannot draw the map. The list beside it shows the same matters."),
    "map_zoom_in": _("Zoom in"),
    "map_zoom_out": _("Zoom out"),
    "map_whole": _("Show the whole area"),
    "map_many": _("{n} matters here"),
    "tier_red": _("Red"),
    "tier_orange": _("Orange"),
    "tier_yellow": _("Yellow"),
    "tier_blue": _("Blue"),
    "tier_green": _("Green"),
    "kind_case": _("Case"),
    "kind_task": _("Task"),
    "kind_defect": _("Defect"),
    "kind_building": _("Building"),
    "kind_asset": _("Fixture"),
    "kind_exclusive": _("Exclusive grid"),
    "band_far_below": _("Far too small"),
    "band_below": _("Too small"),
    "band_on": _("On target"),
    "band_above": _("Too large"),
    "band_far_above": _("Far too large"),
    "band_locked": _("Locked"),
    "line_road": _("Road"),
    "line_river": _("River"),
    "line_railway": _("Railway"),
    "line_wall": _("Wall"),
    "line_net": _("Border of the second net"),
    "net_moves": _("Has to move"),
    "net_only": _("In one net only"),
    "draft_saved": _("Saved on this phone"),
    "draft_failed": _(
        "Not saved: this phone's storage is full or closed. Hand the visit in while you are here."
    ),
    "draft_restored": _("What you typed before is back"),
    "outbox_sign_in": _("Signed out. Sign in again and what waits here is sent."),
    "outbox_offline": _("No network. Everything is kept on this phone and sent when it returns."),
    "outbox_other_worker": _("Another worker's {n} entries wait on this phone until that worker signs in."),
    "outbox_refused": _("The centre did not take this entry. Your words are kept here."),
    "outbox_stored": _("Saved here. It is sent by itself."),
    "outbox_not_stored": _("This phone could not keep the visit; it is sent directly instead."),
    "outbox_waiting_since": _("Waiting since {at}"),
    "outbox_sent_at": _("Sent {at}"),
}


def island_words() -> dict[str, str]:
    """The words in the language of this request."""
    return {key: str(word) for key, word in ISLAND_WORDS.items()}
