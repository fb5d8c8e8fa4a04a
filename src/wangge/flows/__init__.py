"""流程 flows: sequences across rooms, readable top to bottom.

Here stand: what happens first, next and last when a thing needs several rooms. Never here: a rule, a table, a decision.
"""
