"""法人与场所 establishments: one record per organisation or venue, every field with its source.

Here stand: organisations as business, tax, licence and property lists tell them together, by the unified social credit
code. Never here: a resident (registry), a department of the government as a user of the house (access).
"""
