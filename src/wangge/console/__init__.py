"""控制台 console: the frame that the pages for staff stand in, and the parts they are built of. An entrance.

Shell, navigation, first page, search, map ground, template tags, the look of every state, the style guide. The pages
themselves stand at the desks. Never here: a rule, a model, a query past a door, a decision about
access, personal data kept in the browser.
"""
