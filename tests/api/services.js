'use strict';
/* What hangs on a number or an organisation: its emergency address and its name, by operationId. */

const { Refusal } = require('./refusal');
const store = require('./store');

const NO_E911 = { status: 'not-set', location_id: null, text: null, candidates: [], updated_at: null };
const NO_CNAM = { name: null, source: 'none', status: null, reason: null, updated_at: null };

/* What the body leaves out is so since now. */
function pending({ status = 'pending', updated_at: since = new Date().toISOString() }) {
	return { status, since };
}

function e911Columns(body) {
	const { status, since } = pending(body);

	return {
		location_id: body.location_id, e911_status: status, e911_text: body.text ?? null,
		e911_candidates: JSON.stringify(body.candidates || []), e911_updated_at: since,
	};
}

function cnamColumns(body) {
	const { status, since } = pending(body);

	return { cnam_name: body.name, cnam_status: status, cnam_reason: body.reason ?? null, cnam_updated_at: since };
}

function cleared(columns) {
	return Object.fromEntries(Object.keys(columns).map((column) => [column, null]));
}

async function setNumber(tx, request, columns) {
	const row = await store.lock(tx, 'number', request.params.id, request.get('If-Match'));

	await store.setOwn(tx, 'api_numbers', 'number_id', row.id, columns);
	return { status: 200, body: await store.get(tx, 'number', row.id) };
}

async function setE911(tx, request) {
	const [[location]] = await tx.query('SELECT id FROM api_locations WHERE id = ? FOR UPDATE', [request.body.location_id]);

	if (!location)
		throw new Refusal(422, 'invalid', 'there is no such location', 'location_id');
	return setNumber(tx, request, e911Columns(request.body));
}

async function setDefault(tx, request, columns) {
	const row = await store.lock(tx, 'organization', request.params.id, request.get('If-Match'));

	await store.setOwn(tx, 'api_organizations', 'organization_id', row.id, columns);
	return { status: 200, body: await store.get(tx, 'organization', row.id) };
}

async function getPart(tx, kind, request, part, none) {
	const row = await store.get(tx, kind, request.params.id);

	if (row[part] === null && none === null)
		throw new Refusal(404, 'not_found', `the ${kind} has no ${part}`);
	return { status: 200, body: row[part] || none };
}

module.exports = {
	getE911: (tx, request) => getPart(tx, 'number', request, 'e911', NO_E911),
	setE911,
	clearE911: (tx, request) => setNumber(tx, request, cleared(e911Columns({}))),
	getCnam: (tx, request) => getPart(tx, 'number', request, 'cnam', NO_CNAM),
	setCnam: (tx, request) => setNumber(tx, request, cnamColumns(request.body)),
	clearCnam: (tx, request) => setNumber(tx, request, cleared(cnamColumns({}))),
	getDefaultCnam: (tx, request) => getPart(tx, 'organization', request, 'cnam', null),
	setDefaultCnam: (tx, request) => setDefault(tx, request, { default_name: request.body.name }),
	clearDefaultCnam: (tx, request) => setDefault(tx, request, null),
};
