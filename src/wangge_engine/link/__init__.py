"""记录联接: which records of many departments' tables are one person, with the evidence for each link."""
