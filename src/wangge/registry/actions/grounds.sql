-- name: prepare
CREATE TEMPORARY TABLE in_review (id uuid, source_a text, record_a text, source_b text, record_b text, why text,
  probability double precision, worth double precision, evidence jsonb) ON COMMIT DROP;
CREATE TEMPORARY TABLE in_doubt (id uuid, source text, record_id text, field text, reason text, told_sealed bytea,
  told_blind bytea, better_sealed bytea, sure double precision, worth double precision, organisation_id uuid)
  ON COMMIT DROP;

-- name: review
ANALYZE in_review;
DELETE FROM registry_reviewpair WHERE state = 'waiting' AND (claimed_until IS NULL OR claimed_until < now());
INSERT INTO registry_reviewpair (id, unit_no, source_a, record_a, source_b, record_b, why, probability, worth, evidence,
  state, claimed_by, reason, decided_by)
SELECT r.id, least(a.unit_no, b.unit_no), r.source_a, r.record_a, r.source_b, r.record_b, r.why, r.probability, r.worth,
  r.evidence, 'waiting', '', '', ''
FROM in_review r
JOIN registry_sourcerecord a ON a.source = r.source_a AND a.record_id = r.record_a
JOIN registry_sourcerecord b ON b.source = r.source_b AND b.record_id = r.record_b AND b.person_id <> a.person_id
ON CONFLICT (source_a, record_a, source_b, record_b) DO UPDATE SET why = excluded.why,
  probability = excluded.probability, worth = excluded.worth, evidence = excluded.evidence;

-- name: doubts
ANALYZE in_doubt;
DELETE FROM registry_correctionrequest WHERE state = 'found';
-- what was asked about and is doubted no more: the owner's newer table, or somebody else's, has settled it
UPDATE registry_correctionrequest q SET state = 'overtaken', answered_at = %(now)s
WHERE state = 'open' AND NOT EXISTS (
  SELECT 1 FROM in_doubt d WHERE d.source = q.source AND d.record_id = q.record_id AND d.field = q.field);
INSERT INTO registry_correctionrequest (id, unit_no, person_id, source, record_id, field, reason, told_sealed, told_blind,
  better_sealed, sure, worth, organisation_id, state, found_at, sent_by, note, answer, answer_note, answered_by)
SELECT d.id, s.unit_no, s.person_id, d.source, d.record_id, d.field, d.reason, d.told_sealed, d.told_blind,
  d.better_sealed, d.sure, d.worth, d.organisation_id, 'found', %(now)s, '', '', '', '', ''
FROM in_doubt d JOIN registry_sourcerecord s ON s.source = d.source AND s.record_id = d.record_id
WHERE NOT EXISTS (
  SELECT 1 FROM registry_correctionrequest q
  WHERE q.source = d.source AND q.record_id = d.record_id AND q.field = d.field
    AND (q.state = 'open' OR q.told_blind = d.told_blind));
ANALYZE registry_correctionrequest;

-- name: count
SELECT (SELECT count(*) FROM registry_reviewpair WHERE state = 'waiting')
     + (SELECT count(*) FROM registry_correctionrequest WHERE state = 'found');

-- name: forget
DROP TABLE in_review, in_doubt;
