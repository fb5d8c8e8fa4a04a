-- Every value that every record tells, with what speaks for it by itself. tier 0: cannot be right (a number that
-- fails its check, a title for a name, a telephone of hundreds, an address without a door); kept, but only survives
-- where nothing better is told.
-- a 15-digit number was taken to be of the 1900s, and another record knows better
CREATE OR REPLACE TABLE guessed AS
SELECT DISTINCT a.entity_id, a.id_number FROM told a JOIN told b
ON b.entity_id = a.entity_id AND substr(a.id_number, 1, 6) || '20' || substr(a.id_number, 9, 9) = substr(b.id_number, 1, 17)
WHERE substr(a.id_number, 7, 2) = '19' AND b.id_valid;

CREATE OR REPLACE TABLE candidates AS
WITH long AS (
    SELECT entity_id, source, record_id, as_of, verified, 'name' AS field, name AS value,
           CASE WHEN name_kind IN ('partial', 'none') THEN 0 ELSE 1 END AS tier,
           CASE WHEN name_kind = 'latin' THEN $latin ELSE 0 END AS bonus
    FROM told WHERE name IS NOT NULL
    UNION ALL
    SELECT entity_id, source, record_id, as_of, verified, 'id_no', id_number,
           CASE WHEN id_valid THEN 1 ELSE 0 END,
           CASE WHEN g.entity_id IS NOT NULL OR id_ok IS NULL AND id_valid THEN $outvoted
                WHEN id_valid THEN $checked ELSE 0 END
    FROM told LEFT JOIN guessed g USING (entity_id, id_number)
    WHERE id_number IS NOT NULL AND NOT id_borrowed
    UNION ALL
    SELECT entity_id, source, record_id, as_of, verified, 'birth', own_birth, 1,
           CASE WHEN confirmed THEN $checked + $confirmed WHEN own_birth LIKE '%-01-01' THEN $new_year ELSE 0 END
    FROM told WHERE own_birth IS NOT NULL
    UNION ALL
    SELECT entity_id, source, record_id, as_of, verified, 'birth', birth, 1, $checked
    FROM told WHERE id_ok IS NOT NULL AND birth IS NOT NULL AND birth IS DISTINCT FROM own_birth
    UNION ALL
    SELECT entity_id, source, record_id, as_of, verified, 'sex', own_sex, 1, 0
    FROM told WHERE own_sex IS NOT NULL
    UNION ALL
    SELECT entity_id, source, record_id, as_of, verified, 'sex', sex, 1, CASE WHEN id_ok IS NOT NULL THEN $checked ELSE 0 END
    FROM told WHERE sex IS NOT NULL AND (id_ok IS NOT NULL OR own_sex IS NULL)
    UNION ALL
    SELECT t.entity_id, source, record_id, as_of, verified, 'phone', phone,
           CASE WHEN phone_key IS NULL THEN 0 ELSE 1 END, round(log2(least(1, 2 * u.n / u.everybody)), 2)
    FROM told t JOIN phone_users u ON u.value = t.phone AND u.entity_id = t.entity_id
    UNION ALL
    SELECT entity_id, source, record_id, as_of, verified, 'address', address_key,
           CASE WHEN room IS NOT NULL THEN 1 ELSE 0 END, 0
    FROM told WHERE address_key IS NOT NULL
)
SELECT long.*,
       CASE WHEN try_cast(as_of AS DATE) IS NULL THEN len($bands) + 1
            ELSE len(list_filter($bands, b -> date_diff('day', CAST(as_of AS DATE), CAST($today AS DATE)) / 365.25 >= b))
       END AS band
FROM long;
