/* How a simulated receiver shakes hands over TLS: plain data that rows of the TLS layer change and
 * net/ carries out; and what net/ saw of it, which the same rows judge. Not here: TLS itself
 * (net/tls.h). sim/ knows no TLS. */
#ifndef HP_RECEIVERS_HANDSHAKE_H
#define HP_RECEIVERS_HANDSHAKE_H
#include <stdbool.h>
#include <stdint.h>

/* X(NAME, slug, what): certificates that a receiver can show. */
#define HANDSHAKE_CERTIFICATES(X)                                                                 \
	X(GOOD, "good", "valid for the receiver's names")                                         \
	X(EXPIRED, "cert-expired", "its time is over")                                            \
	X(NOT_YET_VALID, "cert-not-yet-valid", "its time has not come")                           \
	X(WRONG_NAME, "cert-wrong-name", "made out to another name")                              \
	X(NO_SAN, "cert-no-san", "the name stands in CN only")                                    \
	X(NUL_NAME, "cert-nul-name", "a NUL inside the name")                                     \
	X(SELF_SIGNED, "cert-self-signed", "signed by itself")                                    \
	X(UNKNOWN_ROOT, "cert-unknown-root", "signed by a root that nobody knows")                \
	X(NO_INTERMEDIATE, "cert-no-intermediate", "the chain lacks its middle")                  \
	X(CLIENT_EKU, "cert-client-eku", "made for clients only")

enum handshake_certificate {
#define X(name, slug, what) HANDSHAKE_##name,
	HANDSHAKE_CERTIFICATES(X)
#undef X
	HANDSHAKE_CERTIFICATE_COUNT
};

enum handshake_point { /* a moment of the handshake at which something happens */
	HANDSHAKE_NOWHERE,
	HANDSHAKE_AT_HELLO,       /* the ClientHello is read, nothing is sent */
	HANDSHAKE_AT_CERTIFICATE, /* the ServerHello is out, no certificate */
	HANDSHAKE_AT_FINISHED,    /* all but our Finished */
};

enum { HANDSHAKE_STRUCK_MAX = 16 }; /* behaviours of one receiver */

struct handshake_struck { /* numbers of a row that changed it (behaviour.h) */
	uint8_t behaviour; /* in the receiver's list */
	uint8_t fault;     /* held by it, or the same */
};

struct handshake {
	struct handshake_struck struck[HANDSHAKE_STRUCK_MAX]; /* without a record so far */
	unsigned struck_count;
	uint64_t planned_ns;         /* the moment of the accept */
	uint64_t connection;         /* number of it, from 1 */
	enum handshake_certificate certificate;
	uint64_t by_s;               /* how far EXPIRED and NOT_YET_VALID are off */
	enum handshake_point stall;  /* nothing more from there on */
	uint64_t stall_ns;           /* then the connection is closed; HP_NEVER: never */
	enum handshake_point reset;  /* RST there */
	uint64_t delay_ns;           /* before each flight of ours */
	uint8_t alert;               /* fatal alert instead of the ServerHello; 0: none */
	uint32_t garbage_bytes;      /* random bytes instead of the ServerHello; 0: none */
	bool plain;                  /* HTTP in clear on the TLS port */
	bool no_close_notify;        /* FIN without it */
	bool client_certificate_asked, client_certificate_required;
	uint16_t version_min, version_max; /* 0x0301..0x0304; 0: 1.2 and 1.3 */
	const char *cipher;          /* one only; NULL: any; borrowed from the row's part */
	const char *second_name;     /* a second certificate by SNI; NULL: none */
	bool no_resume;              /* tickets refused: every handshake is full */
};

/* What the wire showed, when the first request begins or when the connection is over. */
struct handshake_seen {
	uint64_t now_ns;
	uint64_t acted_ns;      /* a fault held the handshake, or it ended; HP_NEVER: neither */
	uint64_t read_bytes;    /* of a request, in clear */
	uint64_t written_bytes; /* on the wire */
	uint64_t unacked_bytes; /* of those; HP_NEVER: not known */
	uint8_t peer;           /* how it left, enum record_peer */
	bool over;              /* the connection is */
	bool failed;            /* this receiver could not shake hands like that */
	bool stalled, reset, delayed; /* it came to that */
	bool garbage_out;             /* the random bytes went out */
	bool hello_out, certificate_out, asked_out; /* ServerHello, Certificate and
						     * CertificateRequest of ours */
	bool alert_in;          /* a fatal one of the peer's */
	uint8_t alert_out;      /* a fatal one of ours; 0: none */
	bool ready, resumed;    /* both sides have finished */
	bool bare_out;          /* our FIN without a close_notify before it */
	const char *name;       /* that the client asked for; "": none */
};
#endif
