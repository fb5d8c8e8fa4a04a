"""停留 stays: registered and declared stays as they are written, and who comes from an affected area.

Here stand: areas where the disease spreads, as an emergency's lead named them, and who stayed there long enough and
lately enough. Never here: a stay elsewhere or a shorter one, which is read and dropped; who met a patient (outbreaks);
any track, phone, camera or plate.
"""
