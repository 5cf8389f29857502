/* A small receiver of signed webhooks that is correct, or wrong in the one respect that is named
 * when it is started. It shares no code with hookproof, so that two readings of each sender's
 * rules meet. Loopback only; a thread for each connection; ends by a signal.
 *   mutant --list | --rows
 *   mutant --secret-env VARIABLE [--old-secret-env VARIABLE] [--other-secret-env VARIABLE]
 *          [--profile NAME] [--defect SLUG] [--port N] [--url URL] [--tolerance SECONDS]
 *          [--certificate PEM] [--key PEM]
 * Prints "port N". Serves /hook, and beside it /effects?key=KEY, /state?key=RESOURCE,
 * /clock?shift=SECONDS, /rotate (the overlap of two secrets ends) and /restart. */
#include "tests/mutants/mutant.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "tests/mutants/mutant_act.h"
#include "tests/mutants/mutant_defects.h"
#include "tests/mutants/mutant_io.h"
#include "tests/mutants/mutant_serve.h"
#include "tests/mutants/mutant_store.h"
#include "tests/mutants/mutant_verify.h"

enum {
	LIFE_S = 30 * 60,         /* nobody leaves one behind for longer */
	STACK_BYTES = 768 * 1024, /* a thousand levels of a recursive parser, not ten thousand */
	BACKLOG = 1024,
	ARGUMENTS_MAX = 40,
	KEY_BYTES_MAX = 256,
};

struct options {
	const char *secret, *old_secret, *other_secret; /* names of variables */
	const char *profile, *defect, *url, *port, *tolerance;
	const char *certificate, *key; /* PEM files: https */
	const char *inherit;           /* descriptors of listener, connection and log, by commas */
};

struct guest {
	struct mutant *mutant;
	int fd;
};

long long mutant_now_s(const struct mutant *mutant)
{
	return (long long)time(NULL) + mutant->clock_shift_s;
}

void mutant_restart(const struct mutant *mutant, int answer_to)
{
	char *argv[ARGUMENTS_MAX + 3] = {0}, option[] = "--inherit", descriptors[64];
	size_t count = 0;

	for (char **from = mutant->argv; *from && count < ARGUMENTS_MAX; from++)
		if (strcmp(*from, "--inherit") == 0)
			from++;
		else
			argv[count++] = *from;
	snprintf(descriptors, sizeof(descriptors), "%d,%d,%d", mutant->listener, answer_to,
		 store_log(mutant->store));
	argv[count++] = option;
	argv[count++] = descriptors;
	fcntl(mutant->listener, F_SETFD, 0); /* the log has no CLOEXEC, other connections have */
	fcntl(answer_to, F_SETFD, 0);
	execv("/proc/self/exe", argv);
}

static void complain(const char *what, const char *about)
{
	fprintf(stderr, "mutant: %s: %s\n", what, about);
	exit(2);
}

static void read_option(struct options *o, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **to;
	} known[] = {
		{"--secret-env", &o->secret}, {"--old-secret-env", &o->old_secret},
		{"--other-secret-env", &o->other_secret}, {"--profile", &o->profile},
		{"--defect", &o->defect}, {"--url", &o->url}, {"--port", &o->port},
		{"--tolerance", &o->tolerance},
		{"--certificate", &o->certificate}, {"--key", &o->key}, {"--inherit", &o->inherit},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].name, name) == 0 && value) {
			*known[i].to = value;
			return;
		}
	complain(name, "no such option, or it wants a value");
}

static struct bytes read_secret(const struct mutant_profile *profile, const char *variable)
{
	struct bytes key = {.max = KEY_BYTES_MAX};
	const char *text = variable ? getenv(variable) : NULL;

	if (text)
		verify_key(profile, text, &key);
	if (variable && key.bytes == 0)
		complain(variable, "holds no secret");
	return key;
}

static int listen_on(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, BACKLOG) < 0)
		complain(port, "cannot listen there");
	return fd;
}

static unsigned port_of(int listener)
{
	struct sockaddr_in address = {0};
	socklen_t bytes = sizeof(address);

	getsockname(listener, (struct sockaddr *)&address, &bytes);
	return ntohs(address.sin_port);
}

/* Goes on where the last process image was, and answers what asked for the restart. */
static void inherit(struct mutant *m, const char *descriptors)
{
	static const char done[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
				   "Connection: close\r\n\r\n";
	int asker, log;

	if (sscanf(descriptors, "%d,%d,%d", &m->listener, &asker, &log) != 3)
		complain("--inherit", "three descriptors");
	fcntl(m->listener, F_SETFD, FD_CLOEXEC);
	m->store = store_open(log);
	if (write(asker, done, sizeof(done) - 1) < 0)
		fputs("mutant: nobody waited for the restart\n", stderr);
	close(asker);
}

static void open_port(struct mutant *m, const struct options *o)
{
	if (o->inherit) {
		inherit(m, o->inherit);
	} else {
		m->listener = listen_on(o->port);
		m->store = store_open(-1);
		printf("port %u\n", port_of(m->listener));
		fflush(stdout);
	}
	snprintf(m->url, sizeof(m->url), "%s://127.0.0.1:%u/hook",
		 o->certificate ? "https" : "http", port_of(m->listener));
	if (o->url)
		snprintf(m->url, sizeof(m->url), "%s", o->url);
}

static void *on_guest(void *arg)
{
	struct guest guest = *(struct guest *)arg;

	free(arg);
	serve_connection(guest.mutant, guest.fd);
	return NULL;
}

static void accept_for_ever(struct mutant *m)
{
	pthread_attr_t small;
	pthread_t thread;
	int on = 1;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	for (;;) {
		struct guest *guest = malloc(sizeof(*guest));

		if (!guest)
			abort();
		*guest = (struct guest){m, accept4(m->listener, NULL, NULL, SOCK_CLOEXEC)};
		if (guest->fd >= 0) /* answers are small, and none waits for the next */
			setsockopt(guest->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (guest->fd >= 0 && pthread_create(&thread, &small, on_guest, guest) == 0)
			continue;
		if (guest->fd >= 0)
			close(guest->fd);
		free(guest);
	}
}

/* Some hundreds of connections at once. */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int main(int argc, char **argv)
{
	struct options o = {.profile = "paisr-v1", .defect = "none", .port = "0",
			    .tolerance = "300"};
	static struct mutant mutant;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return defect_list(stdout), 0;
	if (argc == 2 && strcmp(argv[1], "--rows") == 0)
		return defect_rows(stdout), 0;
	for (int i = 1; i < argc; i += 2)
		read_option(&o, argv[i], argv[i + 1]);
	mutant.profile = profile_find(o.profile);
	if (!mutant.profile)
		complain(o.profile, "no such profile");
	if (!defect_choose(o.defect))
		complain(o.defect, "no such defect: mutant --list");
	if (!o.secret)
		complain("--secret-env", "is missing: a receiver without a secret is open");
	if (o.certificate && !io_use_tls(o.certificate, o.key ? o.key : o.certificate))
		complain(o.certificate, "no certificate, or no key for it");
	mutant.argv = argv;
	mutant.tolerance_s = strtoll(o.tolerance, NULL, 10);
	mutant.secret_text = getenv(o.secret);
	mutant.secret = read_secret(mutant.profile, o.secret);
	mutant.old_secret = read_secret(mutant.profile, o.old_secret);
	mutant.other_secret = read_secret(mutant.profile, o.other_secret);
	signal(SIGPIPE, SIG_IGN);
	alarm(LIFE_S);
	raise_limits();
	open_port(&mutant, &o);
	act_start();
	accept_for_ever(&mutant);
}
