"""采集 collection: ask once. What a department wants to know, what is held already, who is asked the rest, where.

Here stand the departments' forms, each question with its purpose, its legal basis and what the register answers to it;
the reasons for asking again; the campaigns, with every door of each and how it ended; and the answers until they have
gone back to the sources as a batch. Never here: a value of the register, a write to it, a question about ethnicity,
religion, politics or biometrics, a visit (field) or a task (tasks).
"""
