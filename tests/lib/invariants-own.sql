-- As invariants.sql, where didctl's own tables are there too.

SELECT '16 a hold on a number that is not reserved', x.number, x.hold_until, d.pool_status, d.status
  FROM didctl_details x JOIN did_numbers d ON d.number = x.number
 WHERE x.hold_until IS NOT NULL AND (d.pool_status <> 'reserved' OR d.status <> 'active');

-- The count is of numbers; of organisations and users where the change has no number.
SELECT '11 a change whose count differs from its history', id, verb, n, numbers, objects
  FROM (SELECT c.id, c.verb, c.n,
	       SUM(CASE WHEN h.block IS NULL OR h.block LIKE '%:%' THEN 0 ELSE h.n END) AS numbers,
	       SUM(CASE WHEN h.block LIKE '%:%' THEN h.n ELSE 0 END) AS objects
	  FROM didctl_changes c LEFT JOIN didctl_history h ON h.change_id = c.id
	 GROUP BY c.id, c.verb, c.n) AS counted
 WHERE n <> CASE WHEN numbers > 0 THEN numbers ELSE objects END;

SELECT '11 history of a change that is not there', h.change_id, h.block
  FROM didctl_history h LEFT JOIN didctl_changes c ON c.id = h.change_id WHERE c.id IS NULL;

SELECT '8 a change without a hash', id, verb, hash FROM didctl_changes
 WHERE hash IS NULL OR LENGTH(hash) <> 64;

SELECT '8 a change under a seal that is not there', c.id, c.seal
  FROM didctl_changes c LEFT JOIN didctl_seals s ON s.seal = c.seal WHERE c.seal IS NOT NULL AND s.seal IS NULL;

SELECT '8 a seal that does not follow the one before it', s.seal, s.previous
  FROM didctl_seals s LEFT JOIN didctl_seals p ON p.seal = s.seal - 1
 WHERE COALESCE(s.previous, '') <> COALESCE(p.hash, '') OR (s.seal > 1 AND p.seal IS NULL);

SELECT '17 registered, and its address lacks what is mandatory', x.number, x.location, l.id
  FROM didctl_details x LEFT JOIN didctl_locations l ON l.id = x.location
 WHERE x.e911 = 'registered' AND (l.id IS NULL OR COALESCE(l.street, '') = '' OR COALESCE(l.city, '') = ''
       OR COALESCE(l.state_code, '') = '' OR COALESCE(l.zip, '') = '' OR COALESCE(l.country, '') NOT IN ('US', 'CA'));

-- By its bytes, whatever a collation takes for equal: 1 to 15 capital letters, digits, blanks and . , & ' - with a letter.
SELECT '18 a CNAM of more than 15 characters or outside its set', place, id, cnam
  FROM (SELECT 'number' AS place, number AS id, cnam FROM didctl_details
	UNION ALL SELECT 'organisation', org_id, cnam FROM didctl_orgs) AS names
 WHERE cnam IS NOT NULL AND (LENGTH(cnam) > 15
       OR NOT (HEX(cnam) REGEXP '^(20|2[67CDE]|3[0-9]|4[1-9A-F]|5[0-9A])+$')
       OR NOT (HEX(cnam) REGEXP '^(..)*(4[1-9A-F]|5[0-9A])'));

SELECT '19 a port order completed with a number that is not in', n.port, n.first, n.last, n.status
  FROM didctl_port_numbers n JOIN didctl_ports p ON p.port = n.port
 WHERE p.state = 'completed' AND n.status <> 'completed';

-- What each verb makes of an order, from services.md and not from the program; undo takes back only a flip.
SELECT '19 a port order that went backwards', e.port, e.verb, e.from_state, e.to_state
  FROM didctl_port_events e
 WHERE NOT (CASE e.verb
	    WHEN 'port new' THEN e.from_state IS NULL AND e.to_state = 'draft'
	    WHEN 'port submit' THEN e.from_state IN ('draft', 'exception') AND e.to_state = 'submitted'
	    WHEN 'port ack' THEN e.from_state = 'submitted' AND e.to_state = 'acknowledged'
	    WHEN 'port foc' THEN e.from_state IN ('acknowledged', 'foc-set') AND e.to_state = 'foc-set'
	    WHEN 'port reject' THEN e.from_state IN ('submitted', 'acknowledged', 'foc-set') AND e.to_state = 'exception'
	    WHEN 'port cancel' THEN e.from_state NOT IN ('completed', 'cancelled') AND e.to_state = 'cancelled'
	    WHEN 'port complete' THEN e.from_state = 'foc-set' AND e.to_state IN ('foc-set', 'completed')
	    WHEN 'undo' THEN COALESCE(e.from_state, 'draft') = COALESCE(e.to_state, 'draft')
		 OR (e.from_state = 'completed' AND e.to_state = 'foc-set')
		 OR (e.from_state = 'foc-set' AND e.to_state = 'completed')
	    ELSE e.from_state = e.to_state AND e.to_state NOT IN ('completed', 'cancelled') END);

SELECT '19 a port order whose time line has a gap', port, seq, was, from_state
  FROM (SELECT port, seq, from_state, LAG(to_state) OVER (PARTITION BY port ORDER BY seq) AS was
	  FROM didctl_port_events) AS chained
 WHERE COALESCE(from_state, '') <> COALESCE(was, '');

SELECT '19 a port order that is not where its time line ends', p.port, p.state, e.to_state
  FROM didctl_ports p LEFT JOIN didctl_port_events e
    ON e.seq = (SELECT MAX(x.seq) FROM didctl_port_events x WHERE x.port = p.port)
 WHERE e.seq IS NULL OR e.to_state IS NULL OR e.to_state <> p.state;

SELECT '18 the status of a name that is not there, or a name without one', d.number, d.cnam, o.cnam, d.cnam_status
  FROM didctl_details d LEFT JOIN did_numbers n ON n.number = d.number
  LEFT JOIN didctl_orgs o ON o.org_id = n.org_id AND n.pool_status = 'assigned'
 WHERE (COALESCE(d.cnam, o.cnam) IS NULL) <> (d.cnam_status IS NULL) OR (d.cnam_status IS NULL) <> (d.cnam_since IS NULL);
