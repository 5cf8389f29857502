/* What the files of TLS share. For them alone: callers use tls.h. OpenSSL's types stand here by the
 * tags of their structs, so that this header needs none of its own. */
#ifndef HP_NET_TLS_INSIDE_H
#define HP_NET_TLS_INSIDE_H
#include "base/buf.h"
#include "net/tls.h"

struct bio_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct x509_st;

struct tls_context {
	struct ssl_ctx_st *ctx;
	struct ssl_ctx_st *named; /* of a server, for clients that ask for `name`; NULL: none */
	char name[TLS_HOST_BYTES];
	bool resumes;
};

struct tls_peer {
	struct tls_context *context;
	struct ssl_session_st *session; /* NULL: the next handshake is a full one */
	char host[TLS_HOST_BYTES];
	bool is_number;
};

enum { TLS_GATE_RECORDS_MAX = 32, TLS_GATE_BYTES_MAX = 256 * 1024 };

/* Holds back what a server sends while it shakes hands, record by record. OpenSSL puts no two
 * messages of a handshake into one record. */
struct tls_gate {
	struct hp_buf held; /* whole records */
	size_t record_sent; /* bytes of the first that are out */
	uint8_t types[TLS_GATE_RECORDS_MAX]; /* of the message that each record begins; 0: none */
	unsigned count;
	unsigned open; /* records of a message that is being written */
	bool flight;   /* held begins a flight that was not released */
	bool closed;   /* everything goes through here */
	bool released; /* the first record may pass whatever the faults say */
};

struct tls {
	struct ssl_st *ssl;
	struct tls_context *context;
	struct tls_peer *peer; /* of a client */
	struct tls_gate gate;
	struct tls_seen seen;
	enum handshake_point stall, reset;
	enum tls_hold hold;
	int fd;
	int socket_errno; /* 0: the socket is well */
	uint8_t alert;  /* to answer the ClientHello with; 0: none */
	uint8_t saying; /* it has come to that: stands in our next alert, whatever OpenSSL says */
	bool delays, no_close_notify;
	bool ended;  /* the peer's FIN was read */
	bool failed; /* TLS_FAILED was said */
};

/* tls_bio.c: the socket as OpenSSL sees it, counted. Returns new, or NULL without memory. */
struct bio_st *tls_bio_new(struct tls *tls);

/* Sends of the gate what the faults let pass: TLS_DONE when it is empty. */
enum tls_result tls_gate_drain(struct tls *tls);

/* One more record of ours was written; and these were all of a message of that type. 0: none of
 * the handshake's own. */
void tls_gate_record(struct tls_gate *gate);
void tls_gate_message(struct tls_gate *gate, uint8_t type);

/* tls_watch.c: makes a context fill struct tls_seen and heed the faults. */
void tls_watch_context(struct ssl_ctx_st *ctx);

/* Fills seen->error from what OpenSSL, the peer or the socket said, and empties OpenSSL's queue. */
void tls_watch_failure(struct tls *tls, enum tls_result result);
#endif
