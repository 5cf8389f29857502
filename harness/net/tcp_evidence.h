/* What this kernel knows of a TCP connection's fate (TCP_INFO, Linux 4.1): the proof that a peer's
 * kernel has what we wrote. A write that returned proves nothing. */
#ifndef HP_NET_TCP_EVIDENCE_H
#define HP_NET_TCP_EVIDENCE_H
#include <stdint.h>

/* Of written_bytes that this end wrote, how many the peer's kernel has not acknowledged; HP_NEVER
 * when the kernel does not say. Our FIN counts for nothing. Good also after a reset. */
uint64_t tcp_unacked_bytes(int fd, uint64_t written_bytes);
#endif
