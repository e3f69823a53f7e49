'use strict';
/*
 * The PBX's three tables, and the API's own for names and emergency addresses: transactions, rows as the contract shows
 * them, and pages.
 */

const { createHash, randomUUID } = require('crypto');
const mysql = require('mysql2/promise');
const { setTimeout: pause } = require('timers/promises');
const { Refusal } = require('./refusal');

const BASE_COLUMNS = ['id', 'number', 'org_id', 'trunk_id', 'pool_status', 'routing_environment', 'is_default',
	'routing_type', 'routing_destination', 'recording_enabled', 'status', 'region', 'provider', 'monthly_price'];

const LOCATION_COLUMNS = ['id', 'org_id', 'label', 'country', 'street', 'unit', 'building', 'floor', 'room', 'city',
	'state_code', 'zip', 'contact', 'civic'];

/*
 * One line a kind of object: its table, columns, which of them are booleans, and the key of its pages; more: what of the
 * API's own tables is joined to it, and parts: what the row shows of that.
 */
const KINDS = {
	number: {
		table: 'did_numbers', columns: BASE_COLUMNS, booleans: ['is_default', 'recording_enabled'], key: 'number',
		more: `LEFT JOIN api_numbers ON api_numbers.number_id = did_numbers.id
			LEFT JOIN api_organizations ON api_organizations.organization_id = did_numbers.org_id
			AND did_numbers.pool_status = 'assigned'`,
		parts: { cnam, e911 },
	},
	organization: {
		table: 'organizations', columns: ['id', 'name', 'context_prefix'], booleans: [], key: 'id',
		more: 'LEFT JOIN api_organizations ON api_organizations.organization_id = organizations.id',
		parts: { cnam: (row) => (row.default_name === null ? null : { name: row.default_name }) },
	},
	user: { table: 'users', columns: ['id', 'org_id', 'name', 'outbound_did'], booleans: [], key: 'id' },
	location: { table: 'api_locations', columns: LOCATION_COLUMNS, booleans: [], key: 'id' },
};

/* Ids that are joined are of the PBX's own types, so that they compare without conversion. */
const OWN_TABLES = [
	`CREATE TABLE IF NOT EXISTS api_numbers (PRIMARY KEY (number_id), cnam_name VARCHAR(15), cnam_status VARCHAR(16),
		cnam_reason VARCHAR(255), cnam_updated_at VARCHAR(32), location_id CHAR(36), e911_status VARCHAR(16),
		e911_text VARCHAR(255), e911_candidates TEXT, e911_updated_at VARCHAR(32), INDEX (location_id))
		SELECT id AS number_id FROM did_numbers WHERE FALSE`,
	`CREATE TABLE IF NOT EXISTS api_organizations (PRIMARY KEY (organization_id), default_name VARCHAR(15))
		SELECT id AS organization_id FROM organizations WHERE FALSE`,
	`CREATE TABLE IF NOT EXISTS api_locations (id CHAR(36) PRIMARY KEY, org_id CHAR(36), label VARCHAR(255),
		country CHAR(2) NOT NULL, street VARCHAR(255) NOT NULL, unit VARCHAR(255), building VARCHAR(255),
		floor VARCHAR(255), room VARCHAR(255), city VARCHAR(255) NOT NULL, state_code CHAR(2) NOT NULL, zip VARCHAR(10) NOT NULL, contact VARCHAR(255),
		civic TEXT, INDEX (org_id))`,
];

const ER_LOCK_WAIT_TIMEOUT = 1205, ER_LOCK_DEADLOCK = 1213, ER_DUP_ENTRY = 1062, ER_DATA_TOO_LONG = 1406;
const TRIES = 20, PAUSE_MS = 10;

class Store {
	constructor(socketPath, database) {
		this.pool = mysql.createPool({
			socketPath, database, user: 'root', connectionLimit: 16, charset: 'utf8mb4', timezone: 'Z',
			typeCast: (field, next) => (field.type === 'TINY' ? number(field.string()) : next()),
		});
		// Each statement then begins a transaction by itself: a round trip less for each request. It sees what was committed
		// before it: behind a lock that was waited for, the rows as they are by then.
		this.pool.on('connection', (connection) => {
			connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
			connection.query('SET autocommit = 0');
		});
	}

	/* Runs work(tx) in a transaction, again from its beginning when the server rolled it back. */
	async transaction(work) {
		for (let tries = 1; ; tries++) {
			const tx = await this.pool.getConnection();

			try {
				const result = await work(tx);
				await tx.query('COMMIT');
				return result;
			} catch (error) {
				await tx.query('ROLLBACK');
				if (tries >= TRIES || ![ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT].includes(error.errno))
					throw translate(error);
			} finally {
				tx.release();
			}
			await pause(Math.random() * PAUSE_MS * tries); // those that met are not to meet again
		}
	}

	/* Those that are the API's own, beside the PBX's. */
	makeTables(further) {
		return this.transaction(async (tx) => {
			for (const statement of [...OWN_TABLES, ...further])
				await tx.query(statement);
		});
	}

	close() {
		return this.pool.end();
	}
}

function number(text) {
	return text === null ? null : Number(text);
}

function translate(error) {
	if (error.errno === ER_DUP_ENTRY)
		return new Refusal(409, 'duplicate', 'is there already');
	if (error.errno === ER_DATA_TOO_LONG)
		return new Refusal(422, 'invalid', 'is too long for its column');
	return error;
}

/* The name that counts for a number, or null. */
function cnam(row) {
	const name = row.cnam_name === null ? row.default_name : row.cnam_name;
	const source = row.cnam_name !== null ? 'number' : name !== null ? 'organization' : 'none';

	if (name === null && row.cnam_status === null)
		return null;
	return { name, source, status: row.cnam_status, reason: row.cnam_reason, updated_at: row.cnam_updated_at };
}

function e911(row) {
	if (row.location_id === null)
		return null;
	return {
		status: row.e911_status, location_id: row.location_id, text: row.e911_text,
		candidates: JSON.parse(row.e911_candidates || '[]'), updated_at: row.e911_updated_at,
	};
}

/* A row as the contract shows it, with the tag of what it is now. */
function present(kind, row) {
	const out = {};

	for (const column of KINDS[kind].columns)
		out[column] = row[column];
	for (const column of KINDS[kind].booleans)
		out[column] = row[column] === null ? null : row[column] !== 0;
	for (const [name, part] of Object.entries(KINDS[kind].parts || {}))
		out[name] = part(row);
	out.etag = createHash('sha256').update(JSON.stringify(out)).digest('hex').slice(0, 16);
	return out;
}

async function find(tx, kind, id) {
	const { table, more = '' } = KINDS[kind];
	const [[row]] = await tx.query(`SELECT * FROM ${table} ${more} WHERE id = ?`, [id]);

	if (!row || row.id !== id)
		throw new Refusal(404, 'not_found', `there is no such ${kind}`);
	return row;
}

/* The row, locked, if it is still what If-Match names. */
async function lock(tx, kind, id, ifMatch) {
	const { table, more } = KINDS[kind];
	let [[row]] = await tx.query(`SELECT * FROM ${table} WHERE id = ? FOR UPDATE`, [id]);

	if (!row || row.id !== id)
		throw new Refusal(404, 'not_found', `there is no such ${kind}`);
	if (more)
		row = await find(tx, kind, id);
	if (ifMatch !== undefined && ifMatch !== `"${present(kind, row).etag}"`)
		throw new Refusal(412, 'changed', `the ${kind} has changed meanwhile`);
	return row;
}

async function get(tx, kind, id) {
	return present(kind, await find(tx, kind, id));
}

async function insert(tx, kind, fields) {
	const values = { id: randomUUID(), ...fields };

	await tx.query(`INSERT INTO ${KINDS[kind].table} SET ?`, [values]);
	return get(tx, kind, values.id);
}

function set(tx, kind, id, fields) {
	return tx.query(`UPDATE ${KINDS[kind].table} SET ? WHERE id = ?`, [fields, id]);
}

async function update(tx, kind, id, fields) {
	if (Object.keys(fields).length > 0) // everything that was sent may be ignored by a switch
		await set(tx, kind, id, fields);
	return get(tx, kind, id);
}

function remove(tx, kind, id) {
	return tx.query(`DELETE FROM ${KINDS[kind].table} WHERE id = ?`, [id]);
}

/* An organisation that is there, locked, so that two of its first numbers do not both become its default. */
async function lockOrganization(tx, id) {
	const [[row]] = await tx.query('SELECT id FROM organizations WHERE id = ? FOR UPDATE', [id]);

	if (!row || row.id !== id)
		throw new Refusal(422, 'invalid', 'there is no such organisation', 'org_id');
}

/* where: ["SQL with ?", value...] each; after: the key of the last row of the page before. */
async function rows(tx, { table, key, more = '' }, query, where, cap) {
	const limit = Math.min(query.limit, cap);
	const all = query.after === undefined ? where : [...where, [`${key} > ?`, decode(query.after)]];
	const condition = all.length ? `WHERE ${all.map(([sql]) => `(${sql})`).join(' AND ')}` : '';
	const [found] = await tx.query(`SELECT * FROM ${table} ${more} ${condition} ORDER BY ${key} LIMIT ?`,
		[...all.flatMap(([, ...values]) => values), limit + 1]);

	return { rows: found.slice(0, limit), next: found.length > limit ? encode(String(found[limit - 1][key])) : null };
}

async function page(tx, kind, query, where, cap) {
	const found = await rows(tx, KINDS[kind], query, where, cap);

	return { items: found.rows.map((row) => present(kind, row)), next: found.next };
}

function encode(key) {
	return Buffer.from(key).toString('base64url');
}

function decode(cursor) {
	return Buffer.from(cursor, 'base64url').toString();
}

/* Filters of a query that compare a column as it stands. */
function equal(query, columns) {
	return columns.filter((column) => query[column] !== undefined)
		.map((column) => [`${column} IN (?)`, [].concat(query[column])]);
}

function begins(column, prefix) {
	return prefix === undefined ? [] : [[`${column} LIKE ?`, `${prefix.replace(/[\\%_]/g, '\\$&')}%`]];
}

/* What the API's own tables hold of a row of the PBX's; null: nothing. */
function setOwn(tx, table, key, id, fields) {
	return fields === null ? tx.query(`DELETE FROM ${table} WHERE ${key} = ?`, [id]) :
		tx.query(`INSERT INTO ${table} SET ? ON DUPLICATE KEY UPDATE ?`, [{ [key]: id, ...fields }, fields]);
}

module.exports = { Store, setOwn, present, lock, get, insert, set, update, remove, lockOrganization, rows, page, equal, begins };
