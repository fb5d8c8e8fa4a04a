"""网格: the ground under everything: divisions, grids, estates, buildings, and on which days each held.

Here stands: which place belonged to which grid on which day, and whether the grids tile the territory.
Here never stands: who lives there (registry), who is responsible (tasks), what happened there (cases).
"""
