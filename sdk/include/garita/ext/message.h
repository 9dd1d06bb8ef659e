/* Extension garita.message/1: bytes in, bytes out, for what a vendor needs beyond this ABI.
 *
 * Both sides may offer it: the driver's table takes the device handle, the host's the host handle. Ids are reverse DNS.
 * Every message is logged. */
#ifndef GARITA_EXT_MESSAGE_H
#define GARITA_EXT_MESSAGE_H

#include "garita/status.h"
#include "garita/value.h"

GARITA_BEGIN_C

#define GARITA_MESSAGE_1 "garita.message/1"
#define GARITA_MAX_MESSAGE_BYTES 65536u

typedef struct garita_message_1 {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Sends one message and takes its answer.
   *
   * handle      The device's, or the host's.
   * id          Reverse DNS: "com.acme.self-test".
   * data        size_bytes ≤ 64 KiB; not kept.
   * out         Of the caller; capacity_bytes is always 64 KiB.
   * out_bytes   Out: size of the answer.
   *
   * Thread    [device]
   * Blocks    until deadline_ns
   * Returns   OK, TIMEOUT, CANCELLED, NOT_SUPPORTED (id), BUFFER_TOO_SMALL, INVALID_ARGUMENT, device class
   * Since     1.0 */
  garita_status(GARITA_CALL* call)(uint64_t handle, garita_text id, const void* data, uint32_t size_bytes,
                                   uint64_t deadline_ns, void* out, uint32_t capacity_bytes, uint32_t* out_bytes,
                                   garita_error* error);
} garita_message_1;
GARITA_FROZEN(sizeof(garita_message_1) == 16);

GARITA_END_C

#endif
