"""采集台 canvass: the desk that asks once. Pages for what a department wants to know, and for who is asked at the door.

Forms that the register answers first, campaigns of doors, the list of facts to verify. An entrance: it calls doors and
shows what they give. Never here: a rule, a model, a visit itself, which stands on the worker's phone.
"""
