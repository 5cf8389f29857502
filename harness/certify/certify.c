#include "certify/certify.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/span.h"
#include "certify/certify_inside.h"
#include "net/clock.h"
#include "wire/retry_after.h"

#define CONTROL "sig-accepts-compact"
#define PAIRED "once-in-sequence" /* where what the A/A control says of the receiver is told */
enum { NAMES_MAX = 256, DATE_BEFORE_S = 500000000 };

/* ---- life ---- */

static bool is_named(const struct suite_check *check, const char *word)
{
	return strcmp(check->id, word) == 0 || strcmp(check->group, word) == 0;
}

static int check_words(const struct suite *suite, const char *const words[], size_t count,
		       struct hp_err *err)
{
	const char *names[NAMES_MAX + 1] = {NULL}, *near;
	size_t known = 0;

	for (size_t i = 0; i < suite->check_count && known + 2 <= NAMES_MAX; i++) {
		names[known++] = suite->checks[i].id;
		names[known++] = suite->checks[i].group;
	}
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;

		while (k < known && strcmp(names[k], words[i]) != 0)
			k++;
		if (k < known)
			continue;
		near = hp_nearest(hp_view_of(words[i]), names);
		return hp_err_set(err, HP_EUSAGE, "no check and no group is called '%s'%s%s%s",
				  words[i], near ? "; did you mean " : "", near ? near : "",
				  near ? "?" : "");
	}
	return 0;
}

static const enum suite_trait traits_of_commands[] = {[SUITE_RUN_RESTART] = SUITE_RESTART,
						      [SUITE_RUN_ROTATE] = SUITE_ROTATE,
						      [SUITE_RUN_CLOCK] = SUITE_CLOCK};

static struct courier_config limits_of(const struct certify_config *config)
{
	const struct profile *profile = config->forge.profile;
	uint64_t timeout_ns = config->timeout_ns ? config->timeout_ns : profile->timeout_ns;
	struct courier_config courier = config->courier;

	courier.connect_ns = hp_min(timeout_ns, profile->connect_timeout_ns);
	courier.first_byte_ns = hp_min(timeout_ns, profile->first_byte_timeout_ns);
	courier.total_ns = timeout_ns;
	return courier;
}

struct certify *certify_new(const struct certify_config *config, struct hp_err *err)
{
	struct courier_config courier = limits_of(config);
	struct certify *certify = hp_xcalloc(1, sizeof(*certify));

	certify->config = *config;
	certify->diagnoses_left = CERTIFY_DIAGNOSES_MAX;
	certify->traits = forge_traits(&config->forge);
	for (unsigned i = SUITE_RUN_RESTART; i < SUITE_COMMANDS; i++)
		if (config->commands[i])
			certify->traits |= SUITE_BIT(traits_of_commands[i]);
	certify->forge = forge_new(&config->forge, err);
	if (!certify->forge ||
	    check_words(config->forge.suite, config->only, config->only_count, err) < 0 ||
	    check_words(config->forge.suite, config->skip, config->skip_count, err) < 0)
		goto failed;
	certify->courier = courier_new(&courier, err);
	if (certify->courier)
		return certify;
failed:
	certify_free(certify);
	return NULL;
}

void certify_free(struct certify *certify)
{
	if (!certify)
		return;
	forge_free(certify->forge);
	courier_free(certify->courier);
	free(certify);
}

void certify_stop(struct certify *certify)
{
	courier_stop(certify->courier);
}

/* ---- which checks ---- */

static bool stands_in(const struct suite_check *check, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_named(check, words[i]))
			return true;
	return false;
}

static bool is_wanted(const struct certify *certify, const struct suite_check *check)
{
	const struct certify_config *config = &certify->config;
	enum check_level level = suite_level(check, config->forge.profile->name);

	return (!config->only_count || stands_in(check, config->only, config->only_count)) &&
	       !stands_in(check, config->skip, config->skip_count) && level <= config->level;
}

/* Makes a finding for each wanted check, all of them undecided. */
static void make_findings(struct certify *certify, struct certify_result *out)
{
	const struct suite *suite = certify->config.forge.suite;
	struct judgement *judgement = &out->judgement;

	out->checks = hp_xcalloc(suite->check_count, sizeof(*out->checks));
	judgement->findings = hp_xcalloc(suite->check_count, sizeof(*judgement->findings));
	for (size_t i = 0; i < suite->check_count; i++) {
		const struct suite_check *check = &suite->checks[i];
		size_t index = judgement->finding_count;

		if (!is_wanted(certify, check))
			continue;
		out->checks[index] = check->check;
		out->checks[index].level = suite_level(check, certify->config.forge.profile->name);
		judgement->findings[index] = (struct finding){
			.check = &out->checks[index], .verdict = VERDICT_INCONCLUSIVE};
		judgement->finding_count++;
	}
}

static const struct suite_check *suite_check_of(const struct certify *certify,
						const struct finding *finding)
{
	return suite_find(certify->config.forge.suite, finding->check->id);
}

static void say(struct finding *finding, enum verdict verdict, const char *before, const char *text)
{
	finding->verdict = verdict;
	snprintf(finding->reason, sizeof(finding->reason), "%s%.200s", before, text);
}

/* ---- the control ---- */

/* How the receiver's clock differs from ours, by the Date of an answer. */
static void read_clock(struct certify *certify, const struct courier_answer *answer)
{
	struct hp_view date = courier_header(answer, "Date");
	uint64_t wall_s = clock_wall_ns() / HP_S_NS, seconds;
	uint64_t past_s = certify->config.forge.profile->scheme.past_s;
	char *out = certify->result->clock;

	if (!date.at || !retry_after_parse(date, wall_s - DATE_BEFORE_S, &seconds))
		return;
	certify->skew_s = (int64_t)seconds - DATE_BEFORE_S;
	if (certify->skew_s >= -1 && certify->skew_s <= 1)
		certify->skew_s = 0;
	certify->skewed = past_s != SCHEME_NO_TOLERANCE &&
			  (uint64_t)llabs(certify->skew_s) > past_s / 2;
	if (certify->skew_s)
		snprintf(out, VERDICT_REASON_BYTES, "the receiver's clock is %lld s %s ours",
			 llabs(certify->skew_s), certify->skew_s > 0 ? "ahead of" : "behind");
}

/* Says hello before anything is judged: whether anybody is there, and what its clock says. */
static void greet(struct certify *certify)
{
	struct courier_answer answer;
	struct suite_step step;
	struct forge_order order = {.check = "greeting", .step = &step, .event_number = 1};
	struct forged forged;
	enum forge_result made;

	suite_step_init(&step);
	order.wall_ns = certify_wall_ns(certify);
	made = forge_make(certify->forge, &order, &forged);
	assert(made == FORGE_MADE);
	certify_send(certify, &step, &forged, &answer);
	certify->result->unreachable = answer.end == COURIER_REFUSED ||
				       answer.end == COURIER_UNREACHABLE ||
				       answer.end == COURIER_NO_CONNECTION ||
				       answer.end == COURIER_TLS_FAILED;
	if (answer.end == COURIER_ANSWERED)
		read_clock(certify, &answer);
	courier_answer_fini(&answer);
	forged_fini(&forged);
}

/* The control, into a finding of its own when the user did not ask for it. */
static bool run_control(struct certify *certify, struct finding *spare)
{
	struct judgement *judgement = &certify->result->judgement;
	struct finding *finding = spare;
	const struct suite_check *check = suite_find(certify->config.forge.suite, CONTROL);
	struct trial *late;

	for (size_t i = 0; i < judgement->finding_count; i++)
		if (strcmp(judgement->findings[i].check->id, CONTROL) == 0)
			finding = &judgement->findings[i];
	if (!check) /* a suite of somebody's own may have none */
		return true;
	if (!finding->check)
		*finding = (struct finding){.check = &check->check};
	late = trial_run(certify, check, finding);
	assert(!late);
	return finding->verdict == VERDICT_PASS;
}

/* ---- the checks ---- */

static void fail_paired(struct certify *certify, const char *what)
{
	struct judgement *judgement = &certify->result->judgement;

	for (size_t i = 0; i < judgement->finding_count; i++)
		if (strcmp(judgement->findings[i].check->id, PAIRED) == 0)
			say(&judgement->findings[i], VERDICT_FAIL, "", what);
}

/* Why an effect that decides cannot be seen. */
static bool lacks_effects(struct certify *certify, const struct suite_check *check,
			  struct finding *finding)
{
	if (check->probe != SUITE_PROBE_NEEDED || certify->probe_works)
		return false;
	if (!certify->config.probe)
		say(finding, VERDICT_UNOBSERVED, "", "no effect probe was given, such as "
		    "--effect-url or --effect-command");
	else if (finding->verdict != VERDICT_FAIL)
		say(finding, VERDICT_ERROR, "probe-broken: ", certify->probe_why);
	return true;
}

/* What is known without running the check. */
static bool is_settled(struct certify *certify, const struct suite_check *check,
		       struct finding *finding)
{
	const char *excluded = suite_excludes(check, certify->traits,
					      certify->config.forge.profile->name);

	if (strcmp(check->id, CONTROL) == 0)
		return true;
	if (excluded)
		say(finding, VERDICT_NOT_APPLICABLE, "", excluded);
	else if (*check->unseen)
		say(finding, VERDICT_UNOBSERVED, "", check->unseen);
	else if (*check->reads)
		return true;
	else if (courier_stopped(certify->courier))
		say(finding, VERDICT_INCONCLUSIVE, "", "interrupted");
	else if (certify->dead)
		say(finding, VERDICT_INCONCLUSIVE, "control-failed: the receiver was gone after ",
		    certify->killer);
	else if (certify->skewed && check->needs & SUITE_BIT(SUITE_TIMED))
		say(finding, VERDICT_INCONCLUSIVE, "clock-step: ", certify->result->clock);
	else
		return lacks_effects(certify, check, finding);
	return true;
}

/* Whether a check has a command of the user's run, which may change the receiver for all others. */
static bool disturbs(const struct suite_check *check)
{
	for (size_t i = 0; i < check->step_count; i++)
		if (check->steps[i].run)
			return true;
	return false;
}

/* Runs the checks that disturb, or the others. Adds to late[] what they leave for later. */
static size_t run_pass(struct certify *certify, bool disturbing, struct trial *late[])
{
	const struct certify_config *config = &certify->config;
	struct judgement *judgement = &certify->result->judgement;
	size_t late_count = 0;

	for (size_t i = 0; i < judgement->finding_count; i++) {
		struct finding *finding = &judgement->findings[i];
		const struct suite_check *check = suite_check_of(certify, finding);
		struct trial *trial;

		if (disturbs(check) != disturbing || is_settled(certify, check, finding))
			continue;
		if (config->on_check)
			config->on_check(config->arg, check->id, i, judgement->finding_count);
		trial = trial_run(certify, check, finding);
		if (!trial)
			continue;
		assert(late_count < CERTIFY_LATE_MAX);
		late[late_count++] = trial;
	}
	return late_count;
}

/* Late steps come as late as can be, but before the receiver is restarted or its clock moved: what
 * that breaks is told by checks of its own. */
static void run_checks(struct certify *certify)
{
	struct trial *late[CERTIFY_LATE_MAX];
	size_t late_count = run_pass(certify, false, late);

	for (size_t i = 0; i < late_count; i++)
		trial_finish(late[i]);
	late_count = run_pass(certify, true, late);
	for (size_t i = 0; i < late_count; i++)
		trial_finish(late[i]);
}

/* Checks that read all answers come last: by then all have come. */
static void run_readers(struct certify *certify)
{
	struct judgement *judgement = &certify->result->judgement;

	for (size_t i = 0; i < judgement->finding_count; i++) {
		struct finding *finding = &judgement->findings[i];
		const struct suite_check *check = suite_check_of(certify, finding);

		if (*check->reads && finding->verdict == VERDICT_INCONCLUSIVE &&
		    !suite_excludes(check, certify->traits, certify->config.forge.profile->name))
			certify_read_finding(certify, check, finding);
	}
}

/* Nothing else counts when the plain delivery is refused. */
static void give_up(struct certify *certify, const char *why)
{
	struct judgement *judgement = &certify->result->judgement;

	for (size_t i = 0; i < judgement->finding_count; i++) {
		struct finding *finding = &judgement->findings[i];
		const struct suite_check *check = suite_check_of(certify, finding);
		const char *excluded = suite_excludes(check, certify->traits,
						      certify->config.forge.profile->name);

		if (strcmp(check->id, CONTROL) == 0 && *finding->reason)
			continue;
		if (excluded)
			say(finding, VERDICT_NOT_APPLICABLE, "", excluded);
		else if (*check->unseen)
			say(finding, VERDICT_UNOBSERVED, "", check->unseen);
		else
			say(finding, VERDICT_INCONCLUSIVE, "control-failed: ", why);
	}
}

static void say_effects(struct certify *certify)
{
	char *out = certify->result->effects;
	const struct probe *probe = certify->config.probe;

	if (!probe)
		snprintf(out, VERDICT_REASON_BYTES, "not observed: no probe was given");
	else if (certify->probe_works)
		snprintf(out, VERDICT_REASON_BYTES, "observed by the %s; unique events take effect "
			 "once each", probe->kind);
	else if (*certify->probe_why)
		snprintf(out, VERDICT_REASON_BYTES, "not observed: the %s says nothing that "
			 "counts: %.160s", probe->kind, certify->probe_why);
	else
		snprintf(out, VERDICT_REASON_BYTES, "not observed: the control did not pass");
}

/* The control passed: effects, then everything. */
static void run_all(struct certify *certify)
{
	char what[VERDICT_REASON_BYTES];

	if (certify->config.probe && !certify_control_effects(certify, what))
		fail_paired(certify, what);
	say_effects(certify);
	run_checks(certify);
	run_readers(certify);
}

void certify_run(struct certify *certify, struct certify_result *out)
{
	uint64_t started_ns = clock_mono_ns();
	struct finding spare = {.check = NULL};

	*out = (struct certify_result){.deliveries = 0};
	certify->result = out;
	make_findings(certify, out);
	say_effects(certify);
	greet(certify);
	if (out->unreachable)
		give_up(certify, "the receiver could not be reached");
	else if (run_control(certify, &spare))
		run_all(certify);
	else
		give_up(certify, "the plain valid delivery was refused");
	out->interrupted = courier_stopped(certify->courier);
	out->duration_ns = clock_mono_ns() - started_ns;
	judgement_close(&out->judgement, out->interrupted, out->unreachable);
	certify->result = NULL;
}

void certify_result_fini(struct certify_result *result)
{
	judgement_fini(&result->judgement);
	free(result->checks);
	*result = (struct certify_result){.deliveries = 0};
}
