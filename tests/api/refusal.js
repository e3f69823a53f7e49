'use strict';

/* What an operation answers in place of what was asked for; the server makes the contract's Error of it. */
class Refusal extends Error {
	constructor(status, code, message, field) {
		super(message);
		this.status = status;
		this.code = code;
		this.field = field;
	}

	get body() {
		const error = { code: this.code, message: this.message };

		if (this.field !== undefined)
			error.field = this.field;
		return { error };
	}
}

module.exports = { Refusal };
