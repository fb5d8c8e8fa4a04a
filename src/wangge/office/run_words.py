"""Words of a run of linkage: why it linked everything anew."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.linkage.states import WhyAnew

WHY_ANEW: dict[str, Promise] = {
    WhyAnew.ASKED: _("Everything was linked anew, as was asked."),
    WhyAnew.NOTHING_KEPT: _("Everything was linked: nothing was kept of an earlier run."),
    WhyAnew.DAMAGED: _("Everything was linked anew: what had been kept was damaged."),
    WhyAnew.SOURCE_GONE: _("Everything was linked anew: a table is no longer there."),
    WhyAnew.GROWN: _("Everything was linked anew: there are half as many rows again as the last time."),
    WhyAnew.SETTING: _("Everything was linked anew: whether a rare name may join was changed."),
    WhyAnew.ENGINE: _("Everything was linked anew: the new rows could not be added to what stood."),
}
