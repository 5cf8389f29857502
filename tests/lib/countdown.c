#include "tests/lib/countdown.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <unistd.h>

static _Thread_local bool armed, failed;
static _Thread_local unsigned left;

void countdown_arm(unsigned call_index)
{
	left = call_index;
	failed = false;
	armed = true;
}

bool countdown_disarm(void)
{
	armed = false;
	return failed;
}

unsigned countdown_open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	if (!folder)
		abort();
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* The error that this call shall fail with, in errno too; 0: it goes well. */
static int due(int error)
{
	if (!armed || left-- > 0)
		return 0;
	armed = false;
	failed = true;
	errno = error;
	return error;
}

/* error, name, parameters, arguments: calls that return an int */
#define CALLS(X)                                                                                  \
	X(EMFILE, socket, (int domain, int type, int protocol), (domain, type, protocol))         \
	X(EADDRINUSE, bind, (int fd, const struct sockaddr *at, socklen_t bytes), (fd, at, bytes)) \
	X(EADDRINUSE, listen, (int fd, int backlog), (fd, backlog))                               \
	X(EMFILE, eventfd, (unsigned count, int flags), (count, flags))                           \
	X(EMFILE, timerfd_create, (clockid_t clock, int flags), (clock, flags))                   \
	X(EMFILE, epoll_create1, (int flags), (flags))                                            \
	X(ENOSPC, epoll_ctl, (int epoll, int what, int fd, struct epoll_event *event),            \
	  (epoll, what, fd, event))                                                               \
	X(EACCES, mkdir, (const char *path, mode_t mode), (path, mode))                           \
	X(EIO, statvfs, (const char *path, struct statvfs *out), (path, out))                     \
	X(EIO, fsync, (int fd), (fd))                                                             \
	X(EIO, fdatasync, (int fd), (fd))                                                         \
	X(EIO, ftruncate64, (int fd, off64_t bytes), (fd, bytes))

#define DEFINE(error, name, parameters, arguments)                   \
	int name parameters                                          \
	{                                                            \
		__typeof__(&name) real = dlsym(RTLD_NEXT, #name);    \
                                                                     \
		return due(error) ? -1 : real arguments;             \
	}
CALLS(DEFINE)

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
	__typeof__(&pwrite64) real = dlsym(RTLD_NEXT, "pwrite64");

	return due(ENOSPC) ? -1 : real(fd, bytes, count, at);
}

/* The descriptor is closed all the same, as Linux does it. */
int close(int fd)
{
	__typeof__(&close) real = dlsym(RTLD_NEXT, "close");
	int result = real(fd);

	return due(EIO) ? -1 : result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
		   void *arg)
{
	__typeof__(&pthread_create) real = dlsym(RTLD_NEXT, "pthread_create");
	int error = due(EAGAIN);

	return error ? error : real(thread, attributes, run, arg);
}

static mode_t mode_of(int flags, va_list *rest)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(*rest, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	__typeof__(&open) real = dlsym(RTLD_NEXT, "open");
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(flags, &rest);
	va_end(rest);
	return due(EMFILE) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	__typeof__(&open64) real = dlsym(RTLD_NEXT, "open64");
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(flags, &rest);
	va_end(rest);
	return due(EMFILE) ? -1 : real(path, flags, mode);
}
