"""查找一个人: whom a record means, by the index of a kept linkage, in milliseconds.

A record of name, number, birth date, sex, telephone and address, as people write them and with any of them missing, is
read as `link` reads it, found by the values it shares with the records that stand, and weighed with the same model.
The answer is a list of entities, the likeliest first: entity_id, probability, weight (bits) and evidence (bits by
field; the rest is the prior), the record that agrees best, how many records the entity has, and other_name, where
everything but the name agrees.

It reads an output of `link` (files ``base-*``), by memory map: nothing is loaded as a whole, several processes may read
one folder, and an answer takes the same time whether a thousand records stand or a hundred million.
"""
