#!/usr/bin/env node
'use strict';
/* Checks the OpenAPI document, as TAP: lint.js [FILE]. Each offence is shown as "# place: what". */

const path = require('path');
const Ajv = require('ajv/dist/2020');
const formats = require('ajv-formats');
const standard = require('@seriousme/openapi-schema-validator/schemas/v3.1/schema.json');
const { Contract, load, METHODS } = require('./contract');

const file = process.argv[2] || path.join(__dirname, '../../lib/store/api/openapi.yaml');
const ERRORS = ['401', '403', '404', '405', '422', '429', '500', '503'];
const WRITE_ERRORS = ['409', '412'];

/* What api.md says that the system documents; everything else is an assumption. */
const DOCUMENTED = [
	'GET /did-pool/available', 'POST /did-pool/{id}/request', 'POST /did-pool/admin/{id}/approve',
	'POST /did-pool/admin/{id}/reject', 'POST /did-pool/admin/{id}/assign', 'POST /did-pool/admin/{id}/release',
	'PUT /did-pool/admin/{id}', 'POST /admin/regenerate-gateway', 'GET /phone-numbers', 'POST /phone-numbers',
	'GET /carriers', 'POST /carriers', 'GET /carriers/{id}', 'PATCH /carriers/{id}', 'DELETE /carriers/{id}',
	'GET /outbound-routes', 'POST /outbound-routes',
];

/* Every node of the document with its JSON pointer. */
function* walk(node, at = '') {
	yield [at, node];
	if (node && typeof node === 'object')
		for (const [key, value] of Object.entries(node))
			yield* walk(value, `${at}/${key}`);
}

function* operations(document) {
	for (const [template, item] of Object.entries(document.paths || {}))
		for (const method of METHODS.filter((m) => item[m]))
			yield [`${method.toUpperCase()} ${template}`, item[method], item, template];
}

function find(document, pointer) {
	return pointer.slice(2).split('/').reduce((at, key) => at?.[key], document);
}

function isError(response) {
	return response.content?.['application/json']?.schema.$ref === '#/components/schemas/Error';
}

const RULES = {
	'is OpenAPI 3.1': (document) => {
		const ajv = new Ajv({ strict: false, allErrors: true, logger: false });

		formats(ajv);
		const validate = ajv.compile(standard);
		return validate(document) ? [] : validate.errors.map((e) => `${e.instancePath || '/'}: ${e.message}`);
	},
	'every reference leads somewhere': (document) => [...walk(document)]
		.filter(([at, node]) => at.endsWith('/$ref') && (!node.startsWith('#/') || find(document, node) === undefined))
		.map(([at, node]) => `${at}: ${node}`),
	'every component is used': (document) => {
		const used = new Set([...walk(document)].filter(([at]) => at.endsWith('/$ref')).map(([, node]) => node));

		return Object.entries(document.components).filter(([kind]) => kind !== 'securitySchemes')
			.flatMap(([kind, all]) => Object.keys(all).map((name) => `#/components/${kind}/${name}`))
			.filter((pointer) => !used.has(pointer));
	},
	'every schema compiles': (document, contract) => {
		const all = Object.entries(document.components.schemas).map(([name, schema]) => [`schemas/${name}`, schema]);

		for (const [name, operation, item] of operations(document))
			for (const parameter of [...(item.parameters || []), ...(operation.parameters || [])])
				all.push([name, contract.resolve(parameter).schema]);
		return all.flatMap(([name, schema]) => {
			try {
				contract.check(schema, null);
				return [];
			} catch (error) {
				return [`${name}: ${error.message}`];
			}
		});
	},
	'every operation has an id of its own, a summary and a tag': (document) => {
		const seen = new Set();

		return [...operations(document)].flatMap(([name, { operationId, summary, tags }]) => {
			const isNew = operationId && !seen.has(operationId);

			seen.add(operationId);
			return isNew && summary && tags && tags.length === 1 ? [] : [name];
		});
	},
	'every operation says whether it is documented, as the design does': (document) => {
		const wrong = [...operations(document)].filter(([name, op]) => op['x-documented'] !== DOCUMENTED.includes(name));
		const there = new Set([...operations(document)].map(([name]) => name));

		return [...wrong.map(([name]) => name), ...DOCUMENTED.filter((name) => !there.has(name))];
	},
	'every operation has one success, and the errors that may come, in JSON': (document, contract) =>
		[...operations(document)].flatMap(([name, { responses }]) => {
			const needed = name.startsWith('GET') ? ERRORS : [...ERRORS, ...WRITE_ERRORS];
			const missing = needed.filter((status) => !responses[status]);
			const loose = Object.keys(responses).filter((status) => !/^[2345][0-9][0-9]$/.test(status));
			const good = Object.keys(responses).filter((status) => status.startsWith('2'));
			const odd = needed.filter((status) => responses[status] && !isError(contract.resolve(responses[status])));

			return [...missing, ...loose, ...odd, ...(good.length === 1 ? [] : ['2xx'])].map((what) => `${name}: ${what}`);
		}),
	'every variable of a path is a parameter': (document, contract) =>
		[...operations(document)].flatMap(([name, operation, item, template]) => {
			const parameters = [...(item.parameters || []), ...(operation.parameters || [])].map((p) => contract.resolve(p));
			const declared = parameters.filter((p) => p.in === 'path' && p.required).map((p) => `{${p.name}}`);
			const named = template.match(/\{\w+\}/g) || [];

			return named.filter((variable) => !declared.includes(variable)).map((variable) => `${name}: ${variable}`);
		}),
	'every write takes an Idempotency-Key': (document, contract) =>
		[...operations(document)].filter(([name, operation]) => !name.startsWith('GET') &&
			!(operation.parameters || []).some((p) => contract.resolve(p).name === 'Idempotency-Key')).map(([name]) => name),
	'numbers, ids and prices are strings': (document) => [...walk(document.components.schemas)]
		.filter(([at, node]) => /\/(id|number|\w+_id|\w+_price|btn|outbound_did)$/.test(at) && /integer|number/.test(node.type))
		.map(([at]) => at),
};

/* A document that is not even a contract fails the rules that need one. */
function judge(rule, document) {
	try {
		return rule(document, rule.length > 1 ? new Contract(file) : undefined);
	} catch (error) {
		return [error.message];
	}
}

const document = load(file);
let n = 0;
for (const [title, rule] of Object.entries(RULES)) {
	const found = judge(rule, document);

	console.log(`${found.length ? 'not ok' : 'ok'} ${++n} - ${title}`);
	for (const line of found)
		console.log(`# ${line}`);
	if (found.length > 0)
		process.exitCode = 1;
}
console.log(`1..${n}`);
