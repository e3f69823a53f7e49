'use strict';
/* Operations on port-in orders, by operationId, and the tables that they have for themselves. */

const { createHash } = require('crypto');
const { Refusal } = require('./refusal');
const rules = require('./port_rules');
const store = require('./store');

const FIELDS = ['state', 'org_id', 'losing_carrier', 'type', 'account', 'pin_id', 'btn', 'authorised_name', 'service_address',
	'contact', 'requested_foc', 'requested_time', 'requested_zone', 'actual_foc', 'foc_time', 'foc_zone', 'code', 'reason',
	'env', 'route', 'cnam', 'location', 'submitted_at', 'created_at', 'updated_at'];

const TABLES = [
	`CREATE TABLE IF NOT EXISTS api_ports (id BIGINT PRIMARY KEY, ${FIELDS.map((name) => `${name} ${name === 'service_address' ? 'TEXT' : 'VARCHAR(300)'}`).join(', ')})`,
	`CREATE TABLE IF NOT EXISTS api_port_numbers (port BIGINT, first VARCHAR(20), last VARCHAR(20), status VARCHAR(16),
		reason VARCHAR(1000), PRIMARY KEY (port, first))`,
	`CREATE TABLE IF NOT EXISTS api_port_documents (id CHAR(36) PRIMARY KEY, port BIGINT, k INT, kind VARCHAR(8),
		name VARCHAR(255), type VARCHAR(32), size BIGINT, sha256 CHAR(64), at VARCHAR(32), is_kept TINYINT, data LONGBLOB)`,
	'CREATE TABLE IF NOT EXISTS api_port_pins (id CHAR(36) PRIMARY KEY, port BIGINT, pin VARCHAR(64))',
	`CREATE TABLE IF NOT EXISTS api_port_events (seq BIGINT AUTO_INCREMENT PRIMARY KEY, port BIGINT, at VARCHAR(32),
		actor VARCHAR(255), verb VARCHAR(32), from_state VARCHAR(16), to_state VARCHAR(16), note TEXT, is_public TINYINT,
		change_id CHAR(36), KEY (port))`,
	'CREATE TABLE IF NOT EXISTS api_port_serial (one INT PRIMARY KEY, last BIGINT)',
	'INSERT IGNORE INTO api_port_serial VALUES (1, 0)',
];

/* ---- rows */

async function numbersOf(tx, id) {
	const [rows] = await tx.query(
		'SELECT first, last, status, reason FROM api_port_numbers WHERE port = ? ORDER BY CHAR_LENGTH(first), first', [id]);

	return rows.map((row) => ({ ...row }));
}

async function documentsOf(tx, id) {
	const [rows] = await tx.query(`SELECT k, kind, name, type, size, sha256, at, id FROM api_port_documents
		WHERE port = ? AND is_kept = 1 ORDER BY k`, [id]);

	return rows.map((row) => ({ ...row, size: Number(row.size) }));
}

async function present(tx, row) {
	const out = { id: String(row.id) };

	for (const field of FIELDS)
		out[field] = row[field];
	out.numbers = await numbersOf(tx, row.id);
	out.documents = await documentsOf(tx, row.id);
	out.etag = createHash('sha256').update(JSON.stringify(out)).digest('hex').slice(0, 16);
	return out;
}

async function find(tx, id) {
	const [[row]] = /^[0-9]{1,18}$/.test(id) ? await tx.query('SELECT * FROM api_ports WHERE id = ?', [id]) : [[]];

	if (!row || String(row.id) !== id)
		throw new Refusal(404, 'not_found', 'there is no such order');
	return present(tx, row);
}

/* One at a time, all orders together: each asks what the others have. */
async function lockAll(tx) {
	const [[{ last }]] = await tx.query('SELECT last FROM api_port_serial FOR UPDATE');

	return Number(last);
}

async function lock(tx, request) {
	await lockAll(tx);
	const port = await find(tx, request.params.id);
	const ifMatch = request.get('If-Match');

	if (ifMatch !== undefined && ifMatch !== `"${port.etag}"`)
		throw new Refusal(412, 'changed', 'the order has changed meanwhile');
	return port;
}

/* ---- what an order may have */

/* The digits of a stored spelling; the national one is India's. */
const KEY = "IF(number REGEXP '^0[0-9]{10}$', CONCAT('91', SUBSTR(number, 2)), REPLACE(number, '+', ''))";
const WITHIN = `CHAR_LENGTH(${KEY}) = CHAR_LENGTH(?) AND ${KEY} BETWEEN ? AND ?`;

async function checkFree(tx, id, ranges) {
	for (const { first, last } of ranges) {
		const [[held]] = await tx.query(`SELECT number, status FROM did_numbers WHERE ${WITHIN} AND status <> 'ported' LIMIT 1`,
			[first, first, last]);
		const [[ordered]] = await tx.query(`SELECT n.first, p.id FROM api_port_numbers n JOIN api_ports p ON p.id = n.port
			WHERE p.id <> ? AND p.state IN (?) AND CHAR_LENGTH(n.first) = ? AND n.first <= ? AND n.last >= ? LIMIT 1`,
		[id, rules.OPEN, first.length, last, first]);

		if (held)
			throw new Refusal(409, 'duplicate', `${held.number} is in the inventory already`, 'numbers');
		if (ordered)
			throw new Refusal(409, 'duplicate', `${ordered.first} is on order ${ordered.id}`, 'numbers');
	}
}

/* What is completed is in the inventory, and the organisation's. */
async function checkIn(tx, org, ranges) {
	for (const { first, last } of ranges) {
		const [[{ n }]] = await tx.query(`SELECT COUNT(DISTINCT ${KEY}) AS n FROM did_numbers
			WHERE ${WITHIN} AND org_id = ? AND pool_status = 'assigned'`, [first, first, last, org]);

		if (BigInt(n) !== BigInt(last) - BigInt(first) + 1n)
			throw new Refusal(409, 'state', `not all of ${first} to ${last} are the organisation's in the inventory`, 'numbers');
	}
}

/* Numbers that an order gets are free; numbers that it says are in, are. */
async function checkNumbers(tx, port, ranges) {
	const waiting = ranges.filter((range) => range.status !== 'completed');

	rules.checkRanges(ranges);
	await checkFree(tx, port.id, waiting.flatMap((range) => without(range, port.numbers)));
	await checkIn(tx, port.org_id, ranges.filter((range) => range.status === 'completed'));
}

/* What of a range is in none of the others. */
function without(range, others) {
	let left = [{ first: BigInt(range.first), last: BigInt(range.last) }];

	for (const other of others.filter((o) => o.first.length === range.first.length)) {
		const first = BigInt(other.first), last = BigInt(other.last);

		left = left.flatMap((part) => [
			{ first: part.first, last: part.last < first ? part.last : first - 1n },
			{ first: part.first > last ? part.first : last + 1n, last: part.last },
		].filter((piece) => piece.first <= piece.last));
	}
	const spell = (n) => String(n).padStart(range.first.length, '0');

	return left.map((part) => ({ first: spell(part.first), last: spell(part.last) }));
}

/* ---- writing */

async function writeNumbers(tx, id, ranges) {
	await tx.query('DELETE FROM api_port_numbers WHERE port = ?', [id]);
	for (const range of ranges)
		await tx.query('INSERT INTO api_port_numbers SET ?', [{ port: id, ...range }]);
}

async function keepDocuments(tx, id, documents) {
	const ids = documents.map((d) => d.id);
	const [[{ n }]] = await tx.query('SELECT COUNT(*) AS n FROM api_port_documents WHERE port = ? AND id IN (?)',
		[id, ids.length ? ids : ['']]);

	if (n !== ids.length)
		throw new Refusal(422, 'invalid', 'a document that it is to keep was never there', 'documents');
	await tx.query('UPDATE api_port_documents SET is_kept = id IN (?) WHERE port = ?', [ids.length ? ids : [''], id]);
}

/* A PIN stays under its id for good, so that what named it before can name it again. */
async function keepPin(tx, id, { pin, pin_id: name }) {
	if (pin !== undefined && !name)
		throw new Refusal(422, 'invalid', 'a PIN has an id that names it', 'pin_id');
	if (pin !== undefined)
		await tx.query('INSERT INTO api_port_pins SET ?', [{ id: name, port: id, pin }]);
	const [[known]] = name ? await tx.query('SELECT id FROM api_port_pins WHERE id = ? AND port = ?', [name, id]) : [[true]];

	if (!known)
		throw new Refusal(422, 'invalid', 'there is no such PIN', 'pin_id');
}

async function note(tx, port, to, verb, told = {}, at = new Date().toISOString()) {
	await tx.query('INSERT INTO api_port_events SET ?', [{
		port: port.id, at, actor: told.actor ?? null, verb: told.verb ?? verb, from_state: port.state ?? null, to_state: to,
		note: told.note ?? null, is_public: told.public ? 1 : 0, change_id: told.change_id ?? null,
	}]);
}

/* Writes what differs, and the event of it. */
async function change(tx, port, fields, verb, told) {
	const { numbers, documents, pin, ...own } = fields;
	const at = new Date().toISOString();

	rules.checkZones(fields);
	if (numbers) {
		await checkNumbers(tx, port, numbers);
		await writeNumbers(tx, port.id, numbers);
	}
	if (documents)
		await keepDocuments(tx, port.id, documents);
	if (pin !== undefined || fields.pin_id !== undefined)
		await keepPin(tx, port.id, fields);
	await tx.query('UPDATE api_ports SET ? WHERE id = ?', [{ ...own, updated_at: at }, port.id]);
	await note(tx, port, own.state ?? port.state, verb, told, at);
	return { status: 200, body: await find(tx, port.id) };
}

async function add(tx, request) {
	const { id, event, numbers, pin, ...fields } = request.body;
	const last = await lockAll(tx), at = new Date().toISOString();
	const serial = id === undefined ? String(last + 1) : id;
	const [[taken]] = await tx.query('SELECT id FROM api_ports WHERE id = ?', [serial]);

	if (taken || Number(serial) > last + 1)
		throw new Refusal(409, 'duplicate', taken ? 'the serial is taken' : 'the serial is not given away yet', 'id');
	if (fields.documents && fields.documents.length)
		throw new Refusal(422, 'invalid', 'a new order has no documents', 'documents');
	delete fields.documents;
	await store.lockOrganization(tx, fields.org_id);
	rules.checkZones(fields);
	await checkNumbers(tx, { id: serial, numbers: [], org_id: fields.org_id }, numbers);
	await tx.query('INSERT INTO api_ports SET ?',
		[{ type: 'wireline', ...fields, id: serial, state: 'draft', created_at: at, updated_at: at }]);
	await writeNumbers(tx, serial, numbers);
	if (pin !== undefined || fields.pin_id !== undefined)
		await keepPin(tx, serial, request.body);
	await tx.query('UPDATE api_port_serial SET last = GREATEST(last, ?)', [serial]);
	await note(tx, { id: serial }, 'draft', 'port new', event, at);
	return { status: 201, body: await find(tx, serial), headers: { Location: `${request.baseUrl}/ports/${serial}` } };
}

async function edit(tx, request) {
	const port = await lock(tx, request);
	const { event, ...fields } = request.body;

	rules.permitEdit(port, request.body);
	return change(tx, port, fields, 'port edit', event);
}

async function move(tx, request) {
	const port = await lock(tx, request);

	return change(tx, port, rules.move(port, request.body, new Date().toISOString()), `port ${request.body.to}`,
		request.body.event);
}

async function remove(tx, request) {
	const port = await lock(tx, request);

	if (port.state !== 'draft')
		throw new Refusal(409, 'state', `the order is ${port.state}: it is cancelled, not deleted`);
	await note(tx, port, null, 'undo');
	await tx.query('DELETE FROM api_ports WHERE id = ?', [port.id]);
	await tx.query('DELETE FROM api_port_numbers WHERE port = ?', [port.id]);
	return { status: 204 };
}

/* ---- documents */

const MAGIC = {
	'application/pdf': ['25504446'], 'image/png': ['89504e470d0a1a0a'], 'image/jpeg': ['ffd8ff'],
	'image/tiff': ['49492a00', '4d4d002a'],
};

async function addDocument(tx, request) {
	const port = await lock(tx, request);
	const { data, event, at, ...fields } = request.body;
	const bytes = Buffer.from(data, 'base64'), head = bytes.subarray(0, 8).toString('hex');

	if (!rules.isOpen(port))
		throw new Refusal(409, 'state', `the order is ${port.state}: it takes no documents`);
	if (createHash('sha256').update(bytes).digest('hex') !== fields.sha256)
		throw new Refusal(422, 'invalid', 'is not the hash of the bytes that came', 'sha256');
	if (!MAGIC[fields.type].some((magic) => head.startsWith(magic)))
		throw new Refusal(422, 'invalid', 'is not what the bytes are', 'type');
	const k = Math.max(0, ...port.documents.map((d) => d.k)) + 1;

	await tx.query('INSERT INTO api_port_documents SET ?', [{ ...fields, port: port.id, k, size: bytes.length,
		at: at ?? new Date().toISOString(), is_kept: 1, data: bytes }]);
	return change(tx, port, {}, 'port document', event);
}

async function getDocument(tx, request) {
	const [[row]] = await tx.query('SELECT id, sha256, data FROM api_port_documents WHERE id = ? AND is_kept = 1',
		[request.params.id]);

	if (!row)
		throw new Refusal(404, 'not_found', 'there is no such document');
	return { status: 200, body: { id: row.id, sha256: row.sha256, data: row.data.toString('base64') } };
}

/* ---- reading */

async function eventsOf(tx, id) {
	const [rows] = await tx.query('SELECT * FROM api_port_events WHERE port = ? ORDER BY seq', [id]);

	return rows.map((row) => ({ at: row.at, actor: row.actor, verb: row.verb, from: row.from_state, to: row.to_state,
		note: row.note, public: row.is_public === 1, change_id: row.change_id }));
}

async function get(tx, request) {
	const port = await find(tx, request.params.id);

	return { status: 200, body: { ...port, events: await eventsOf(tx, port.id) } };
}

const COVERS = `EXISTS (SELECT 1 FROM api_port_numbers n WHERE n.port = api_ports.id AND n.first <= ? AND n.last >= ?
	AND CHAR_LENGTH(n.first) = CHAR_LENGTH(?))`;

async function list(tx, request, { pageCap }) {
	const { query } = request.contract;
	const { rows, next } = await store.rows(tx, { table: 'api_ports', key: 'id' }, query, [
		...store.equal(query, ['org_id', 'state']),
		...query.number === undefined ? [] : [[COVERS, query.number, query.number, query.number]]], pageCap);
	const items = [];

	for (const row of rows)
		items.push(await present(tx, row));
	const [[{ last }]] = await tx.query('SELECT last FROM api_port_serial');
	return { status: 200, body: { items, next, next_serial: String(Number(last) + 1) } };
}

/* Whether an order that is not over is of this organisation, or has prepared this location. */
async function hasOpen(tx, column, id) {
	const [[{ n }]] = await tx.query('SELECT COUNT(*) AS n FROM api_ports WHERE ?? = ? AND state IN (?)', [column, id, rules.OPEN]);

	return n > 0;
}

module.exports = {
	TABLES,
	hasOpen,
	operations: {
		listPorts: list, addPort: add, getPort: get, editPort: edit, deletePort: remove, movePort: move,
		addPortDocument: addDocument, getPortDocument: getDocument,
	},
};
