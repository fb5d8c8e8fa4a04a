"""现场: what was seen at the door, and how it comes back from the phone.

Here stand visits, their forms, the corrections they bring and the quarantine of those that could not be taken
in. A visit sent twice counts once; a visit that arrives late is kept. Here never stands where a worker or a
resident was: a visit has a dwelling and a time, not a track.
"""
