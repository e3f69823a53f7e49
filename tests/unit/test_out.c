#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "out/out.h"

static const struct column id = {"id", "ID", "", COL_ID};
static const struct column number = {"number", "NUMBER", "", COL_NUMBER};
static const struct column state_word = {"state", "STATE", "", COL_ID};
static const struct column severity = {"severity", "SEVERITY", "", COL_ID};
static const struct column org = {"org", "ORG", "", COL_TEXT};
static const struct column locked = {"locked", "LOCKED", "", COL_BOOL};
static const struct column count = {"count", "COUNT", "", COL_COUNT};
static const struct column price = {"price", "PRICE", "", COL_PRICE};
static const struct column tags = {"tags", "TAGS", "", COL_LIST};
static const struct column before = {"before", "BEFORE", "", COL_OBJECT};
static const struct column updated = {"updated_at", "UPDATED", "", COL_TIME};

#define MAX_COLUMNS 8

struct listing {
	struct out_options options;
	const struct column *columns[MAX_COLUMNS];
	const char *cells[4][MAX_COLUMNS]; /* rows; one whose first cell is END is not there */
	const char *expected;
};

static const char END[] = "end of rows";

static size_t count_columns(const struct listing *listing)
{
	size_t n = 0;

	while (n < MAX_COLUMNS && listing->columns[n])
		n++;
	return n;
}

static void write_listing(const struct listing *listing, int fd)
{
	size_t n = count_columns(listing);
	struct err err = {0};
	struct sink *sink;

	assert_int_equal(sink_open(&sink, fd, &listing->options, listing->columns, n, &err), 0);
	for (size_t row = 0; row < 4 && listing->cells[row][0] != END; row++) {
		struct value values[MAX_COLUMNS];

		for (size_t i = 0; i < n; i++)
			values[i] = value_str(listing->cells[row][i]);
		assert_int_equal(sink_row(sink, values, &err), 0);
	}
	assert_int_equal(sink_close(sink, &err), 0);
}

static int scratch_file(void)
{
	char path[] = "/tmp/test_out.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

static char *read_back(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = xcalloc((size_t)size + 1, 1);

	assert_int_equal(pread(fd, text, (size_t)size, 0), size);
	close(fd);
	return text;
}

static void check_listings(const struct listing *listings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int fd = scratch_file();
		char *text;

		write_listing(&listings[i], fd);
		text = read_back(fd);
		assert_string_equal(text, listings[i].expected);
		free(text);
	}
}

static void writes_csv(void **state)
{
	static const struct listing listings[] = {
		{{.format = OUT_CSV}, {&number, &org}, {{END}}, "number,org\r\n"},
		{{.format = OUT_CSV, .no_header = true}, {&number, &org}, {{END}}, ""},
		{{.format = OUT_CSV},
		 {&number, &org, &locked, &count, &price},
		 {{"918065978002", "Acme", "1", "7", "1.50"}, {"", NULL, "0", NULL, NULL}, {END}},
		 "number,org,locked,count,price\r\n918065978002,Acme,yes,7,1.50\r\n\"\",,no,,\r\n"},
		{{.format = OUT_CSV, .no_header = true},
		 {&org, &id},
		 {{"a,b", "c\"d"}, {"e\nf", "g\rh"}, {" i ", "Z\xc3\xbc\xff"}, {"\"\"", "\t"}},
		 "\"a,b\",\"c\"\"d\"\r\n\"e\nf\",\"g\rh\"\r\n i ,Z\xc3\xbc\xff\r\n\"\"\"\"\"\",\t\r\n"},
		{{.format = OUT_CSV, .no_header = true},
		 {&org, &tags, &before, &number, &id, &count, &price, &updated},
		 {{"=1+1", "+x", "-y", "+918065978002", "@id", "-1", "-1.50", "-"},
		  {"@SUM(1,2)", "\tz", "  =1", "=2", "=3", "=4", "=5", "=6"},
		  {"\rq", "a=1", "  ", "-", "-", "-", "-", "-"},
		  {END}},
		 "'=1+1,'+x,'-y,+918065978002,@id,-1,-1.50,-\r\n"
		 "\"'@SUM(1,2)\",'\tz,'  =1,=2,=3,=4,=5,=6\r\n"
		 "\"'\rq\",a=1,  ,-,-,-,-,-\r\n"},
		{{.format = OUT_CSV, .no_header = true, .raw_csv = true},
		 {&org, &tags},
		 {{"=1+1", " @x"}, {END}},
		 "=1+1, @x\r\n"},
	};

	(void)state;
	check_listings(listings, ARRAY_SIZE(listings));
}

static void writes_tsv(void **state)
{
	static const struct listing listings[] = {
		{{.format = OUT_TSV}, {&number, &org}, {{END}}, "number\torg\n"},
		{{.format = OUT_TSV},
		 {&number, &org, &locked},
		 {{"918065978002", "a\tb\nc\\d\re", "1"}, {"", NULL, "0"}, {"\\N", "=1", NULL}, {END}},
		 "number\torg\tlocked\n918065978002\ta\\tb\\nc\\\\d\\re\tyes\n\t\\N\tno\n\\\\N\t=1\t\\N\n"},
		{{.format = OUT_TSV, .no_header = true}, {&org}, {{"\n\n"}, {END}}, "\\n\\n\n"},
	};

	(void)state;
	check_listings(listings, ARRAY_SIZE(listings));
}

static void writes_json(void **state)
{
	static const struct listing listings[] = {
		{{.format = OUT_JSON}, {&number}, {{END}}, "[]\n"},
		{{.format = OUT_NDJSON}, {&number}, {{END}}, ""},
		{{.format = OUT_JSON, .no_header = true, .raw_csv = true},
		 {&number, &locked, &count, &price, &tags, &before, &org, &updated},
		 {{"918065978002", "1", "42", "1.50", "a,b", "{\"x\":\n1}", "A\"\x1b", "2026-11-21T10:00Z"},
		  {NULL, "0", "-1", NULL, "", "[]", "", NULL},
		  {END}},
		 "[\n{\"number\":\"918065978002\",\"locked\":true,\"count\":42,\"price\":\"1.50\","
		 "\"tags\":[\"a\",\"b\"],\"before\":{\"x\": 1},\"org\":\"A\\\"\\u001b\","
		 "\"updated_at\":\"2026-11-21T10:00Z\"},\n"
		 "{\"number\":null,\"locked\":false,\"count\":-1,\"price\":null,"
		 "\"tags\":[],\"before\":[],\"org\":\"\",\"updated_at\":null}\n]\n"},
		{{.format = OUT_NDJSON},
		 {&count, &tags, &before, &locked},
		 {{"007", "a,", "", NULL},
		  {"1.5", ",", NULL, "0"},
		  {"0", "\xff", "null", "1"},
		  {NULL, NULL, NULL, NULL}},
		 "{\"count\":\"007\",\"tags\":[\"a\",\"\"],\"before\":null,\"locked\":null}\n"
		 "{\"count\":\"1.5\",\"tags\":[\"\",\"\"],\"before\":null,\"locked\":false}\n"
		 "{\"count\":0,\"tags\":[\"\xef\xbf\xbd\"],\"before\":null,\"locked\":true}\n"
		 "{\"count\":null,\"tags\":null,\"before\":null,\"locked\":null}\n"},
	};

	(void)state;
	check_listings(listings, ARRAY_SIZE(listings));
}

static const struct listing tables[] = {
	{{.format = OUT_TABLE}, {&number, &org}, {{END}}, ""},
	{{.format = OUT_TABLE},
	 {&number, &count, &org, &locked, &price},
	 {{"918065978002", "7", "Acme", "1", "1.50"}, {"1", "1000000", NULL, "0", NULL}, {END}},
	 "NUMBER          COUNT  ORG   LOCKED  PRICE\n"
	 "918065978002        7  Acme  yes      1.50\n"
	 "1             1000000  -     no          -\n"},
	{{.format = OUT_TABLE, .no_header = true},
	 {&number, &org},
	 {{"1", ""}, {"22", "x  "}, {END}},
	 "1\n22  x\n"},
	{{.format = OUT_TABLE},
	 {&org, &id},
	 {{"a\x1b[31m\tb\n", "1"},
	  {"\xe2\x80\xae\xff", "2"},
	  {"\xe6\x9d\xb1\xe4\xba\xac", "3"},
	  {"Z\xc3\xbcrich", "4"}},
	 "ORG             ID\n"
	 "a\\x1B[31m\\tb\\n  1\n"
	 "\\u{202E}\\xFF    2\n"
	 "\xe6\x9d\xb1\xe4\xba\xac            3\n"
	 "Z\xc3\xbcrich          4\n"},
	{{.format = OUT_TABLE, .width = 30},
	 {&number, &org, &count},
	 {{"918065978002", "Acme Telecom of Bengaluru", "1"}, {"2", "aaaaaaaaaaaaaaaaaaaa", "22"}, {END}},
	 "NUMBER        ORG        COUNT\n"
	 "918065978002  Acme           1\n"
	 "              Telecom\n"
	 "              of\n"
	 "              Bengaluru\n"
	 "2             aaaaaaaaa     22\n"
	 "              aaaaaaaaa\n"
	 "              aa\n"},
	{{.format = OUT_TABLE, .width = 10},
	 {&number, &org},
	 {{"918065978002", "Acme Telecom of Bengaluru"}, {END}},
	 "NUMBER        ORG\n918065978002  Acme Telecom of Bengaluru\n"},
	{{.format = OUT_TABLE, .colour = true},
	 {&state_word, &severity, &org},
	 {{"available", "error", "error"},
	  {"blocked", "warning", "x"},
	  {"on-hold", "info", NULL},
	  {"assigned", NULL, "-"}},
	 "\033[1mSTATE\033[0m      \033[1mSEVERITY\033[0m  \033[1mORG\033[0m\n"
	 "\033[32mavailable\033[0m  \033[31merror\033[0m     error\n"
	 "\033[31mblocked\033[0m    \033[33mwarning\033[0m   x\n"
	 "\033[33mon-hold\033[0m    info      -\n"
	 "\033[1massigned\033[0m   -         -\n"},
};

static void writes_tables(void **state)
{
	(void)state;
	check_listings(tables, ARRAY_SIZE(tables));
}

static void writes_the_same_in_any_locale(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
	check_listings(tables, ARRAY_SIZE(tables));
	assert_non_null(setlocale(LC_ALL, "C"));
}

/* 100,000 rows, the last the widest: it overflows, the others keep their places, memory does not grow. */
static void streams_long_tables(void **state)
{
	static const struct column *const columns[] = {&number, &org, &count};
	const struct out_options options = {.format = OUT_TABLE};
	struct value values[] = {value_str("918065978002"), value_str("Acme"), value_str("12")};
	static const char row[] = "918065978002  Acme     12\n";
	static const char wide[] = "918065978002  Acme Telecom     12\n";
	int fd = scratch_file();
	struct rusage start, end;
	struct err err = {0};
	struct sink *sink;
	char *text;

	(void)state;
	assert_int_equal(sink_open(&sink, fd, &options, columns, ARRAY_SIZE(columns), &err), 0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(sink_row(sink, values, &err), 0);
	getrusage(RUSAGE_SELF, &start);
	for (int i = 2000; i < 99999; i++)
		assert_int_equal(sink_row(sink, values, &err), 0);
	getrusage(RUSAGE_SELF, &end);
	values[1] = value_str("Acme Telecom");
	assert_int_equal(sink_row(sink, values, &err), 0);
	assert_int_equal(sink_close(sink, &err), 0);
	assert_true(end.ru_maxrss - start.ru_maxrss < 4096);

	text = read_back(fd);
	assert_memory_equal(text, "NUMBER        ORG   COUNT\n", sizeof(row) - 1);
	assert_int_equal(strlen(text), 100000 * (sizeof(row) - 1) + sizeof(wide) - 1);
	assert_memory_equal(text + 99999 * (sizeof(row) - 1), row, sizeof(row) - 1);
	assert_string_equal(text + 100000 * (sizeof(row) - 1), wide);
	free(text);
}

/* Writes until an error comes, or to the end; hands back what sink_row and then sink_close said. */
static void overflow(enum out_format format, int fd, int *row_rc, int *close_rc, struct err *err)
{
	static const struct column *const columns[] = {&number, &org};
	const struct value values[] = {value_str("918065978002"), value_str("Acme")};
	const struct out_options options = {.format = format};
	struct sink *sink;

	*row_rc = 0;
	assert_int_equal(sink_open(&sink, fd, &options, columns, ARRAY_SIZE(columns), err), 0);
	for (int i = 0; i < 100000 && !*row_rc; i++)
		*row_rc = sink_row(sink, values, err);
	*close_rc = sink_close(sink, err);
}

static void reports_a_full_disk(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	for (enum out_format format = OUT_TABLE; format <= OUT_NDJSON; format++) {
		struct err err = {0};
		int row_rc, close_rc;

		overflow(format, fd, &row_rc, &close_rc, &err);
		assert_int_equal(row_rc, ERR_FAILED);
		assert_int_equal(close_rc, ERR_FAILED);
		assert_string_equal(err.text, "cannot write to standard output: No space left on device");
	}
	close(fd);
}

static void reports_a_full_disk_at_close(void **state)
{
	const struct out_options options = {.format = OUT_JSON};
	const struct column *const columns[] = {&number};
	int fd = open("/dev/full", O_WRONLY);
	struct err err = {0};
	struct sink *sink;

	(void)state;
	assert_int_equal(sink_open(&sink, fd, &options, columns, 1, &err), 0);
	assert_int_equal(sink_close(sink, &err), ERR_FAILED);
	assert_int_equal(err.code, ERR_FAILED);
	assert_int_equal(sink_close(NULL, &err), 0);
	close(fd);
}

static void is_quiet_about_a_closed_pipe(void **state)
{
	int fds[2], row_rc, close_rc;
	struct err err = {0};

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	overflow(OUT_CSV, fds[1], &row_rc, &close_rc, &err);
	assert_int_equal(row_rc, ERR_PIPE);
	assert_int_equal(close_rc, ERR_PIPE);
	close(fds[1]);
}

static void reports_a_closed_descriptor(void **state)
{
	int row_rc, close_rc;
	struct err err = {0};

	(void)state;
	overflow(OUT_TSV, 999, &row_rc, &close_rc, &err);
	assert_int_equal(close_rc, ERR_FAILED);
	assert_string_equal(err.text, "cannot write to standard output: Bad file descriptor");
}

/* A parent may have made the pipe non-blocking: a slow reader then still gets every byte. */
static void waits_for_a_slow_reader(void **state)
{
	const struct out_options options = {.format = OUT_TSV};
	const struct column *const columns[] = {&number};
	const struct value cell = value_str("918065978002");
	struct err err = {0};
	struct sink *sink;
	int fds[2];
	pid_t reader;
	int status;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	reader = fork();
	if (reader == 0) {
		static char room[4096];
		size_t total = 0;

		close(fds[1]);
		usleep(50000);
		for (ssize_t n; (n = read(fds[0], room, sizeof(room))) > 0;)
			total += (size_t)n;
		_exit(total == 7 + 50000 * 13 ? 0 : 1);
	}
	close(fds[0]);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(sink_open(&sink, fds[1], &options, columns, 1, &err), 0);
	for (int i = 0; i < 50000; i++)
		assert_int_equal(sink_row(sink, &cell, &err), 0);
	assert_int_equal(sink_close(sink, &err), 0);
	close(fds[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
}

static void names_every_format(void **state)
{
	static const char *const names[] = {"table", "tsv", "csv", "json", "ndjson"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(out_format_names[i], names[i]);
	assert_null(out_format_names[ARRAY_SIZE(names)]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_csv),
		cmocka_unit_test(writes_tsv),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(writes_tables),
		cmocka_unit_test(writes_the_same_in_any_locale),
		cmocka_unit_test(streams_long_tables),
		cmocka_unit_test(reports_a_full_disk),
		cmocka_unit_test(reports_a_full_disk_at_close),
		cmocka_unit_test(is_quiet_about_a_closed_pipe),
		cmocka_unit_test(reports_a_closed_descriptor),
		cmocka_unit_test(waits_for_a_slow_reader),
		cmocka_unit_test(names_every_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
