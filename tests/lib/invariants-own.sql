-- As invariants.sql, where didctl's own tables are there too.

SELECT '16 a hold on a number that is not reserved', x.number, x.hold_until, d.pool_status, d.status
  FROM didctl_details x JOIN did_numbers d ON d.number = x.number
 WHERE x.hold_until IS NOT NULL AND (d.pool_status <> 'reserved' OR d.status <> 'active');
