'use strict';
/* Operations on numbers, by operationId: (tx, request) gives { status, body }; a Refusal is thrown. */

const { Refusal } = require('./refusal');
const store = require('./store');

const FREE = { org_id: null, is_default: 0, routing_type: null, routing_destination: null };

/* One line an action: from which states, and as what it leaves the row. */
const ACTIONS = {
	request: { from: ['available'], fields: { pool_status: 'pending' } },
	approve: { from: ['pending'], fields: { pool_status: 'assigned' } },
	reject: { from: ['pending'], fields: { pool_status: 'available', org_id: null } },
	assign: { from: ['available'], fields: { pool_status: 'assigned' } },
	release: { from: ['assigned'], fields: { ...FREE, pool_status: 'available', status: 'active' } },
};

function permit(row, action) {
	const isLive = row.status === 'active' || (action === 'release' && row.status === 'suspended');

	if (ACTIONS[action].from.includes(row.pool_status) && isLive)
		return;
	if (row.org_id !== null && action === 'assign')
		throw new Refusal(409, 'owner', `the number is ${row.pool_status}, of the organisation ${row.org_id}`);
	throw new Refusal(409, 'state', `the number is ${row.pool_status}, ${row.status}: ${action} does not take it`);
}

/* The PBX's autoSetDefaultIfFirst(): the first assigned number of an organisation becomes its default. */
async function autoSetDefaultIfFirst(tx, id, org) {
	const [[{ held }]] = await tx.query(
		"SELECT COUNT(*) AS held FROM did_numbers WHERE org_id = ? AND pool_status = 'assigned' AND id <> ?", [org, id]);

	if (held === 0)
		await tx.query('UPDATE did_numbers SET is_default = 1 WHERE id = ?', [id]);
}

async function act(tx, request, action, org) {
	const row = await store.lock(tx, 'number', request.params.id, request.get('If-Match'));
	const fields = { ...ACTIONS[action].fields };
	const owner = org === undefined ? row.org_id : org;

	permit(row, action);
	if (org !== undefined)
		fields.org_id = org;
	if (fields.pool_status !== 'available') {
		if (owner === null)
			throw new Refusal(409, 'owner', 'no organisation asked for the number');
		await store.lockOrganization(tx, owner);
	}
	await store.set(tx, 'number', row.id, fields);
	if (action === 'release')
		await store.setOwn(tx, 'api_numbers', 'number_id', row.id, null);
	if (fields.pool_status === 'assigned')
		await autoSetDefaultIfFirst(tx, row.id, owner);
	return { status: 200, body: await store.get(tx, 'number', row.id) };
}

/* Why a row may not be as it would be after a PUT. */
function fault(row) {
	const isFree = row.pool_status === 'available' || row.pool_status === 'reserved';

	if (isFree && row.org_id !== null)
		return ['owner', `a number that is ${row.pool_status} has no owner`];
	if (row.pool_status === 'assigned' && row.org_id === null)
		return ['owner', 'a number that is assigned has an owner'];
	if (['inactive', 'ported'].includes(row.status) && row.pool_status !== 'reserved')
		return ['state', `a number that is ${row.status} is reserved`];
	if (row.status === 'suspended' && row.pool_status !== 'assigned')
		return ['state', 'only an assigned number is suspended'];
	if (row.is_default && (row.pool_status !== 'assigned' || row.status !== 'active'))
		return ['state', 'only an assigned number is a default'];
	return null;
}

async function edit(tx, request) {
	const row = await store.lock(tx, 'number', request.params.id, request.get('If-Match'));
	const after = { ...row, ...request.body };
	const bad = fault(after);

	if (bad)
		throw new Refusal(409, ...bad);
	if (after.org_id !== null && (after.org_id !== row.org_id || request.body.is_default))
		await store.lockOrganization(tx, after.org_id);
	if (request.body.is_default)
		await tx.query('UPDATE did_numbers SET is_default = 0 WHERE org_id = ? AND is_default = 1 AND id <> ?',
			[after.org_id, row.id]);
	return { status: 200, body: await store.update(tx, 'number', row.id, request.body) };
}

async function remove(tx, request) {
	const row = await store.lock(tx, 'number', request.params.id, request.get('If-Match'));

	if (row.org_id !== null || ['assigned', 'pending'].includes(row.pool_status))
		throw new Refusal(409, 'state', `the number is ${row.pool_status}: release it first`);
	await store.remove(tx, 'number', row.id);
	await store.setOwn(tx, 'api_numbers', 'number_id', row.id, null);
	return { status: 204 };
}

async function add(tx, request) {
	if (request.body.status === 'inactive' && request.body.pool_status !== 'reserved')
		throw new Refusal(422, 'invalid', 'a number that is inactive is reserved', 'pool_status');
	const body = await store.insert(tx, 'number', request.body);
	return { status: 201, body, headers: { Location: `${request.baseUrl}/did-pool/admin/${body.id}` } };
}

/* Spellings between two of one length; '-' never stands in a spelling. */
function ranges(list) {
	if (list === undefined)
		return [];
	const bounds = list.map((text) => text.split('-')).map(([first, last = first]) => [first, last]);

	for (const [first, last] of bounds)
		if (first.length !== last.length || first > last)
			throw new Refusal(422, 'invalid', 'the ends are not of one length, or reversed', 'range');
	return [[bounds.map(() => 'number BETWEEN ? AND ? AND CHAR_LENGTH(number) = ?').join(' OR '),
		...bounds.flatMap(([first, last]) => [first, last, first.length])]];
}

/* A number without an address or a name has no status in the tables. */
function statuses(query) {
	return [['e911_status', 'not-set'], ['cnam_status', '']].filter(([name]) => query[name] !== undefined)
		.map(([name, none]) => [`COALESCE(${name}, ?) IN (?)`, none, query[name]]);
}

async function list(tx, request, { pageCap }) {
	const { query } = request.contract;
	const flag = query.is_default === undefined ? [] : [['COALESCE(is_default, 0) = ?', query.is_default ? 1 : 0]];
	const where = [...ranges(query.range), ...store.begins('number', query.prefix), ...flag, ...statuses(query),
		...store.equal(query, ['org_id', 'pool_status', 'status', 'routing_environment', 'provider', 'region', 'location_id'])];

	return { status: 200, body: await store.page(tx, 'number', query, where, pageCap) };
}

async function listAvailable(tx, request, { environment, pageCap }) {
	const where = [["pool_status = 'available' AND status = 'active' AND routing_environment = ?", environment]];

	return { status: 200, body: await store.page(tx, 'number', request.contract.query, where, pageCap) };
}

function requestFor(tx, request) {
	if (!request.body || request.body.org_id === undefined)
		throw new Refusal(422, 'invalid', 'the internal key belongs to no organisation: name one', 'org_id');
	return act(tx, request, 'request', request.body.org_id);
}

/* Both spellings of an Indian number, one of any other, as the dispatcher has them. There is no switch to reload here. */
async function regenerate(tx) {
	const [[{ routes }]] = await tx.query(`SELECT
		COALESCE(SUM(IF(number REGEXP '^(\\\\+?91|0)[0-9]{10}$', 2, 1)), 0) AS routes
		FROM did_numbers WHERE pool_status = 'assigned' AND status = 'active' AND routing_environment <> 'oss'`);

	return { status: 200, body: { routes: Number(routes), reloaded: true } };
}

module.exports = {
	listNumbers: list,
	listAvailableNumbers: listAvailable,
	getNumber: async (tx, request) => ({ status: 200, body: await store.get(tx, 'number', request.params.id) }),
	addNumber: add,
	editNumber: edit,
	deleteNumber: remove,
	requestNumber: requestFor,
	approveNumber: (tx, request) => act(tx, request, 'approve'),
	rejectNumber: (tx, request) => act(tx, request, 'reject'),
	assignNumber: (tx, request) => act(tx, request, 'assign', request.body.org_id),
	releaseNumber: (tx, request) => act(tx, request, 'release'),
	regenerateGateway: regenerate,
};
