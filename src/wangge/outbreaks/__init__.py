"""疫情 outbreaks: declared emergencies, patients, exposures and close contacts.

Here stand: the emergency with its legal basis, area, purposes, data sets and END; the line list; who met whom on a
train or flight, at a venue, at home; who comes from an affected area; and the destruction of all of it. Never here:
anything readable before an emergency is declared or after it ends, a person's track, a passenger who met nobody.
"""
