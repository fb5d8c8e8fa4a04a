"""留痕 ledger: the append-only record of every read and every act.

Here stand: entries, the hash chain sealed after commit, signed checkpoints, verification and export. Never here:
personal data. A subject is a keyed hash; destroying the key unlinks the subject without breaking the chain.
"""
