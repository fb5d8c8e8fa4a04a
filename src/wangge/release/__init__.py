"""出口 release: the only way out of the house.

Here stand: exports that spreadsheet programs cannot be tricked by, each with its mark, purpose and ledger entry, and
certificates of destruction. Never here: a file that leaves without a purpose, a secret field, a publication of a
person.
"""
