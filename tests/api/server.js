'use strict';
/*
 * The REST API that the tests of didctl talk to: each request and each answer is validated against the OpenAPI
 * document, the rows are in a real MariaDB. Started by tests/lib/api, which explains the options. Files in DIR: key,
 * ports/NAME, and control, the socket through which a test switches faults on (faults.js) and reads what was seen.
 */

const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');
const { parseArgs } = require('util');
const express = require('express');
const { Contract } = require('./contract');
const { Store } = require('./store');
const { Refusal } = require('./refusal');
const faults = require('./faults');
const ports = require('./ports');

const HANDLERS = { ...require('./numbers'), ...require('./objects'), ...require('./services'), ...ports.operations };
const BASE = '/api/v1';
const LOOPBACK = ['127.0.0.1', '127.0.0.2', '::1'];

class Server {
	constructor(options) {
		this.key = fs.readFileSync(path.join(options.dir, 'key'), 'utf8').trim();
		this.contract = new Contract(options.contract);
		this.store = new Store(options.socket, options.database);
		this.switches = new faults.Switches(options.environment);
		this.busy = 0; // requests that are being served
		this.gathering = []; // those that wait for others to be
		this.forget();
	}

	forget() {
		this.log = [];
		this.violations = [];
		this.strangers = [];
		this.kept = new Map(); // by idempotency key: a promise of what was answered
	}

	app() {
		const app = express();
		const api = express.Router({ caseSensitive: true, strict: true });

		app.disable('x-powered-by');
		app.disable('etag');
		app.use(express.json({ limit: '40mb', type: 'application/json', strict: false, inflate: false }));
		for (const operation of this.contract.operations.values())
			if (HANDLERS[operation.id])
				api[operation.method](operation.path, (request, response) => this.serve(operation, request, response));
		app.use(BASE, api);
		app.use((request, response) => this.serve(null, request, response));
		app.use((error, request, response, next) => // eslint-disable-line no-unused-vars
			this.serve(null, request, response, new Refusal(422, 'invalid', 'the body is no JSON that this takes')));
		return app;
	}

	/* One request, from what the switches make of it to its answer. */
	async serve(operation, request, response, error = new Refusal(404, 'not_offered', 'this API does not have that')) {
		const { remoteAddress, remotePort } = request.socket;
		const entry = {
			method: request.method, path: request.originalUrl, operation: operation && operation.id,
			id: request.params.id, key: request.get('Idempotency-Key'), connection: `${remoteAddress}:${remotePort}`,
			worked: false, replayed: false, status: null, busy: ++this.busy,
		};
		const fault = this.switches.pick(request.method, request.originalUrl);

		this.log.push(entry);
		this.gathering = this.gathering.filter((waiting) => this.busy < waiting.n || waiting.goOn());
		try {
			await this.respond(operation, request, response, { entry, fault, error });
		} finally {
			this.busy--;
		}
	}

	async respond(operation, request, response, { entry, fault, error }) {
		if (fault.delay_ms)
			await faults.sleep(fault.delay_ms);
		if (fault.hold)
			await this.switches.setAgain;
		if (fault.gather > this.busy)
			await new Promise((goOn) => this.gathering.push({ n: fault.gather, goOn }));
		if (fault.drop) {
			request.socket.destroy();
			return;
		}
		if (fault.leave_ms)
			setTimeout(() => request.socket.destroy(), fault.leave_ms);
		if (fault.twice) {
			const body = structuredClone(request.body); // the work may take it apart

			await this.answer(operation, request, entry, fault, error);
			request.body = body;
		}
		let answer = fault.status ? faults.staged(fault) : await this.answer(operation, request, entry, fault, error);
		if (fault.then_status)
			answer = faults.staged({ ...fault, status: fault.then_status });
		entry.status = answer.status;
		await faults.send(response, answer, fault);
	}

	async answer(operation, request, entry, fault, error) {
		const { off, off_status: status } = this.switches;

		if (operation && off.includes(operation.id))
			return { status, headers: { 'Content-Type': 'text/html' }, text: faults.page('Cannot do that') };
		try {
			if (request.get('X-Internal-Key') !== this.key)
				throw new Refusal(401, 'unauthorized', 'the key is missing or wrong');
			if (!operation)
				throw error;
			request.contract = { query: this.contract.request(operation, request) };
			const answer = await this.once(operation, request, entry, fault);
			return this.validated(operation, answer);
		} catch (refusal) {
			return this.refused(operation, refusal);
		}
	}

	refused(operation, refusal) {
		if (!(refusal instanceof Refusal)) {
			this.violations.push(`${operation ? operation.id : ''}: ${refusal.stack}`);
			refusal = new Refusal(500, 'internal', 'the server failed');
		}
		const answer = { status: refusal.status, headers: {}, body: refusal.body };
		return operation ? this.validated(operation, answer) : answer;
	}

	validated(operation, answer) {
		const fault = this.contract.answer(operation, answer.status, answer.headers, answer.body);

		if (!fault)
			return answer;
		this.violations.push(fault);
		return { status: 500, headers: {}, body: { error: { code: 'internal', message: 'the answer breaks the contract' } } };
	}

	keepsKey(operation, entry) {
		return this.switches.keeps_keys && entry.key !== undefined && operation.method !== 'get';
	}

	/* A write with a key that was done before is answered as then. */
	async once(operation, request, entry, fault) {
		const kept = this.keepsKey(operation, entry) && this.kept.get(entry.key);
		const told = `${request.method} ${request.originalUrl} ${JSON.stringify(request.body)}`;

		if (!kept)
			return this.keep(operation, request, entry, fault, told);
		if (kept.told !== told)
			throw new Refusal(422, 'key_reused', 'the key was that of another request', 'Idempotency-Key');
		if (!kept.answer)
			throw new Refusal(409, 'in_progress', 'the first request with this key is under way');
		entry.replayed = true;
		return { ...kept.answer, headers: { ...kept.answer.headers, 'Idempotency-Replayed': 'true' } };
	}

	async keep(operation, request, entry, fault, told) {
		const kept = { told, answer: null };
		const isKept = this.keepsKey(operation, entry);

		if (isKept)
			this.kept.set(entry.key, kept);
		try {
			kept.answer = await this.work(operation, request, entry, fault);
			return kept.answer;
		} catch (error) {
			if (isKept)
				this.kept.delete(entry.key);
			throw error;
		}
	}

	async work(operation, request, entry, fault) {
		for (const field of fault.ignore || [])
			delete request.body[field];
		const { environment, page_cap: pageCap } = this.switches;
		const done = await this.store.transaction((tx) => HANDLERS[operation.id](tx, request, { environment, pageCap }));
		const headers = { ...done.headers };

		if (done.body && done.body.etag)
			headers.ETag = `"${done.body.etag}"`;
		entry.worked = true;
		return { status: done.status, headers, body: done.body };
	}

	/* What a test asks and tells, by method and path. */
	control() {
		const verbs = {
			'GET /log': () => this.log,
			'GET /violations': () => this.violations,
			'GET /strangers': () => this.strangers,
			'GET /busy': () => [this.busy],
			'PUT /switches': (state) => this.switches.set(state),
			'DELETE /log': () => this.forget(),
		};

		return http.createServer(async (request, response) => {
			const chunks = [];

			for await (const chunk of request)
				chunks.push(chunk);
			try {
				const told = JSON.parse(Buffer.concat(chunks).toString() || '{}');
				const lines = verbs[`${request.method} ${request.url}`](told) || [];
				response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
			} catch (error) {
				response.writeHead(400).end(`${error.message}\n`);
			}
		});
	}

	/* The host that nobody should be led to: remembers whoever came, with all that they brought. */
	trap() {
		return (request, response) => {
			const { method, url, headers } = request;

			this.strangers.push({ host: headers.host, method, path: url, headers });
			response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"items":[],"next":null}');
		};
	}
}

function listen(server, port, host) {
	server.keepAliveTimeout = 60000;
	return new Promise((resolve, reject) => {
		server.once('error', reject).listen(port, host, () => resolve(server.address().port));
	});
}

function tls(dir, name) {
	const read = (suffix) => fs.readFileSync(path.join(dir, 'tls', name + suffix));

	return { key: read('.key'), cert: read('.pem') };
}

/* One port on every address of the loopback that there is. */
async function listenTrap(make) {
	const port = await listen(make(), 0, LOOPBACK[0]);

	for (const host of LOOPBACK.slice(1))
		await listen(make(), port, host).catch(() => {});
	return port;
}

async function main() {
	const { values: options } = parseArgs({ options: {
		dir: { type: 'string' }, contract: { type: 'string' }, socket: { type: 'string' }, database: { type: 'string' },
		environment: { type: 'string', default: 'prod' }, tls: { type: 'boolean', default: false },
	} });
	const server = new Server(options);

	await server.store.makeTables(ports.TABLES);
	const app = server.app();
	const listeners = { http: await listen(http.createServer(app), 0, '127.0.0.1') };

	listeners.trap = await listenTrap(() => http.createServer(server.trap()));
	if (options.tls) {
		for (const name of ['good', 'expired', 'self-signed', 'other-host'])
			listeners[name] = await listen(https.createServer(tls(options.dir, name), app), 0, '127.0.0.1');
		listeners['trap-tls'] = await listenTrap(() => https.createServer(tls(options.dir, 'good'), server.trap()));
	}
	fs.mkdirSync(path.join(options.dir, 'ports'), { recursive: true });
	for (const [name, port] of Object.entries(listeners))
		fs.writeFileSync(path.join(options.dir, 'ports', name), `${port}\n`);
	await listen(server.control(), path.join(options.dir, 'control'));
	process.on('SIGTERM', () => process.exit(0));
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
