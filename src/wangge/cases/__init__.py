"""事件: governance matters and their six-step loop.

Here stand the matter, its append-only steps, its category and its clock. A matter is reported, accepted and
dispatched, resolved with feedback, verified, closed and evaluated; whoever handled it never verifies it.
Here never stand patients (outbreaks), visits (field) or figures about matters (insight).
"""
