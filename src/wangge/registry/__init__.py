"""底册 registry: one record per person, household, dwelling and organisation, every fact with its source.

Here stand: persons and their source records, households, dwellings, organisations, linkage decisions, survivorship.
Never here: an exposure, a finding, a task; nor any attribute for ethnicity, religion, politics or biometrics.
"""
