#include "net/tcp_evidence.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/span.h"

uint64_t tcp_unacked_bytes(int fd, uint64_t written_bytes)
{
	struct tcp_info info;
	socklen_t bytes = sizeof(info);

	if (written_bytes == 0)
		return 0;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &bytes) < 0 ||
	    bytes < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(info.tcpi_bytes_acked))
		return HP_NEVER;
	return info.tcpi_bytes_acked < written_bytes ? written_bytes - info.tcpi_bytes_acked : 0;
}
