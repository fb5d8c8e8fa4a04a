"""What a file of grids says: codes and their schemes, columns, names; held against what stands around them.

No Django, no database: what stands is handed in.
"""
