"""准入 access: who may pass which door, for what purpose, over which grids, until when.

Here stand: organisations, accounts, posts, grants, mandates (emergency powers with an end), the gate, the policies
and the keys. Never here: a fact about a resident.

Besides its doors this room offers tools to the others: `vault` (sealing), `files` (files kept sealed) and `bulk`
(many rows at once through row-level security).
"""
