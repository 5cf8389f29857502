/* What the bench programs share: one epoll loop, blocking-free sockets on loopback, and the count
 * of whole messages in a stream whose lengths are known. Nothing of hookproof is used here: these
 * are the yardsticks. */
#ifndef HP_BENCH_BENCH_H
#define HP_BENCH_BENCH_H
#include <stddef.h>
#include <stdint.h>

/* Ends the program with the system's reason. */
void bench_die(const char *what) __attribute__((noreturn));

/* A listening socket on 127.0.0.1; port 0: any. Prints "port N" on stdout. */
int bench_listen(unsigned port);

/* A connected, non-blocking socket to 127.0.0.1:port, Nagle off. */
int bench_connect(unsigned port);

/* Makes it non-blocking with Nagle off. */
void bench_prepare(int fd);

/* User and system time of this process so far. */
uint64_t bench_cpu_ns(void);
uint64_t bench_now_ns(void);
#endif
