"""研判 insight: figures about tables and matters, as they were counted at a time and by a stated formula.

Here stand: how good each source's data is over time, with the rows that each figure opens to; the colours of areas
under an emergency; alarms over counted series, with their judgement. Never here: a figure about a person, a verdict on
one, a fact that another room holds.
"""
