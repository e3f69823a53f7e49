'use strict';
/* The OpenAPI document, and whether a request or an answer is what it says. */

const fs = require('fs');
const Ajv = require('ajv/dist/2020');
const formats = require('ajv-formats');
const yaml = require('yaml');
const { Refusal } = require('./refusal');

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/* What the transport adds by itself; every other header of an answer has to be in the document. */
const TRANSPORT = ['content-type', 'content-length'];

function load(path) {
	return yaml.parse(fs.readFileSync(path, 'utf8'), { merge: true, uniqueKeys: true, strict: true });
}

class Contract {
	constructor(path) {
		this.document = load(path);
		this.ajv = new Ajv({ strict: false, allErrors: false });
		formats(this.ajv);
		this.compiled = new Map();
		this.operations = new Map();
		for (const [template, item] of Object.entries(this.document.paths))
			for (const method of METHODS.filter((m) => item[m]))
				this.add(template, method, item);
	}

	add(template, method, item) {
		const operation = item[method];
		const parameters = [...(item.parameters || []), ...(operation.parameters || [])].map((p) => this.resolve(p));

		this.operations.set(operation.operationId, {
			id: operation.operationId,
			method,
			path: template.replace(/\{(\w+)\}/g, ':$1'),
			isDocumented: operation['x-documented'],
			query: parameters.filter((p) => p.in === 'query'),
			others: parameters.filter((p) => p.in !== 'query'),
			body: operation.requestBody && this.resolve(operation.requestBody),
			responses: operation.responses,
		});
	}

	resolve(node) {
		if (!node.$ref)
			return node;
		const found = node.$ref.slice(2).split('/').reduce((at, key) => at?.[key], this.document);

		if (!found)
			throw new Error(`there is no ${node.$ref}`);
		return found;
	}

	/* The components stand in the root of each schema, so that its references are found. */
	check(schema, value) {
		let validate = this.compiled.get(schema);

		if (!validate) {
			validate = this.ajv.compile({ ...schema, components: this.document.components });
			this.compiled.set(schema, validate);
		}
		if (validate(value))
			return null;
		const [first] = validate.errors;
		const extra = first.params.additionalProperty;
		return { at: extra ? `${first.instancePath}/${extra}` : first.instancePath, text: first.message };
	}

	/* The parameters of the query by name, as the schemas type them. */
	query(operation, search) {
		const out = {};

		for (const name of new Set(search.keys()))
			if (!operation.query.some((p) => p.name === name))
				throw new Refusal(422, 'invalid', 'there is no such parameter', name.slice(0, 255));
		for (const parameter of operation.query) {
			const given = search.getAll(parameter.name);
			const { type } = this.resolve(parameter.schema);

			if (given.length === 0) {
				if (parameter.schema.default !== undefined)
					out[parameter.name] = parameter.schema.default;
				continue;
			}
			if (type !== 'array' && given.length > 1)
				throw new Refusal(422, 'invalid', 'was given twice', parameter.name);
			out[parameter.name] = type === 'array' ? given : typed(type, given[0]);
			this.require(parameter.schema, out[parameter.name], parameter.name);
		}
		return out;
	}

	/* Throws 422 for what breaks the document; gives the query. */
	request(operation, request) {
		for (const parameter of operation.others) {
			const value = parameter.in === 'path' ? request.params[parameter.name] : request.get(parameter.name);

			if (value !== undefined)
				this.require(parameter.schema, value, parameter.name);
		}
		this.requestBody(operation, request);
		return this.query(operation, new URL(request.originalUrl, 'http://localhost').searchParams);
	}

	requestBody(operation, request) {
		const hasBody = request.get('transfer-encoding') !== undefined || Number(request.get('content-length') || 0) > 0;

		if (!hasBody) {
			if (operation.body && operation.body.required)
				throw new Refusal(422, 'invalid', 'the body is missing');
			return;
		}
		if (!operation.body)
			throw new Refusal(422, 'invalid', 'this operation takes no body');
		if (!request.is('application/json'))
			throw new Refusal(422, 'invalid', 'the body is not application/json');
		this.require(operation.body.content['application/json'].schema, request.body, '');
	}

	require(schema, value, name) {
		const fault = this.check(schema, value);

		if (fault)
			throw new Refusal(422, 'invalid', fault.text, `${name}${fault.at}`.replace(/^\//, '').slice(0, 255));
	}

	/* Why an answer breaks the document, or null. */
	answer(operation, status, headers, body) {
		const declared = operation.responses[status];

		if (!declared)
			return `${operation.id}: the document has no answer ${status}`;
		const response = this.resolve(declared);
		const known = Object.fromEntries(Object.entries(response.headers || {}).map(([k, v]) => [k.toLowerCase(), v]));

		for (const [name, value] of Object.entries(headers)) {
			if (TRANSPORT.includes(name.toLowerCase()))
				continue;
			const header = known[name.toLowerCase()] && this.resolve(known[name.toLowerCase()]);
			const fault = header ? this.check(header.schema, value) : { text: 'is not in the document' };

			if (fault)
				return `${operation.id} ${status}: the header ${name} ${fault.text}`;
		}
		if (!response.content)
			return body === undefined ? null : `${operation.id} ${status}: an answer without a body has one`;
		const fault = this.check(response.content['application/json'].schema, body);
		return fault && `${operation.id} ${status}: ${fault.at} ${fault.text}`;
	}
}

/* As text where it is not of the type: the schema then says so. */
function typed(type, text) {
	if (type === 'integer' && /^-?[0-9]{1,15}$/.test(text))
		return Number(text);
	if (type === 'boolean' && (text === 'true' || text === 'false'))
		return text === 'true';
	return text;
}

module.exports = { Contract, load, METHODS };
