-- name: prepare
CREATE TEMPORARY TABLE in_door (id uuid, key text, estate text, building text, unit text, room text, unit_no bigint)
  ON COMMIT DROP;
CREATE TEMPORARY TABLE in_person (
  entity_id text, fresh_id uuid, household_key text, door_key text, name text, given text, pinyin text, sound text,
  initials text, sex text, birth_on date, id_no_sealed bytea, id_no_blind bytea, phone_sealed bytea, phone_blind bytea,
  facts jsonb, provenance jsonb, records int, as_of_on date) ON COMMIT DROP;
CREATE TEMPORARY TABLE in_record (
  id uuid, entity_id text, source text, record_id text, batch uuid, sheet text, row_no int, as_of_on date,
  values_sealed bytea, evidence jsonb) ON COMMIT DROP;
CREATE TEMPORARY TABLE in_place (source text, record_id text, batch uuid, sheet text, row_no int, as_of_on date)
  ON COMMIT DROP;
CREATE TEMPORARY TABLE in_day (entity_id text, facts jsonb, provenance jsonb, as_of_on date) ON COMMIT DROP;
CREATE TEMPORARY TABLE in_household (key text, door_key text, members int) ON COMMIT DROP;
CREATE TEMPORARY TABLE in_digest (entity_id text, digest bytea) ON COMMIT DROP;
CREATE TEMPORARY TABLE same (entity_id text, person_id uuid) ON COMMIT DROP;
CREATE TEMPORARY TABLE identity (entity_id text PRIMARY KEY, person_id uuid) ON COMMIT DROP;

-- name: dwellings
INSERT INTO registry_dwelling (id, key, estate, building, unit, room, unit_no)
SELECT id, key, estate, building, unit, room, unit_no FROM in_door
ON CONFLICT (key) DO UPDATE SET unit_no = excluded.unit_no
  WHERE registry_dwelling.unit_no <> excluded.unit_no;
ANALYZE registry_dwelling;

-- name: differ
ANALYZE in_digest;
-- who stands as the last import wrote them; whoever was merged, split or chosen anew by hand since has no digest
INSERT INTO same (entity_id, person_id)
SELECT d.entity_id, p.id FROM in_digest d JOIN registry_person p ON p.entity = d.entity_id AND p.digest = d.digest
WHERE NOT p.retired;
ANALYZE same;

-- name: changed
SELECT d.entity_id FROM in_digest d WHERE NOT EXISTS (SELECT 1 FROM same s WHERE s.entity_id = d.entity_id);

-- name: places
WITH moved AS (
  UPDATE registry_sourcerecord r SET batch = i.batch, sheet = i.sheet, row_no = i.row_no, as_of_on = i.as_of_on
  FROM in_place i WHERE r.source = i.source AND r.record_id = i.record_id
    AND (r.batch, r.sheet, r.row_no, r.as_of_on) IS DISTINCT FROM (i.batch, i.sheet, i.row_no, i.as_of_on)
  RETURNING r.person_id)
SELECT DISTINCT s.entity_id FROM moved m JOIN same s USING (person_id);

-- name: days
UPDATE registry_person p SET facts = i.facts, provenance = i.provenance, as_of_on = i.as_of_on
FROM in_day i JOIN same s USING (entity_id) WHERE p.id = s.person_id;

-- name: identify
ANALYZE in_person;
ANALYZE in_record;
-- one person keeps one id: the id goes to the cluster that holds most of the person's old records, and a cluster
-- that holds records of several persons takes the id most of them had
INSERT INTO identity (entity_id, person_id)
WITH votes AS (
  SELECT r.entity_id, s.person_id, count(*) AS n
  FROM in_record r JOIN registry_sourcerecord s USING (source, record_id)
  WHERE NOT EXISTS (SELECT 1 FROM same u WHERE u.person_id = s.person_id) GROUP BY 1, 2),
by_person AS (
  SELECT DISTINCT ON (person_id) person_id, entity_id, n FROM votes ORDER BY person_id, n DESC, entity_id),
by_entity AS (
  SELECT DISTINCT ON (entity_id) entity_id, person_id FROM by_person ORDER BY entity_id, n DESC, person_id)
SELECT p.entity_id, coalesce(b.person_id, p.fresh_id) FROM in_person p LEFT JOIN by_entity b USING (entity_id);
ANALYZE identity;

-- name: persons
INSERT INTO registry_household (id, key, dwelling_id, unit_no, members)
SELECT gen_random_uuid(), h.key, d.id, coalesce(d.unit_no, p.unlocated), h.members
FROM in_household h CROSS JOIN (SELECT %s::bigint AS unlocated) p LEFT JOIN registry_dwelling d ON d.key = h.door_key
ON CONFLICT (key) DO UPDATE SET dwelling_id = excluded.dwelling_id, unit_no = excluded.unit_no,
  members = excluded.members
  WHERE (registry_household.dwelling_id, registry_household.unit_no, registry_household.members)
    IS DISTINCT FROM (excluded.dwelling_id, excluded.unit_no, excluded.members);
ANALYZE registry_household;
INSERT INTO registry_person (id, unit_no, household_id, dwelling_id, name, given, pinyin, sound, initials, sex, birth_on,
  id_no_sealed, id_no_blind, phone_sealed, phone_blind, facts, provenance, records, as_of_on, retired, entity, digest)
SELECT i.person_id, coalesce(d.unit_no, h.unit_no), h.id, coalesce(d.id, h.dwelling_id), p.name, p.given, p.pinyin,
  p.sound, p.initials, p.sex, p.birth_on, p.id_no_sealed, p.id_no_blind, p.phone_sealed, p.phone_blind, p.facts,
  p.provenance, p.records, p.as_of_on, false, p.entity_id, g.digest
FROM in_person p JOIN identity i USING (entity_id) JOIN in_digest g USING (entity_id)
JOIN registry_household h ON h.key = p.household_key
LEFT JOIN registry_dwelling d ON d.key = p.door_key
ON CONFLICT (id) DO UPDATE SET unit_no = excluded.unit_no, household_id = excluded.household_id,
  dwelling_id = excluded.dwelling_id, name = excluded.name, given = excluded.given, pinyin = excluded.pinyin,
  sound = excluded.sound, initials = excluded.initials, sex = excluded.sex, birth_on = excluded.birth_on,
  id_no_sealed = excluded.id_no_sealed, id_no_blind = excluded.id_no_blind, phone_sealed = excluded.phone_sealed,
  phone_blind = excluded.phone_blind, facts = excluded.facts, provenance = excluded.provenance,
  records = excluded.records, as_of_on = excluded.as_of_on, retired = false, entity = excluded.entity,
  digest = excluded.digest;

-- name: records
INSERT INTO registry_sourcerecord (id, source, record_id, person_id, batch, sheet, row_no, as_of_on, values_sealed,
  evidence, unit_no)
SELECT r.id, r.source, r.record_id, p.id, r.batch, r.sheet, r.row_no, r.as_of_on, r.values_sealed, r.evidence, p.unit_no
FROM in_record r JOIN identity i USING (entity_id) JOIN registry_person p ON p.id = i.person_id
ON CONFLICT (source, record_id) DO UPDATE SET person_id = excluded.person_id, batch = excluded.batch,
  sheet = excluded.sheet, row_no = excluded.row_no, as_of_on = excluded.as_of_on,
  values_sealed = excluded.values_sealed, evidence = excluded.evidence, unit_no = excluded.unit_no;

-- name: retire
UPDATE registry_person p SET retired = true, records = 0, digest = NULL
WHERE NOT retired AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.person_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM same u WHERE u.person_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM registry_sourcerecord s WHERE s.person_id = p.id);
ANALYZE registry_person;
ANALYZE registry_sourcerecord;

-- name: settle
-- a building that was put on the map meanwhile moves those who live in it, though nothing else was told of them
UPDATE registry_person p SET unit_no = d.unit_no
FROM same s, registry_dwelling d WHERE p.id = s.person_id AND d.id = p.dwelling_id AND p.unit_no <> d.unit_no;
UPDATE registry_sourcerecord r SET unit_no = p.unit_no
FROM same s, registry_person p WHERE p.id = s.person_id AND r.person_id = p.id AND r.unit_no <> p.unit_no;

-- name: count
SELECT (SELECT count(*) FROM in_digest),
       (SELECT count(*) FROM in_person),
       (SELECT count(*) FROM in_person p JOIN identity i USING (entity_id) WHERE i.person_id = p.fresh_id),
       (SELECT count(*) FROM registry_person WHERE retired),
       (SELECT count(*) FROM in_household),
       (SELECT count(*) FROM in_door),
       (SELECT count(*) FROM registry_person WHERE unit_no = %s AND NOT retired);

-- name: forget
DROP TABLE in_door, in_person, in_record, in_place, in_day, in_household, in_digest, same, identity;
