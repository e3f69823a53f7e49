'use strict';
/* What a port-in order may become, and what each state asks of it: on rows as the contract shows them. */

const { Refusal } = require('./refusal');

const OPEN = ['draft', 'submitted', 'acknowledged', 'foc-set', 'exception'];
const EDITABLE = ['draft', 'exception'];

/* What the losing carrier is told. */
const TOLD = ['losing_carrier', 'type', 'account', 'pin_id', 'btn', 'authorised_name', 'service_address', 'contact',
	'requested_foc', 'requested_time', 'requested_zone'];

/* Of a completion that is taken back, too. */
const FROM = {
	submitted: ['draft', 'exception'],
	acknowledged: ['submitted'],
	'foc-set': ['acknowledged', 'foc-set', 'completed'],
	exception: ['submitted', 'acknowledged', 'foc-set'],
	completed: ['foc-set'],
	cancelled: OPEN,
};

const NEAR_MS = 48 * 60 * 60 * 1000;

function isOpen(port) {
	return OPEN.includes(port.state);
}

/* The instant of a day and a time of it in its zone: twice corrected by the offset that the zone has there. */
function instant(date, time, zone) {
	const wall = Date.parse(`${date}T${time || '00:00'}:00Z`);
	const shown = (ms) => Date.parse(`${new Date(ms).toLocaleString('sv', { timeZone: zone || 'UTC' }).replace(' ', 'T')}Z`);
	const first = wall - (shown(wall) - wall);

	return first + (wall - shown(first));
}

function checkZones(fields) {
	for (const key of ['requested_zone', 'foc_zone'])
		try {
			new Intl.DateTimeFormat('en', { timeZone: fields[key] || 'UTC' });
		} catch {
			throw new Refusal(422, 'invalid', 'there is no such time zone', key);
		}
}

/* Set back is what was told before: the time line tells who does that. */
function permitEdit(port, fields) {
	const isUndo = fields.event && fields.event.verb === 'undo';
	const told = Object.keys(fields).find((key) => TOLD.includes(key));

	if (!isOpen(port))
		throw new Refusal(409, 'state', `the order is ${port.state}: it cannot be edited`);
	if (told && !isUndo && !EDITABLE.includes(port.state))
		throw new Refusal(409, 'state', `the order is ${port.state}: the losing carrier was told its ${told}`, told);
}

function missing(port) {
	const wanted = ['losing_carrier', 'account', 'btn', 'authorised_name', 'service_address', 'type'];
	const out = wanted.filter((key) => port[key] === null);

	return port.documents.some((d) => d.kind === 'loa') ? out : [...out, 'documents: loa'];
}

function refuse(text) {
	throw new Refusal(409, 'state', text);
}

/* What a state asks of the order that has it. */
const ASKS = {
	submitted: (port) => missing(port).length && refuse(`the order lacks ${missing(port).join(', ')}`),
	acknowledged: () => {},
	'foc-set': (port) => port.actual_foc === null && refuse('a commitment has a date: actual_foc'),
	exception: (port) => (port.code === null || port.reason === null || port.actual_foc !== null) &&
		refuse('an exception has a code and a reason, and no date'),
	completed: (port) => port.numbers.some((range) => range.status !== 'completed') &&
		refuse('not all of its numbers are completed'),
	cancelled: () => {},
};

/* The fields that the order gets with its new state. */
function move(port, { to, force, event, ...fields }, now) { // eslint-disable-line no-unused-vars
	const after = { ...fields, state: to };
	const again = (range) => (range.status === 'completed' ? range : { ...range, status: 'pending', reason: null });

	if (!(FROM[to] || []).includes(port.state))
		refuse(`the order is ${port.state}: it does not become ${to}`);
	if (to === 'submitted')
		Object.assign(after, { submitted_at: now, code: null, reason: null, numbers: merged(port.numbers.map(again)) });
	if (to === 'exception')
		Object.assign(after, { actual_foc: null, foc_time: null, foc_zone: null });
	ASKS[to]({ ...port, ...after });
	if (to === 'cancelled' && !force && port.actual_foc !== null &&
	    instant(port.actual_foc, port.foc_time, port.foc_zone) - Date.parse(now) < NEAR_MS)
		refuse('the order is within 48 hours of its FOC: only by force');
	return after;
}

/* Neighbours that are alike are one range. */
function merged(ranges) {
	const out = [];

	for (const range of ranges) {
		const before = out.at(-1);
		const isNext = before && before.last.length === range.first.length && BigInt(before.last) + 1n === BigInt(range.first);

		if (isNext && before.status === range.status && before.reason === range.reason)
			before.last = range.last;
		else
			out.push({ ...range });
	}
	return out;
}

/* In order, apart from each other, each of one length. */
function checkRanges(ranges) {
	let before = -1n;

	for (const { first, last } of ranges) {
		if (first.length !== last.length || BigInt(first) > BigInt(last) || BigInt(first) <= before)
			throw new Refusal(422, 'invalid', 'they are not in order, or a range is none', 'numbers');
		before = BigInt(last);
	}
}

module.exports = { OPEN, permitEdit, move, checkRanges, checkZones, isOpen };
