"""控制台 console: the pages for staff. An entrance: it calls doors and shows what they give; no rule lives here.

Never here: a model, a query past a door, a decision about access, personal data kept in the browser.
"""
