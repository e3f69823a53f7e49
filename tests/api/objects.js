'use strict';
/* Operations on organisations, users and locations, by operationId. */

const { Refusal } = require('./refusal');
const ports = require('./ports');
const store = require('./store');

/* The five operations of a kind of object; isUsed says why one may not go. */
function operations(kind, path, columns, isUsed) {
	return {
		list: async (tx, { contract: { query } }, { pageCap }) => ({
			status: 200,
			body: await store.page(tx, kind, query,
				[...store.equal(query, columns), ...store.begins('name', query.name_prefix)], pageCap),
		}),
		get: async (tx, request) => ({ status: 200, body: await store.get(tx, kind, request.params.id) }),
		add: async (tx, request) => {
			const body = await store.insert(tx, kind, await checked(tx, request.body));

			return { status: 201, body, headers: { Location: `${request.baseUrl}/${path}/${body.id}` } };
		},
		edit: async (tx, request) => {
			const row = await store.lock(tx, kind, request.params.id, request.get('If-Match'));

			return { status: 200, body: await store.update(tx, kind, row.id, await checked(tx, request.body)) };
		},
		remove: async (tx, request) => {
			const row = await store.lock(tx, kind, request.params.id, request.get('If-Match'));

			if (await isUsed(tx, row.id))
				throw new Refusal(409, 'in_use', `the ${kind} is still in use`);
			await store.remove(tx, kind, row.id);
			if (kind === 'organization')
				await store.setOwn(tx, 'api_organizations', 'organization_id', row.id, null);
			return { status: 204 };
		},
	};
}

async function checked(tx, fields) {
	if (fields.org_id)
		await store.lockOrganization(tx, fields.org_id);
	return fields;
}

async function isOwner(tx, id) {
	const [[{ used }]] = await tx.query(`SELECT EXISTS(SELECT 1 FROM did_numbers WHERE org_id = ?)
		OR EXISTS(SELECT 1 FROM users WHERE org_id = ?) OR EXISTS(SELECT 1 FROM api_locations WHERE org_id = ?)
		AS used`, [id, id, id]);

	return used !== 0 || ports.hasOpen(tx, 'org_id', id);
}

async function isBehind(tx, id) {
	const [[{ used }]] = await tx.query('SELECT EXISTS(SELECT 1 FROM api_numbers WHERE location_id = ?) AS used', [id]);

	return used !== 0 || ports.hasOpen(tx, 'location', id);
}

const organizations = operations('organization', 'organizations', ['name', 'context_prefix'], isOwner);
const users = operations('user', 'users', ['org_id', 'outbound_did', 'name'], () => false);
const locations = operations('location', 'e911/locations', ['org_id', 'label'], isBehind);

module.exports = {
	listOrganizations: organizations.list,
	getOrganization: organizations.get,
	addOrganization: organizations.add,
	editOrganization: organizations.edit,
	deleteOrganization: organizations.remove,
	listUsers: users.list,
	getUser: users.get,
	addUser: users.add,
	editUser: users.edit,
	deleteUser: users.remove,
	listLocations: locations.list,
	getLocation: locations.get,
	addLocation: (tx, request) => {
		request.body = { country: 'US', ...request.body };
		return locations.add(tx, request);
	},
	editLocation: locations.edit,
	deleteLocation: locations.remove,
};
