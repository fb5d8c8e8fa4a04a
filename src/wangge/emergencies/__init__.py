"""应急 emergencies: the power that was used: declared, levelled, extended, ended, and what its end destroyed.

Here stand: the emergency with its legal basis, areas, purposes, data sets and END; every change to it; the count of
what each room destroyed at its end. Kept for good as the public record. Never here: anything about a person; a
patient, a contact, a finding.
"""
