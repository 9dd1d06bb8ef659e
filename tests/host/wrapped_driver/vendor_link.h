/* A vendor's closed library, as it were: it opens its own sockets and knows nothing of any host. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A connection to a scanner by TCP, and the request for its scans; -1 and errno where there is none. */
int vendor_open(const char* address, uint16_t port, int timeout_ms);
/* 1 … size bytes; 0: the end; -1: none came in time, or errno says why. */
ssize_t vendor_read(int link, void* data, size_t size, int timeout_ms);
void vendor_close(int link);

#ifdef __cplusplus
}
#endif
