"""Every write of the sources room."""

from wangge.sources.actions.admitting import admit, refuse_batch
from wangge.sources.actions.correcting import correct_quarantined, dismiss_quarantined, receive_corrections
from wangge.sources.actions.destroying import destroy_emergency, sweep_store
from wangge.sources.actions.mapping import confirm_mapping, correct_mapping
from wangge.sources.actions.receiving import receive_file, register_source
from wangge.sources.actions.spending import spend_batch

__all__ = [
    "admit",
    "confirm_mapping",
    "correct_mapping",
    "correct_quarantined",
    "destroy_emergency",
    "dismiss_quarantined",
    "receive_corrections",
    "receive_file",
    "refuse_batch",
    "register_source",
    "spend_batch",
    "sweep_store",
]
