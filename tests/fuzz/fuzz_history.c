/*
 * What history keeps, from a database that others write too: a record's side as JSON and the runs of a change as lines. What
 * is read is written as what is read as the same, and every run can be shown.
 */
#include "did/runs.h"
#include "fuzz.h"

static void check_side(const struct json *object)
{
	struct recordset set = {0};
	struct record record = {0}, again = {0};
	uint64_t mask, mask_again;
	struct buf text = {0};
	struct json *json;

	record_from_json(&set, &record, &mask, object);
	record_to_json(&text, &record, mask);
	must_show(text.data);
	must(!json_parse(&json, text.data, text.len, NULL));
	record_from_json(&set, &again, &mask_again, json);
	must(mask == mask_again && !record_diff(&record, &again));
	json_free(json);
	buf_release(&text);
	recordset_release(&set);
}

static void show_runs(const struct plan *plan)
{
	static const char *const codes[] = {"IN", "US", "ZZ", ""};

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];

		must(run->count && run->result <= RESULT_REFUSED && run->code <= REFUSAL_RULE && refusal_names[run->code]);
		for (size_t k = 0; k < ARRAY_SIZE(codes); k++) {
			char text[NUMBER_TEXT];

			must(run_number(run, run->count - 1, country_find(codes[k]), text));
		}
	}
}

static void check_runs(const char *lines)
{
	struct plan plan = {0}, again = {0};
	struct buf text = {0}, repeated = {0};
	char *copy = strdup(lines);

	if (runs_from_text(&plan, copy)) {
		show_runs(&plan);
		runs_to_text(&text, &plan);
		must(runs_from_text(&again, arena_strdup(&again.arena, buf_str(&text))) && again.nruns == plan.nruns);
		runs_to_text(&repeated, &again);
		must(strcmp(buf_str(&text), buf_str(&repeated)) == 0);
	}
	buf_release(&text);
	buf_release(&repeated);
	plan_release(&plan);
	plan_release(&again);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct json *json;

	if (!json_parse(&json, text, strlen(text), NULL)) {
		check_side(json);
		json_free(json);
	}
	check_runs(text);
	free(text);
	return 0;
}
