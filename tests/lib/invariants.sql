-- Each statement finds the rows that break one rule of the PBX's three tables; no row at all is what should come.
-- Runs on SQLite and on MariaDB with || joining strings.

SELECT '1 available with an owner', number, org_id FROM did_numbers
 WHERE pool_status = 'available' AND status = 'active' AND org_id IS NOT NULL;

SELECT '2 assigned without an owner', number, status FROM did_numbers
 WHERE pool_status = 'assigned' AND status IN ('active', 'suspended') AND org_id IS NULL;

SELECT '3 a default that is not assigned', number, org_id, pool_status, status FROM did_numbers
 WHERE is_default = 1 AND (org_id IS NULL OR pool_status <> 'assigned' OR status <> 'active');

SELECT '4 two defaults in one organisation', org_id, COUNT(*) FROM did_numbers
 WHERE is_default = 1 GROUP BY org_id HAVING COUNT(*) > 1;

-- The spellings of an Indian number: +91N, 0091N, 091N, 0N and N are all 91N.
SELECT '6 two rows with one E.164', e164, COUNT(*), MIN(number), MAX(number)
  FROM (SELECT number,
	       CASE WHEN number LIKE '+%' THEN SUBSTR(number, 2)
		    WHEN number LIKE '0091%' AND LENGTH(number) = 14 THEN SUBSTR(number, 3)
		    WHEN number LIKE '091%' AND LENGTH(number) = 13 THEN SUBSTR(number, 2)
		    WHEN number LIKE '0%' AND LENGTH(number) = 11 THEN '91' || SUBSTR(number, 2)
		    WHEN LENGTH(number) = 10 THEN '91' || number
		    ELSE number END AS e164
	  FROM did_numbers) AS spelled
 GROUP BY e164 HAVING COUNT(*) > 1;

SELECT '7 an owner that does not exist', d.number, d.org_id FROM did_numbers d
  LEFT JOIN organizations o ON o.id = d.org_id
 WHERE d.org_id IS NOT NULL AND o.id IS NULL;
