"""A deterministic synthetic district and the messy files of its departments; nobody in it is real.

Doors: :func:`demo.district.generate` and ``python -m demo.generate``; the files are described in README.md.
"""
