"""来源: what departments sent, how it was read, and where every row came from.

Here stand the data resources of the departments, the batches they send, the mappings of their columns to the
canonical schemas, the rows that could not stand (quarantine) and the lineage from any row back to its place in a
sealed original. Never here: who a row is about (registry), any use of a row (screening), any column for
ethnicity, religion, politics or biometrics.
"""
