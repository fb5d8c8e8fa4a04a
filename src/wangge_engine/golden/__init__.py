"""One record per person from many: which value survives, field by field, why, how sure, and whom to ask.

Every telling of a value adds bits: how often that source was right about that field when the record was that old
(started from the rank of its authority, then learnt from the data), more where the value proves itself (a check
digit that holds), less where it looks like nobody's (a telephone told of several people). The value with most bits
survives. A source counts once; a source that shares another one's errors adds only what it knows by itself; what a
verified visit found stands against everything told before it. Nothing is thrown away: every value told stays with
its bits, and what stays doubtful is listed with whom to ask, dearest first.
"""
