"""监测台 watch: the desk of what is out of the ordinary: an emergency from declaration to certificate, and alarms.

Lists taken in, patients, contacts, chains, who comes from affected areas, colours of areas, early warning. An
entrance: it calls doors and shows what they give. Never here: a rule, a model; who visits whom (duty).
"""
