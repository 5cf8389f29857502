/* JUnit XML in two dialects: the common one that GitLab, GitHub's actions and Azure read, and a
 * strict one without `file`, which Jenkins' own schema accepts. No official schema exists: what the
 * consumers read decides. One suite per group of checks, and one named "run" that is red when
 * nothing was decided or the measurement cannot be trusted, so that neither ever looks green. */
#include "reports/report.h"

#include <string.h>

#include "reports/escape.h"
#include "reports/figures.h"

enum {
	CASE_BYTES_MAX = 8 * 1024, /* of one case's content: GitLab takes 30 MB a file in all */
	NAME_BYTES_MAX = 4 * 1024,
};

enum junit_element { JUNIT_PLAIN, JUNIT_FAILURE, JUNIT_ERROR, JUNIT_SKIPPED, JUNIT_REMARK };

struct junit {
	FILE *out;
	const struct result *result;
	bool file; /* the dialect has testcase/@file */
};

/* What a case says: an element around a first line and, below it, the details. */
struct junit_case {
	const char *group, *name;
	enum junit_element element;
	const char *type, *line;
	const struct finding *finding; /* NULL: no details */
};

static void put_escaped(FILE *out, const char *text, enum escape_place place, size_t bytes_max)
{
	struct hp_buf buf;

	hp_buf_init(&buf, bytes_max);
	escape_xml(&buf, hp_view_of(text), place);
	fputs(hp_buf_text(&buf), out);
	hp_buf_fini(&buf);
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	put_escaped(out, value, ESCAPE_XML_ATTRIBUTE, NAME_BYTES_MAX);
	fputc('"', out);
}

static enum junit_element element_of(const struct finding *finding)
{
	static const enum junit_element elements[VERDICT_COUNT] = {
		[VERDICT_PASS] = JUNIT_PLAIN,         [VERDICT_WARN] = JUNIT_REMARK,
		[VERDICT_FAIL] = JUNIT_FAILURE,       [VERDICT_ERROR] = JUNIT_ERROR,
		[VERDICT_UNOBSERVED] = JUNIT_SKIPPED, [VERDICT_NOT_APPLICABLE] = JUNIT_SKIPPED,
		[VERDICT_INCONCLUSIVE] = JUNIT_ERROR,
	};

	if (finding->verdict == VERDICT_INCONCLUSIVE && finding->check->level != CHECK_MUST)
		return JUNIT_SKIPPED;
	if (finding->verdict == VERDICT_FAIL && finding->check->level == CHECK_INFO)
		return JUNIT_REMARK;
	return elements[finding->verdict];
}

static struct junit_case case_of(const struct result *result, const struct finding *finding)
{
	const struct threshold *threshold = figures_threshold_of(result->plan, finding);

	return (struct junit_case){
		.group = finding->check->group,
		.name = threshold ? threshold->text : finding->check->id,
		.element = element_of(finding),
		.type = verdict_word(finding->verdict),
		.line = finding->reason,
		.finding = finding,
	};
}

/* The case about the run itself. */
static struct junit_case run_case(const struct result *result)
{
	const struct judgement *judgement = result->judgement;
	struct junit_case c = {.group = "run", .name = "measurement"};

	if (judgement->untrusted) {
		c.element = JUNIT_ERROR;
		c.type = "untrusted";
		c.line = judgement->untrusted_reason;
	} else if (judgement->verdict == RUN_UNDECIDED || judgement->finding_count == 0) {
		c.element = JUNIT_ERROR;
		c.type = "undecided";
		c.line = judgement->finding_count ? "no verdict could be reached"
						  : "nothing was checked";
	} else if (result->interrupted || result->incomplete) {
		c.element = JUNIT_REMARK;
		c.type = "warn";
		c.line = "interrupted: judged is what was seen until then";
	}
	return c;
}

static void add_line(struct hp_buf *content, const char *label, const char *text)
{
	if (text && *text)
		hp_buf_add_format(content, "\n%s: %s", label, text);
}

/* The line again, then requirement, clause, evidence, remedy and how to repeat it, as raw text. */
static void add_details(struct hp_buf *content, const struct result *result,
			const struct finding *finding)
{
	add_line(content, "required", finding->check->requirement);
	add_line(content, "clause", finding->check->clause);
	for (size_t i = 0; i < finding->evidence_count && i < VERDICT_EVIDENCE_MAX; i++)
		add_line(content, "evidence", finding->evidence[i]);
	add_line(content, "remedy", finding->check->remedy);
	add_line(content, "repeat", result->repeat);
}

static void put_content(const struct junit *junit, const struct junit_case *c)
{
	struct hp_buf content;

	hp_buf_init(&content, CASE_BYTES_MAX);
	if (c->element == JUNIT_REMARK)
		hp_buf_add_text(&content, "WARN ");
	hp_buf_add_text(&content, c->line);
	if (c->finding && c->element != JUNIT_SKIPPED)
		add_details(&content, junit->result, c->finding);
	put_escaped(junit->out, hp_buf_text(&content), ESCAPE_XML_CONTENT, CASE_BYTES_MAX);
	hp_buf_fini(&content);
}

static void put_element(const struct junit *junit, const struct junit_case *c)
{
	static const char *const names[] = {
		[JUNIT_FAILURE] = "failure",
		[JUNIT_ERROR] = "error",
		[JUNIT_SKIPPED] = "skipped",
		[JUNIT_REMARK] = "system-out",
	};
	const char *name = names[c->element];

	fprintf(junit->out, "      <%s", name);
	if (c->element != JUNIT_REMARK) {
		put_attribute(junit->out, "type", c->type);
		put_attribute(junit->out, "message", c->line);
	}
	fputc('>', junit->out);
	put_content(junit, c);
	fprintf(junit->out, "</%s>\n", name);
}

static void put_case(const struct junit *junit, const struct junit_case *c)
{
	const struct result *result = junit->result;
	const char *suite = *result->plan->name ? result->plan->name : result->command;
	char class[PLAN_NAME_BYTES * 2];

	snprintf(class, sizeof(class), "%s.%s", suite, c->group);
	fputs("    <testcase", junit->out);
	put_attribute(junit->out, "classname", class);
	put_attribute(junit->out, "name", c->name);
	if (junit->file)
		put_attribute(junit->out, "file", result->scenario);
	fputs(" time=\"0.000\"", junit->out);
	if (c->element == JUNIT_PLAIN) {
		fputs("/>\n", junit->out);
		return;
	}
	fputs(">\n", junit->out);
	put_element(junit, c);
	fputs("    </testcase>\n", junit->out);
}

struct junit_counts {
	unsigned tests, failures, errors, skipped;
};

static void count_case(struct junit_counts *counts, const struct junit_case *c)
{
	counts->tests++;
	counts->failures += c->element == JUNIT_FAILURE;
	counts->errors += c->element == JUNIT_ERROR;
	counts->skipped += c->element == JUNIT_SKIPPED;
}

/* The cases of one group, or of all for NULL. */
static struct junit_counts count_group(const struct result *result, const char *group)
{
	const struct judgement *judgement = result->judgement;
	struct junit_counts counts = {0};

	for (size_t i = 0; i < judgement->finding_count; i++) {
		struct junit_case c = case_of(result, &judgement->findings[i]);

		if (!group || strcmp(c.group, group) == 0)
			count_case(&counts, &c);
	}
	return counts;
}

static void put_counts(FILE *out, const struct junit_counts *counts)
{
	fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\"", counts->tests, counts->failures,
		counts->errors);
}

static double run_s(const struct result *result)
{
	return (double)result->duration_ns / HP_S_NS;
}

static void open_suite(const struct junit *junit, const char *group,
		       const struct junit_counts *counts)
{
	char moment[FIGURES_MOMENT_BYTES];

	fputs("  <testsuite", junit->out);
	put_attribute(junit->out, "name", group);
	put_counts(junit->out, counts);
	fprintf(junit->out, " skipped=\"%u\" time=\"%.3f\"", counts->skipped,
		strcmp(group, "run") == 0 ? run_s(junit->result) : 0.0);
	put_attribute(junit->out, "timestamp",
		      figures_moment(junit->result->started_wall_ns, moment));
	fputs(">\n", junit->out);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	fputs("      <property", out);
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void put_number(FILE *out, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_property(out, name, text);
}

static void put_properties(const struct junit *junit)
{
	const struct result *result = junit->result;

	fputs("    <properties>\n", junit->out);
	put_property(junit->out, "tool", "hookproof");
	put_property(junit->out, "version", result->tool_version);
	put_property(junit->out, "scenario", result->scenario);
	put_property(junit->out, "profile", result->plan->judged.name);
	put_property(junit->out, "time-mode", result_time_word(result->time_mode));
	put_number(junit->out, "seed", result->plan->seed);
	put_property(junit->out, "verdict", run_verdict_word(result->judgement->verdict));
	put_number(junit->out, "exit", (uint64_t)result->judgement->exit);
	put_property(junit->out, "repeat", result->repeat);
	fputs("    </properties>\n", junit->out);
}

static void put_run_suite(const struct junit *junit)
{
	struct junit_case c = run_case(junit->result);
	struct junit_counts counts = {0};

	count_case(&counts, &c);
	open_suite(junit, "run", &counts);
	put_properties(junit);
	put_case(junit, &c);
	fputs("  </testsuite>\n", junit->out);
}

static void put_group(const struct junit *junit, const char *group)
{
	const struct judgement *judgement = junit->result->judgement;
	struct junit_counts counts = count_group(junit->result, group);

	open_suite(junit, group, &counts);
	for (size_t i = 0; i < judgement->finding_count; i++) {
		struct junit_case c = case_of(junit->result, &judgement->findings[i]);

		if (strcmp(c.group, group) == 0)
			put_case(junit, &c);
	}
	fputs("  </testsuite>\n", junit->out);
}

/* Whether this finding is the first of its group: groups keep the order of judging. */
static bool opens_group(const struct judgement *judgement, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(judgement->findings[i].check->group,
			   judgement->findings[index].check->group) == 0)
			return false;
	return true;
}

static int write_junit(const struct junit *junit)
{
	const struct judgement *judgement = junit->result->judgement;
	struct junit_counts counts = count_group(junit->result, NULL);
	struct junit_case run = run_case(junit->result);

	count_case(&counts, &run);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hookproof\"",
	      junit->out);
	put_counts(junit->out, &counts);
	fprintf(junit->out, " time=\"%.3f\">\n", run_s(junit->result));
	put_run_suite(junit);
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (opens_group(judgement, i))
			put_group(junit, judgement->findings[i].check->group);
	fputs("</testsuites>\n", junit->out);
	return fflush(junit->out) == 0 && !ferror(junit->out) ? 0 : -1;
}

int report_junit_write(FILE *out, const struct result *result, const struct report_style *style)
{
	const struct junit junit = {out, result, true};

	(void)style;
	return write_junit(&junit);
}

int report_junit_strict_write(FILE *out, const struct result *result,
			      const struct report_style *style)
{
	const struct junit junit = {out, result, false};

	(void)style;
	return write_junit(&junit);
}
