"""疫情 outbreaks: patients, exposures and close contacts under a declared emergency.

Here stand: the line list; who met whom on a train or flight, at a venue, at home; and the deletion
of all of it. Never here: the emergency itself and its END (emergencies), anything readable before it is
declared or after it ends, a person's track, a passenger who met nobody.
"""
