"""Kinds of ledger entries and what verification can find."""

from enum import StrEnum


class EntryKind(StrEnum):
    READ = "read"
    WRITE = "write"
    REFUSED = "refused"


class Fault(StrEnum):
    """What a check of the chain can find wrong."""

    EDITED = "edited"  # the row does not say what was sealed
    FORGED = "forged"  # the row was not written by the house
    REMOVED = "removed"  # a sealed row is gone
    CHAIN_BROKEN = "chain_broken"  # a seal does not follow from the one before
    CHECKPOINT_BAD = "checkpoint_bad"  # a signed checkpoint does not agree with the chain
    TRUNCATED = "truncated"  # the chain is shorter than a checkpoint that was signed
    FILE_ALTERED = "file_altered"  # an exported file is not byte for byte what was signed
