"""任务: one thing, one responsible person, one deadline.

Here stand the teams of the grids, who is responsible for a place and since when, and the tasks that findings,
plans and people make for them. Here never stand the reasons why somebody is at risk (screening), what was
seen at the door (field) or matters of the neighbourhood (cases).
"""
