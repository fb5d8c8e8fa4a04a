"""归并校核 linkage: how records were put to persons, and what that leaves for people to say.

Here stand: the runs of linkage, pairs of records that a person should look at, doubtful facts and what their owners
answered. Never here: the record of a person and the merges and splits that change it (registry).
"""
