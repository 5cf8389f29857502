/* The port: what the engine needs of the world. net/ implements it with sockets and the kernel's
 * clocks, sim/ with virtual time and a simulated network; the engine knows neither.
 * One port per worker; everything happens on that worker's loop. Every completion comes exactly
 * once, from the loop, never from inside the call that asked for it. Randomness needs no call: it
 * is a function of the plan's seed (base/random.h). */
#ifndef HP_ENGINE_PORT_H
#define HP_ENGINE_PORT_H
#include <stdint.h>

#include "base/view.h"

struct port;      /* the implementation's; first member of its struct is the ops pointer */
struct port_conn; /* one connection, the implementation's */

struct port_address {
	uint8_t family; /* 4 or 6 */
	uint16_t number; /* TCP port, host order */
	uint8_t ip[16];  /* network order; IPv4 in the first four */
};

struct port_target { /* where a connection goes, and how it is secured */
	struct port_address address;
	uint32_t endpoint_index; /* of the plan: the implementation knows its TLS settings */
	bool tls;
};

enum port_end { /* why a connection ended, or never was */
	PORT_END_CLOSED,      /* the peer's FIN; over TLS behind its close_notify */
	PORT_END_RESET,       /* RST, or any error after connecting */
	PORT_END_REFUSED,     /* RST to our SYN */
	PORT_END_UNREACHABLE, /* no route, host down */
	PORT_END_NO_PORTS,    /* ours: out of ports or descriptors */
	PORT_END_CUT,         /* over TLS: the peer's FIN alone, what came may not be all */
	PORT_END_TLS,         /* the handshake failed: on_handshake said why */
};

struct port_handshake { /* how a TLS handshake ended */
	uint64_t took_ns; /* from the moment at which TCP was connected */
	bool resumed;
	const char *failed; /* why, one line; NULL: it went well. Borrowed for the call */
};

/* What the port tells the user of a connection. `user` is what open() was given. The user may
 * send and close from inside; after a close it hears nothing more of that connection. */
struct port_user {
	void (*on_open)(void *user);
	void (*on_bytes)(void *user, const char *buf, size_t bytes); /* borrowed for the call */
	void (*on_end)(void *user, enum port_end why); /* the connection is gone; do not close it */

	/* Over TLS, once, right before on_open or the on_end that says PORT_END_TLS. The user does
	 * nothing to the connection from inside. */
	void (*on_handshake)(void *user, const struct port_handshake *handshake);
};

struct port_ops {
	uint64_t (*now_ns)(struct port *port);  /* monotonic, from the run's start */
	uint64_t (*wall_ns)(struct port *port); /* since 1970: only for what goes on the wire */

	/* Asks for a connection; over TLS it is open when the handshake is over. Returns it at
	 * once; on_open or on_end follows. Never NULL. */
	struct port_conn *(*open)(struct port *port, const struct port_target *target, void *user);

	/* Sends all of the bytes: what the kernel does not take now is copied and follows. True
	 * when the kernel took the first byte now. Only after on_open. */
	bool (*send)(struct port_conn *conn, struct hp_view bytes);

	/* Ends the connection; the user hears nothing more. Safe inside callbacks. */
	void (*close)(struct port_conn *conn);

	/* on_timer of the engine is due at this moment; replaces the last one; HP_NEVER: none. */
	void (*timer)(struct port *port, uint64_t at_ns);
};

struct port {
	const struct port_ops *ops;
	const struct port_user *user;     /* set by the engine */
	void (*on_timer)(void *engine);   /* set by the engine: the asked moment has come */
	void *engine;
};
#endif
