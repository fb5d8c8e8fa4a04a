"""资料台 office: the desk of the records. Pages for what comes in, what is held, who looked, and what is destroyed.

Sources and what they kept aside, the register, the ledger, certificates. An entrance: it calls doors and shows what
they give. Never here: a rule, a model, a page of the daily round; what two desks use stands in console.
"""
