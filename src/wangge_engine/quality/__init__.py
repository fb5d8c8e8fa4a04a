"""How good each source's data is: complete, valid, in agreement, in time, each record once.

Every figure opens to its rows. A figure is a share: so many counted, of so many. What is counted is written in
`formulas.toml`, not in code: each formula has a code, a version, a table, what it counts and of what, and which rows
the figure opens to. A stored figure names its formula and version, so that a figure of last year can be counted again
as it was counted then.

- completeness: filled cells of the columns that a source of that form is expected to fill and does bring;
- validity: rows that stand and carry no fault; beside it rows kept aside, faults and remarks by their reason;
- conflict: facts that differ from the golden record chosen among all sources;
- timeliness: days since the day the table speaks of, of the days after which its department promised a new one;
- uniqueness: records that repeat another one of the same source.

Nothing is judged about a person, and no figure is about one: figures are about tables.
"""
