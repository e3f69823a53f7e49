/* port-late, port-due: what waits for somebody in the port orders. */
#include "base/clock.h"
#include "cmd/doctor.h"
#include "cmd/port.h"

static int found(struct doctor *doctor, const struct port_row *row, enum port_due due, int64_t due_ms)
{
	const char *serial = row->v[PORT_SERIAL].s, *org = row->v[PORT_ORG].s;
	char since[CLOCK_TEXT];

	clock_format(due_ms, since);
	if (due == PORT_DUE_ACK) {
		buf_printf(&doctor->detail, "port order %s of %s was submitted %s and should be acknowledged since %s", serial,
			   org ? org : "nobody", row->v[PORT_SUBMITTED_AT].s, since);
		buf_printf(&doctor->fix, "didctl port show %s", serial);
		return doctor_found(doctor, CHECK_PORT_LATE, NULL);
	}
	buf_printf(&doctor->detail, "the FOC of port order %s of %s has come: %s, due since %s", serial, org ? org : "nobody",
		   row->v[PORT_ACTUAL_FOC].s, since);
	buf_printf(&doctor->fix, "didctl port complete %s", serial);
	return doctor_found(doctor, CHECK_PORT_DUE, NULL);
}

int ports_look(struct doctor *doctor)
{
	static const enum check checks[] = {[PORT_DUE_ACK] = CHECK_PORT_LATE, [PORT_DUE_FOC] = CHECK_PORT_DUE};
	struct context *ctx = doctor->ctx;
	const char *holidays = conf_get(ctx->conf, SET_PORT_HOLIDAYS, NULL);
	struct query query = {.port_states = PORT_BIT(PORT_SUBMITTED) | PORT_BIT(PORT_FOC_SET)};
	struct port_rows rows = {0};
	int rc = port_load_rows(ctx, &query, &rows);

	for (size_t i = 0; i < rows.n && !rc; i++) {
		int64_t due_ms;
		enum port_due due = port_due_of(&rows.at[i], holidays, clock_now_ms(), &due_ms);

		if (due != PORT_DUE_NOTHING && doctor_wants(doctor, CHECK_BIT(checks[due])))
			rc = found(doctor, &rows.at[i], due, due_ms);
	}
	port_rows_release(&rows);
	return rc;
}
