'use strict';
/*
 * What a test switches on. A state of the switches is one JSON object:
 *
 *   page_cap      how many rows a page has at most, whatever limit says (1000)
 *   environment   whose numbers GET /did-pool/available lists (prod)
 *   off           operationIds that this API does not have: 404 or 405 in HTML, as a framework answers by itself
 *   off_status    404 or 405 (404)
 *   keeps_keys    false: the API knows nothing of idempotency keys (true)
 *   rules         what happens to which requests; the first that matches counts:
 *
 * which requests    method ("POST"), path (a regular expression), skip (so many first ones are left alone), every (only
 *                   each n-th), times (only so often)
 * before the work   delay_ms; hold: until the switches are set again; gather: until so many requests are being served;
 *                   drop (the connection is closed without an answer); status with retry_after, location and
 *                   body ("json", "html" or "none"), in place of the work; echo: what stands in such a body, or in text
 *                   "html", beside its own words; in text "next" it is the cursor
 * in the work       twice: the request has come two times, as from a proxy that lost the answer to the first; ignore:
 *                   fields of the body that are not written, though the answer says OK; leave_ms: the connection is closed
 *                   after as long, whether the work is done or not; then_status: what is answered once it is done
 * the answer        after_ms (a pause after the work); cut (only so many bytes of it, headers included, then the
 *                   connection is closed; cut_step: so many more each time; reset: by RST); length (what is added to Content-Length); text (see TEXTS);
 *                   drip: {bytes, every_ms}
 */

const { STATUS_CODES } = require('http');

const CODES = {
	401: 'unauthorized', 403: 'forbidden', 404: 'not_found', 405: 'not_offered', 409: 'state', 412: 'changed',
	422: 'invalid', 429: 'rate_limited', 503: 'unavailable',
};
const HTML = '<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n';
const DEEP = 100000;

/* What becomes of an answer's JSON. */
const TEXTS = {
	html: (text, echo) => page(`Welcome${echo}`),
	empty: () => '',
	cut: (text) => text.slice(0, text.length / 2),
	duplicate: (text) => text.replace(/^\{("[^"]*"):/, '{$1:null,$1:'),
	deep: () => '['.repeat(DEEP) + ']'.repeat(DEEP),
	trailing: (text) => `${text}{}`,
	latin1: (text) => Buffer.from(text.replace(/"$|\}$/, ',"x":"\xff"}'), 'latin1'),
	nul: (text) => text.replace(/\}$/, ',"x":"\\u0000"}'),
	endless: (text) => text,
	next: (text, echo) => text.replace(/"next":(null|"[^"]*")/, `"next":"${echo}"`),
};

function page(title) {
	return HTML.replace(/%s/g, title);
}

class Switches {
	constructor(environment) {
		this.defaults = { page_cap: 1000, environment, off: [], off_status: 404, keeps_keys: true, rules: [] };
		this.set({});
	}

	set(state) {
		for (const key of Object.keys(state))
			if (!(key in this.defaults))
				throw new Error(`no such switch: ${key}`);
		Object.assign(this, this.defaults, state);
		if (this.goOn)
			this.goOn();
		this.setAgain = new Promise((resolve) => { this.goOn = resolve; });
		this.rules = this.rules.map((rule) => ({ ...rule, seen: 0, done: 0 }));
	}

	/* What happens to this request, or {}. */
	pick(method, path) {
		const found = this.rules.find((rule) => {
			if ((rule.method && rule.method !== method) || (rule.path && !new RegExp(rule.path).test(path)))
				return false;
			const n = ++rule.seen - (rule.skip || 0);
			if (n <= 0 || n % (rule.every || 1) !== 0 || rule.done >= (rule.times || Infinity))
				return false;
			rule.done++;
			return true;
		});

		return found && found.cut_step ? { ...found, cut: found.cut + (found.done - 1) * found.cut_step } : found || {};
	}
}

/* The answer of a rule with a status, in place of the work. */
function staged(fault) {
	const headers = {}, echo = fault.echo ? ` ${fault.echo}` : '';

	if (fault.retry_after !== undefined)
		headers['Retry-After'] = String(fault.retry_after);
	if (fault.location !== undefined)
		headers.Location = fault.location;
	if (fault.body === 'none')
		return { status: fault.status, headers };
	if (fault.body === 'html') {
		headers['Content-Type'] = 'text/html';
		return { status: fault.status, headers, text: page(STATUS_CODES[fault.status] + echo) };
	}
	const error = { code: CODES[fault.status] || 'internal', message: `switched on by the test: ${fault.status}${echo}` };
	return { status: fault.status, headers, body: { error } };
}

/* An answer as bytes: { head, content }. */
function bytes(answer, fault) {
	let content = answer.text !== undefined ? answer.text : answer.body === undefined ? '' : JSON.stringify(answer.body);
	const headers = { Date: new Date().toUTCString(), ...answer.headers };

	if (fault.text !== undefined) {
		content = TEXTS[fault.text](content, fault.echo || '');
		if (fault.text === 'html')
			headers['Content-Type'] = 'text/html';
	}
	content = Buffer.from(content);
	if (content.length > 0 && !headers['Content-Type'])
		headers['Content-Type'] = 'application/json';
	if (answer.status !== 204 && fault.text !== 'endless')
		headers['Content-Length'] = String(content.length + (fault.length || 0));
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	return { head: `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] || 'Other'}\r\n${lines.join('')}`, content };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function write(socket, data) {
	return new Promise((resolve) => socket.write(data, () => resolve()));
}

async function drip(socket, data, { bytes: size, every_ms: pause }) {
	for (let at = 0; at < data.length && !socket.destroyed; at += size) {
		await write(socket, data.subarray(at, at + size));
		await sleep(pause);
	}
}

async function pour(socket, data) {
	for (let chunk = data.length ? data : Buffer.from(' '); !socket.destroyed; chunk = Buffer.alloc(1 << 20, ' '))
		await write(socket, chunk);
}

/* Past Express, for what it would refuse to say. Node's own answer is never begun; the connection always ends. */
async function sendRaw(response, answer, fault) {
	const { socket } = response;
	const { head, content } = bytes(answer, fault);
	const data = Buffer.concat([Buffer.from(`${head}Connection: close\r\n\r\n`), content]);

	socket.on('error', () => {});
	if (fault.text === 'endless')
		await pour(socket, data);
	else if (fault.drip)
		await drip(socket, data, fault.drip);
	else
		await write(socket, fault.cut === undefined ? data : data.subarray(0, fault.cut));
	if (fault.reset && socket.resetAndDestroy)
		socket.resetAndDestroy();
	else
		socket.destroySoon();
}

/* The answer on its way, as the fault would have it. */
async function send(response, answer, fault) {
	if (fault.after_ms)
		await sleep(fault.after_ms);
	if (response.socket === null || response.socket.destroyed)
		return;
	if (['cut', 'length', 'text', 'drip'].some((key) => fault[key] !== undefined)) {
		await sendRaw(response, answer, fault);
		return;
	}
	const { content } = bytes(answer, {});
	response.writeHead(answer.status, {
		...(content.length ? { 'Content-Type': 'application/json' } : {}),
		...(answer.status === 204 ? {} : { 'Content-Length': content.length }),
		...answer.headers,
	});
	response.end(content);
}

module.exports = { Switches, staged, send, sleep, page, TEXTS };
