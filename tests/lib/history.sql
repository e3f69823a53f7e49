-- What tests/lib/replay reads, a JSON object a line. JSON_OBJECT is SQLite's and MariaDB's.

SELECT JSON_OBJECT('kind', 'row', 'number', number, 'pool_status', pool_status, 'status', status, 'org_id', org_id,
		   'env', routing_environment, 'default', is_default, 'route_type', routing_type,
		   'route_dest', routing_destination, 'recording', recording_enabled, 'trunk_id', trunk_id,
		   'provider', provider, 'region', region, 'price', monthly_price)
  FROM did_numbers;

SELECT JSON_OBJECT('kind', 'details', 'number', number, 'operator', operator, 'carrier', carrier, 'city', city,
		   'state_code', state_code, 'rate_center', rate_center, 'setup_fee', setup_fee,
		   'minute_rate', minute_rate, 'package', package, 'cnam', cnam, 'cnam_status', cnam_status, 'e911', e911,
		   'location', location, 'tags', tags, 'notes', notes, 'locked', locked, 'hold_until', hold_until,
		   'after_hold', after_hold, 'requested_at', requested_at, 'hold_days', hold_days,
		   'previous_org_id', previous_org_id)
  FROM didctl_details;

SELECT JSON_OBJECT('kind', 'change', 'id', id, 'verb', verb) FROM didctl_changes;

SELECT JSON_OBJECT('kind', 'event', 'seq', seq, 'change', change_id, 'block', block, 'first', first, 'last', last,
		   'n', n, 'before', `before`, 'after', `after`)
  FROM didctl_history ORDER BY seq;
