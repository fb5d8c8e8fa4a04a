"""筛查 screening: rules over facts -> findings with their reasons.

Here stand: rule packs as versioned data, the evaluator (one person or a whole district by column), findings and
their states. Never here: a rule that decides on who somebody is, a tier outside a declared emergency's exposure,
a finding that cannot be explained, a restriction that follows from being old, ill or pregnant.
"""
