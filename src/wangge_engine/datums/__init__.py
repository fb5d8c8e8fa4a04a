"""WGS-84, CGCS2000, GCJ-02 and BD-09: turning one into another, and telling which one data is really in.

Plain NumPy; no files, no Django, no database.
"""
