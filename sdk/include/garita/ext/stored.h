/* Extension garita.stored/1 (driver side): the host says what became of a scan, so that the driver can acknowledge to
 * its device. */
#ifndef GARITA_EXT_STORED_H
#define GARITA_EXT_STORED_H

#include "garita/status.h"
#include "garita/value.h"

GARITA_BEGIN_C

#define GARITA_STORED_1 "garita.stored/1"

#define GARITA_STORED_DURABLE 1u   /* on disk */
#define GARITA_STORED_DUPLICATE 2u /* it was there before */
#define GARITA_STORED_DROPPED 3u   /* by policy */
#define GARITA_STORED_NOT 4u       /* could not be stored */

typedef struct garita_stored_1 {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Called between two calls of next, in the order of SCAN_ENDs, at most once per scan per process. May write to a
   * stream.
   *
   * scan_key  As SCAN_BEGIN had it, or the host's own where that was empty.
   * outcome   GARITA_STORED_*.
   *
   * Thread    [device]
   * Blocks    until deadline_ns
   * Returns   OK; anything else is logged and changes nothing
   * Since     1.0 */
  garita_status(GARITA_CALL* stored)(uint64_t device, garita_text scan_key, uint32_t outcome, uint64_t deadline_ns,
                                     garita_error* error);
} garita_stored_1;
GARITA_FROZEN(sizeof(garita_stored_1) == 16);

GARITA_END_C

#endif
