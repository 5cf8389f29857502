#include "scenarios/profile_document.h"

#include <stdio.h>

#include "scenarios/profile_inside.h"

enum {
	PATH_BYTES = 64,           /* of a key; longer ones are unknown */
	VALUE_BYTES_MAX = 8 * 1024, /* of a list, joined */
};

void profile_init(struct profile *profile)
{
	static const struct profile plain = {
		.retry = {.attempts_max = 1,
			  .law = RETRY_EXPONENTIAL,
			  .base_ns = 60 * HP_S_NS,
			  .factor = 2,
			  .poll_ns = HP_S_NS},
		.timeout_ns = 15 * HP_S_NS,
		.success_min = 200,
		.success_max = 299,
		.reject_count = 3,
		.reject_status = {400, 401, 403},
		.id_pointer = "/id",
		.type_pointer = "/event",
		.body = "{\"id\":\"{resource}\",\"event\":\"{type}\"}",
		.body_bytes_max = 64 * 1024,
	};

	*profile = plain;
	scheme_init(&profile->scheme);
}

static bool has_no_name(const struct profile *profile)
{
	return !*profile->name;
}

static bool has_no_source(const struct profile *profile)
{
	return !*profile->source || !*profile->date;
}

static bool has_no_list(const struct profile *profile)
{
	return profile->retry.law == RETRY_LIST && !profile->retry.list_count &&
	       profile->retry.attempts_max > 1;
}

static bool has_no_identity(const struct profile *profile)
{
	return !*profile->id_header && !*profile->id_pointer;
}

static bool has_bad_pointer(const struct profile *profile)
{
	const char *id = profile->id_pointer, *type = profile->type_pointer;

	return (*id && *id != '/') || (*type && *type != '/');
}

static bool has_no_rejection(const struct profile *profile)
{
	return !profile->reject_count && !profile->reject_may_ack;
}

static unsigned count_slots(const char *template)
{
	static const char *const slots[] = {"{type}", "{resource}", "{key}"};
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		for (const char *at = template; (at = strstr(at, slots[i])); at++)
			count++;
	return count;
}

static bool has_many_slots(const struct profile *profile)
{
	for (unsigned i = 0; i < profile->header_count; i++)
		if (count_slots(profile->headers[i].value) > PROFILE_SLOTS_MAX)
			return true;
	return count_slots(profile->body) > PROFILE_SLOTS_MAX;
}

/* The rules that span several keys; each has its sentence. */
static const struct {
	bool (*broken)(const struct profile *profile);
	const char *sentence;
} rules[] = {
	{has_no_name, "name: a profile needs one"},
	{has_no_source, "source, date: a profile says where its facts come from, and of when"},
	{has_no_list, "retry.list: the law is list, and the list is empty"},
	{has_no_identity, "identity: an event is known by a header or by a member of its body"},
	{has_bad_pointer, "identity: a JSON pointer begins with / (RFC 6901)"},
	{has_no_rejection, "reject_status: name one at least, or let reject_may_ack be true"},
	{has_many_slots, "body, headers: at most 8 of {type} {resource} {key} in each"},
};

int profile_check(const struct profile *profile, struct hp_err *err)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].broken(profile))
			return hp_err_set(err, HP_EUSAGE, "%s", rules[i].sentence);
	}
	if (scheme_check(&profile->scheme, err) < 0)
		return hp_err_wrap(err, "scheme");
	return 0;
}

int profile_set(struct profile *profile, const char *assignment, struct hp_err *err)
{
	const char *equals = strchr(assignment, '=');
	struct profile changed = *profile;
	struct hp_view path;
	unsigned index;

	if (!equals)
		return hp_err_set(err, HP_EUSAGE,
				  "want KEY=VALUE like retry.base=200ms, found %.80s", assignment);
	path = (struct hp_view){assignment, (size_t)(equals - assignment)};
	index = profile_key_find(path);
	if (index == PROFILE_KEYS_MAX)
		return profile_key_unknown(path, err);
	if (profile_keys[index].kind->read(&profile_keys[index], &changed, hp_view_of(equals + 1),
					   err) < 0)
		return hp_err_wrap(err, "%s", profile_keys[index].path);
	changed.assumed &= ~(UINT64_C(1) << index);
	*profile = changed;
	return 0;
}

/* Loading: the walk through a document's objects, and what it fills. */
struct loading {
	struct profile profile;
	char path[PATH_BYTES]; /* of the object that is being read, with a dot behind it */
};

static bool is_kind(const struct profile_kind *kind, const struct hp_json_node *node)
{
	enum hp_json_kind found = hp_json_kind(node);

	if (found == HP_JSON_FALSE)
		found = HP_JSON_TRUE;
	return found == kind->json || (kind->or_number && found == HP_JSON_NUMBER);
}

static const char *kind_wanted(const struct profile_kind *kind)
{
	static const char *const wanted[] = {
		[HP_JSON_TRUE] = "true or false", [HP_JSON_NUMBER] = "a number",
		[HP_JSON_STRING] = "a string",    [HP_JSON_ARRAY] = "a list",
		[HP_JSON_OBJECT] = "an object",
	};

	return kind->or_number ? "a string or a number" : wanted[kind->json];
}

/* Hands a value to its key's reader, and gives its complaint a place. */
static int set_value(struct loading *loading, const struct profile_key *key, struct hp_view text,
		     const struct hp_json_node *node, struct hp_err *err)
{
	struct hp_err why;

	if (key->kind->read(key, &loading->profile, text, &why) < 0)
		return hp_json_fail(node, err, "%s", why.msg);
	return 0;
}

/* A scalar as text: what stands between the quotes of a string, anything else as it stands. */
static int scalar_text(const struct hp_json_node *node, struct hp_view *text, struct hp_err *err)
{
	if (hp_json_kind(node) == HP_JSON_STRING)
		return hp_json_read_text(node, text, err);
	*text = hp_json_raw(node);
	return 0;
}

static int set_list(struct loading *loading, const struct profile_key *key,
		    const struct hp_json_node *list, struct hp_err *err)
{
	const struct hp_json_node *item = hp_json_first(list);
	struct hp_buf joined;
	int result = 0;

	hp_buf_init(&joined, VALUE_BYTES_MAX);
	for (; item && !result; item = hp_json_next(item)) {
		struct hp_view text;

		result = scalar_text(item, &text, err);
		if (result)
			break;
		if (joined.bytes)
			hp_buf_add_text(&joined, ",");
		if (!hp_buf_add(&joined, text))
			result = hp_json_fail(item, err, "the list is too long");
	}
	if (!result)
		result = set_value(loading, key, hp_buf_view(&joined), list, err);
	hp_buf_fini(&joined);
	return result;
}

/* A key with a NUL in it would be taken for what stands before. */
static bool has_nul(struct hp_view key)
{
	return strlen(key.at) != key.bytes;
}

/* An object whose members have names of their own: the product headers. */
static int set_members(struct loading *loading, const struct profile_key *key,
		       const struct hp_json_node *object, struct hp_err *err)
{
	const struct hp_json_node *member = hp_json_first(object);
	char line[SCHEME_NAME_BYTES + PROFILE_HEADER_VALUE_BYTES + 4];
	struct hp_view text;

	for (; member; member = hp_json_next(member)) {
		int bytes;

		if (has_nul(hp_json_key(member)))
			return hp_json_fail(member, err, "want the name of a header");
		if (hp_json_read_text(member, &text, err) < 0)
			return -1;
		bytes = snprintf(line, sizeof(line), "%s: %s", hp_json_key(member).at, text.at);
		if (bytes < 0 || (size_t)bytes >= sizeof(line))
			return hp_json_fail(member, err, "the header is too long");
		if (set_value(loading, key, hp_view_of(line), member, err) < 0)
			return -1;
	}
	return 0;
}

static int load_key(struct loading *loading, const struct profile_key *key,
		    const struct hp_json_node *node, struct hp_err *err)
{
	struct hp_view text;

	if (!is_kind(key->kind, node))
		return hp_json_want(node, kind_wanted(key->kind), err);
	if (hp_json_kind(node) == HP_JSON_ARRAY)
		return set_list(loading, key, node, err);
	if (hp_json_kind(node) == HP_JSON_OBJECT)
		return set_members(loading, key, node, err);
	if (scalar_text(node, &text, err) < 0)
		return -1;
	return set_value(loading, key, text, node, err);
}

/* The key of exactly that path: documents do not shorten. */
static const struct profile_key *find_key(const char *path)
{
	for (unsigned i = 0; i < profile_key_count; i++) {
		if (strcmp(profile_keys[i].path, path) == 0)
			return &profile_keys[i];
	}
	return NULL;
}

static bool is_group(const char *path)
{
	size_t bytes = strlen(path);

	for (unsigned i = 0; i < profile_key_count; i++) {
		if (strncmp(profile_keys[i].path, path, bytes) == 0 &&
		    profile_keys[i].path[bytes] == '.')
			return true;
	}
	return false;
}

static int load_object(struct loading *loading, const struct hp_json_node *object,
		       struct hp_err *err);

/* A member: a key of the table, a group of keys, or unknown. */
static int load_member(struct loading *loading, const struct hp_json_node *member,
		       struct hp_err *err)
{
	size_t before = strlen(loading->path);
	size_t room = sizeof(loading->path) - before;
	const struct profile_key *key;
	struct hp_err why;
	int result;

	if (has_nul(hp_json_key(member)) || hp_json_key(member).bytes + 2 > room)
		return hp_json_fail(member, err, "unknown key");
	snprintf(loading->path + before, room, "%s", hp_json_key(member).at);
	key = find_key(loading->path);
	if (key) {
		result = load_key(loading, key, member, err);
	} else if (is_group(loading->path)) {
		snprintf(loading->path + strlen(loading->path), 2, ".");
		result = load_object(loading, member, err);
	} else {
		profile_key_unknown(hp_view_of(loading->path), &why);
		result = hp_json_fail(member, err, "%s", why.msg);
	}
	loading->path[before] = '\0';
	return result;
}

static int load_object(struct loading *loading, const struct hp_json_node *object,
		       struct hp_err *err)
{
	const struct hp_json_node *member;

	if (hp_json_expect(object, HP_JSON_OBJECT, err) < 0)
		return -1;
	for (member = hp_json_first(object); member; member = hp_json_next(member)) {
		if (load_member(loading, member, err) < 0)
			return -1;
	}
	return 0;
}

/* Phases of an attempt that the document does not bound may take the whole of it. */
static void fill_timeouts(struct profile *profile)
{
	if (!profile->connect_timeout_ns)
		profile->connect_timeout_ns = profile->timeout_ns;
	if (!profile->first_byte_timeout_ns)
		profile->first_byte_timeout_ns = profile->timeout_ns;
}

int profile_load(struct profile *out, struct hp_view json, const char *name, struct hp_err *err)
{
	struct hp_json *document = hp_json_parse(name, json, PROFILE_DOCUMENT_BYTES_MAX, err);
	struct loading loading = {.path = ""};
	struct hp_err why;
	int result;

	if (!document)
		return -1;
	profile_init(&loading.profile);
	result = load_object(&loading, hp_json_root(document), err);
	fill_timeouts(&loading.profile);
	if (!result && profile_check(&loading.profile, &why) < 0)
		result = hp_json_fail(hp_json_root(document), err, "%s", why.msg);
	hp_json_free(document);
	if (!result)
		*out = loading.profile;
	return result;
}

/* Opens the groups of a path that the one before it did not stand in, and closes its others. */
static void print_groups(struct hp_json_writer *writer, const char *before, const char *path)
{
	size_t same = 0;

	for (size_t i = 0; before[i] && before[i] == path[i]; i++) {
		if (path[i] == '.')
			same = i + 1;
	}
	for (const char *dot = strchr(before + same, '.'); dot; dot = strchr(dot + 1, '.'))
		hp_json_write_end(writer);
	for (const char *group = path + same, *dot; (dot = strchr(group, '.')); group = dot + 1) {
		char name[PATH_BYTES];

		snprintf(name, sizeof(name), "%.*s", (int)(dot - group), group);
		hp_json_write_key(writer, name);
		hp_json_write_object(writer);
	}
}

void profile_print(const struct profile *profile, struct hp_buf *out)
{
	struct hp_json_writer writer;
	const char *before = "";

	hp_json_write_init(&writer, out, 2);
	hp_json_write_object(&writer);
	for (unsigned i = 0; i < profile_key_count; i++) {
		const struct profile_key *key = &profile_keys[i];
		const char *dot = strrchr(key->path, '.');

		print_groups(&writer, before, key->path);
		before = key->path;
		hp_json_write_key(&writer, dot ? dot + 1 : key->path);
		key->kind->print(key, profile, &writer);
	}
	print_groups(&writer, before, "");
	hp_json_write_end(&writer);
}
