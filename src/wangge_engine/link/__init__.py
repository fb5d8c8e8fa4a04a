"""记录联接: which records of many departments' tables are one person, with the evidence for each link.

Stages: read (headers are found, rows numbered), normalise (names to sounds, numbers checked, addresses to doors,
telephones and dates to one form), score (Splink learns from the records themselves, without labels, how often true
pairs agree and how often strangers do, and weighs every pair that shares something), cluster (strongest links first;
two different trusted numbers, or births more than three years apart, never meet), household context (people who live
with the same third person), what no department tells twice (below), titles (a 王先生 on a known telephone).

A number is trusted when its check digit holds, its birth date and sex do not contradict those beside it, and the
other records do not outvote it; a number under another name is another person's only if somebody of that name is known
there, else it is a changed name (曾用名 is read, blocks and compares). Telephone and address are weighed together,
because they are facts of a family; a wholly different given name is never outweighed by them alone. Characters that
clerks take for one another though they sound apart (玉 and 王) are learnt from names under one number, where such slips
repeat, and read as one in given names; the report lists them (``confused``). With one birth
date and one home, one given name of two characters or more under two surnames is one person, and so is a name of five
characters or more with one of them wrong. One name at one door is two people where one record says head of the
household and the other child, and nothing firmer agrees. Links of less than 11 bits join nobody born more than
60 days apart, unless one of that name at that door or telephone is a year or a digit off. With ``--truth`` the
report has precision and recall by shape of name and by age (``groups``), says
which group is more than one point behind, and gives each group's ceiling: the recall of joining, of one person, all
records that share a number, birth date, telephone or door, directly or in a chain. A group behind whose ceiling is
behind, too, is short of information and not of a better rule: a 王先生 without a telephone of his, a flat's owner of
whom nothing but the name is told.

What no department tells twice: a department lists a person once, so two entities that some department has both are
two people, and two that none has both may be one; of the only two of a name a department may have both if it lists
eight in a hundred of its people several times, for then it lists dwellings or calls. That is asked of entities of one
name that at most eight bear, and of the only two of one surname and birth date at one door or telephone (a changed or
misspelt given name, or twins); nothing may contradict it. How many of them are two people is reckoned from the
records themselves, without labels: namesakes and twins with two different numbers are seen, and how often different
people have no number and no common department is, too. Pairs of one name are weighed by all that is seen of them,
which no single pair of records shows: which departments tell of either, how far apart they live, age against the
place in the household, how many rivals bear the name. A name joins where one person is at least 85 % likely, the
surest first, and until one in 2,000 of all linked pairs of records is expected to be wrong by it; a birth date where
chance explains no more than a tenth of such pairs; and neither where fewer than 20 are seen. A link by name carries
that likelihood as its probability; ``--no-namesakes`` joins nobody so.

Organisations (``--schema organisation``): names are taken apart into place, core, legal form and branch; the unified
social credit code is checked (GB 32100-2015) and older numbers are found in it (organisation code, tax number; the
fifteen-digit registration number links only records that bear it). Telephone and legal person are weighed together.
A branch is never its parent and two shops of one brand are two, unless one valid code says so; a code that a branch
shares with its parent is its parent's; two different valid codes never meet. A telephone or door of more than twelve
names is an agency's and no evidence. ``households`` are then premises.

Encodings (``--schema encoded``) are linked in place of persons: see the page of ``encode``.

Spark (``--engine spark``, ``./wangge setup --spark``, Java 17): the one stage that grows faster than the records,
finding the pairs that share something and scoring them, runs through Splink's Spark backend. Its conditions are
translated so that they hold for the same pairs (bytes counted as DuckDB counts them), and the tables out are the same
byte for byte for the schemas person-zh, organisation and encoded. For ``person`` a pair may fall into another level,
because Splink's Spark functions have Jaro-Winkler in another definition. Everything else never runs on Spark: reading
and normalising are Python over distinct values, linear and spilling to disk; training looks at no more than about
800,000 sampled pairs, and is shared so that both engines use one model; clustering, household context and the index
for later batches are arrays of a few bytes a record (not relational). Workers must see the folder of ``--out``. On one
machine Spark is slower than DuckDB at any size that fits.

Tables out:

- ``clusters``: source, record_id, entity_id. An entity is named by the smallest hash of its records' source and id,
  so the same set of records has the same name in every run, and the order of files and rows does not matter.
- ``links``: each pair joined, its kind (scored, household, respelt, namesake, title, decision), probability, weight
  in bits, and the bits that every comparison added or took (``w_name``, ``w_id_no``, ``w_birth``, ``w_sex``,
  ``w_home``); the rest is the prior.
- ``households``: entity_id, household_id, dwelling (place, building, unit and room, separated by bars).
- ``review``: pairs that a person should see, the most useful first, and why: unsure, other_name (all but the name
  agrees), impossible (a good link that would have joined two numbers).
- ``flags``: what is odd about a record, with its reason in both languages; nothing is dropped for it.
- ``records`` (for rooms only): every record as it was read, with entity and household.

Adding to a linkage (``--base DIR``): an output keeps, in files ``base-*`` and ``base.json`` (``--no-base``: not),
the records as given and as read, an index of the values they share, the links, the entities, the decisions, and the
model as trained. A batch is read against it: a record with the source and id of an earlier one replaces it, the same
row again is passed over, and with ``--resent NAME`` the records of NAME that the file lacks leave. Only what the
batch can touch is linked again: the new records, whatever shares a chain of links, an entity, a door or a household
with them, and whoever's number or telephone they cast doubt on. The tables out are whole; besides:

- ``changed``: source, record_id, entity_id, was (the entity before), why (new, told_anew, removed, moved): all that a
  reader of the earlier ``clusters`` must change.
- ``renamed``: old_id, new_id, why. An entity that grows keeps its id; of merged ones the id with the most records
  survives (of equals the older) and the others are listed as ``merged``; of a split the side with most of the old
  records keeps the id, and the other is listed as ``split``; ``gone``: no record is left. A merge that is undone gives
  both ids back.

Decisions last: those of earlier runs hold in every later batch, a later one about a pair overrules, and ``withdrawn``
takes one back. What differs from linking all records anew: the model, how common each name is and which characters
are taken for one another are the base's (link anew when the records have grown by half), names that were rare when
the base was made stay rare, what housemates joined outside of the part linked again stays joined, what no department
tells twice is sought when all records are linked and stays joined as long as nothing contradicts it, and rows stand
in the files in another order of equals.
"""
