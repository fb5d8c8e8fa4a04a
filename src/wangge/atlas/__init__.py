"""图台 atlas: the desk of the map. Pages on which the ground is divided anew, looked at, mended by hand and published.

An entrance: it calls doors and shows what they give. Never here: a rule, a model, a division worked out.
"""
