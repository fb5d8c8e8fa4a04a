"""值守台 duty: the desk of the daily round. Pages for who answers for a place, and for what happens there.

Cases, tasks, the worker's phone, findings. An entrance: it calls doors and shows what they give. Never here: a rule, a
model, a page of the records or of an emergency; what two desks use stands in console.
"""
