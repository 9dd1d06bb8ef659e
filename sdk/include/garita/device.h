/* A device: one instrument, opened. */
#ifndef GARITA_DEVICE_H
#define GARITA_DEVICE_H

#include "garita/event.h"
#include "garita/host.h"

GARITA_BEGIN_C

/* The table of an open device; static, the handle is its first argument. Slots may be NULL only for extension.
 * Append only. */
typedef struct garita_device_api {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Waits for the next event of this device.
   *
   * event     Out. The driver fills kind and body; body and all it points to stay valid until the next call on this
   *           device (cancel does not count).
   * deadline_ns  Monotonic ns of host->now_ns. In the past: do not wait. Earlier deadlines than the last one's may
   *           come: the host reads ahead.
   *
   * Thread    [device]      one call at a time per device
   * State     OPEN -> OPEN; after SCAN_END the device is ready for the next scan
   * Blocks    until deadline, at most 100 ms longer (decode_ms for one uninterruptible step)
   * Returns   OK, TIMEOUT, WORKING, CANCELLED, END, DEVICE_LOST, PROTOCOL_ERROR, DATA_*
   * Since     1.0
   * Rules     DEV-NEXT-* */
  garita_status(GARITA_CALL* next)(uint64_t device, uint64_t deadline_ns, garita_event* event, garita_error* error);

  /* Ends what is under way: sets a flag, never waits, calls no host function but log. next then answers CANCELLED once;
   * the call after that gives SCAN_END(aborted) if a scan was begun, and the driver skips to the next scan's start.
   *
   * Thread    any, also while next runs
   * Returns   OK
   * Since     1.0
   * Rules     DEV-CANCEL-* */
  garita_status(GARITA_CALL* cancel)(uint64_t device);

  /* Gives everything back. Strips not delivered, streams and objects are taken back by the host.
   *
   * Thread    [device]
   * State     OPEN -> CLOSED, whatever it answers; the handle is stale from now on
   * Blocks    until deadline
   * Returns   OK
   * Since     1.0
   * Rules     DEV-CLOSE-* */
  garita_status(GARITA_CALL* close)(uint64_t device, uint64_t deadline_ns, garita_error* error);

  /* The driver's table for an extension ("garita.stored/1"): static, valid for ever.
   *
   * Thread    [device]      Returns  OK, NOT_SUPPORTED      Since  1.0 */
  garita_status(GARITA_CALL* extension)(uint64_t device, garita_text id, const void** table, garita_error* error);
} garita_device_api;
GARITA_FROZEN(sizeof(garita_device_api) == 40);

/* What open is given; valid until open returns, but host, host_handle and limits, which live until close.
 *
 * host, host_handle  The services and their first argument.
 * model              One of the manifest's models; empty: the driver finds out.
 * instance           The site's name for this instrument, for log texts.
 * deadline_ns        Of the whole open. */
typedef struct garita_open {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  const garita_host_api* host;
  uint64_t host_handle;
  const garita_limits* limits;
  garita_text model;
  garita_text instance;
  uint64_t deadline_ns;
} garita_open;
GARITA_FROZEN(sizeof(garita_open) == 72);

/* What open gives: handle is u64 with a generation, never a pointer that the other side follows. */
typedef struct garita_device {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  uint64_t handle;
  const garita_device_api* api;
} garita_device;
GARITA_FROZEN(sizeof(garita_device) == 24);

GARITA_END_C

#endif
