"""内核 kernel: value types every room speaks in. Plain Python.

Here stand: codes and unit numbers, ids, privacy classes and masks, pages, problems in two languages, the access
value and the door declaration, key files. Never here: Django, a table, a decision about a person.
"""
