"""保护隐私的编码：不交出姓名和号码也能联接。 Keyed encodings of persons, to be linked in their place.

Each department runs this on its own file with a key that the departments share and whoever links does not have; what
it writes is linked by ``wangge engine link --schema encoded``. The same file and key give the same encodings.

What leaves, per record (96-bit HMAC-SHA-256 tokens in base64; empty where a part is missing):

- ``number``: the identity number, if it is valid and not contradicted by the record; ``number_kind``: ok, bad, none.
- ``name_birth``, ``name_phone``, ``name_door``, ``name_head``, ``name_tail``: the name's sound together with birth
  date, telephone, door, first ten or last eight characters of the number, hashed as one.
- ``birth_phone``, ``birth_door``: birth date together with telephone or door.
- ``birth_by_name``, ``name_by_number``, ``name_by_birth_phone``, ``name_by_birth_door``: Bloom filters of 64 bits,
  which show how alike two values are. Each is salted with the other value: filters of two records can be compared
  only if that other value is the same, and look unrelated otherwise.
- ``record_id`` as it was (``--record-ids coded``: a token, with the list of them kept at home); ``encoding``: version
  and fingerprint of the key, so that files under two keys are refused rather than never linked.

Why so: a token or Bloom filter of a name alone gives the name away to anyone who knows how common names are
(frequency attacks; pattern mining over Bloom filters of one key: Christen, Ranbaduge, Vatsalan, Schnell 2018; graph
matching: Vidanage and others 2020). Chinese names, of two or three characters, are the worst case. Salting is the
hardening that the literature finds to hold best (Niedermeyer and others 2014; Chen, Schnell, Armknecht, Heng 2022).
Here nothing stands alone: every token holds at least a whole number, or two facts, and is borne by few records; every
filter of a name shares its salt only with records of one number, or of one birth date and telephone or door.

What it does not protect against:

- Whoever has the key can encode anyone and look for them. The party that links must never have it. A key for one
  purpose and one round; a stolen key opens every file made with it. The key is stretched (scrypt) but not by much.
- Which records are one person is what linking tells; whoever links also sees how many records each has, from which
  sources, and which records have which parts missing. Rare patterns of these, and twins, may be recognised by someone
  who knows the sources well: the person with the most records of all stands out under any encoding that can be linked
  (the benchmark tries it). Graph matching is made hard, not impossible.
- Filters of one common name (``birth_by_name``) share a salt. Nothing shows which filters these are, and they hold no
  name; someone who found them out by other means could compare ages within the group.
- Nothing is random: equal records under one key are equal. There is no differential privacy here.
- Other columns are not written at all; what a result is used for is not this command's to guard.

Lost against linking in the open (``benchmarks/link_encoded.py`` prints it): name frequencies, spellings of one door,
birth dates that differ under unlike names, titles such as 王先生, and household context.
"""
