/* Status codes: what a call answers, and whose move it is.
 *
 * The hundred of a code is its class, and the host acts by class:
 *
 *   0–99     flow      go on; no error text
 *   100–199  host      the host could not or would not: the worker is restarted
 *   200–299  driver    the caller or the driver is at fault: the worker is restarted
 *   300–399  device    the instrument: the device is closed and opened again with back-off
 *   400–499  data      the data: the scan is INCOMPLETE or the inbox object rejected; the device goes on
 *   >= 0x80000000      a vendor's own: handled as device
 *
 * An unknown code is handled by its hundred. An error says that this call failed; a HEALTH event says what the
 * instrument reports about itself while the conversation works.
 */
#ifndef GARITA_STATUS_H
#define GARITA_STATUS_H

#include "garita/abi.h"

typedef uint32_t garita_status;

/* flow */
#define GARITA_OK 0u
#define GARITA_TIMEOUT 1u   /* nothing until the deadline */
#define GARITA_CANCELLED 2u /* cancel() was called */
#define GARITA_END 3u       /* no event will ever come: a file, a connection, a replay or an inbox has ended */
#define GARITA_WORKING 4u   /* still computing; call again */

/* host */
#define GARITA_NOT_SUPPORTED 100u    /* this side does not have that */
#define GARITA_NOT_CONFIGURED 101u   /* the site's configuration does not name it */
#define GARITA_HOST_LIMIT 102u       /* more than the host grants */
#define GARITA_HOST_FAILURE 103u     /* the host itself failed */
#define GARITA_BUFFER_TOO_SMALL 104u /* the datagram or text does not fit into the capacity given */

/* driver */
#define GARITA_INVALID_ARGUMENT 200u
#define GARITA_WRONG_STATE 201u
#define GARITA_STALE_HANDLE 202u
#define GARITA_DRIVER_FAULT 203u
#define GARITA_OUT_OF_MEMORY 204u
#define GARITA_VERSION_MISMATCH 205u
#define GARITA_UNKNOWN_MODEL 206u

/* device */
#define GARITA_NOT_READY 300u
#define GARITA_WARMING_UP 301u
#define GARITA_DEVICE_LOST 302u    /* the connection broke; the driver may open the stream again */
#define GARITA_DEVICE_FAULT 303u   /* the instrument says that it is broken */
#define GARITA_PROTOCOL_ERROR 304u /* the instrument said something that its protocol does not have */

/* data */
#define GARITA_DATA_CORRUPT 400u
#define GARITA_DATA_TRUNCATED 401u
#define GARITA_DATA_UNSUPPORTED 402u

#define GARITA_VENDOR_STATUS 0x80000000u /* first of the vendors' own range */

#define GARITA_ERROR_MESSAGE_BYTES 480

/* Why a call failed.
 *
 * The caller owns the struct, sets struct_size and passes it (or NULL). The callee fills it when it answers anything
 * but a flow status and leaves it untouched otherwise.
 *
 * code         The status that the call answers.
 * vendor_code  The vendor's own number, 0 where there is none.
 * retryable    1: the same call may succeed later without a change of configuration.
 * message      One UTF-8 sentence that names the thing at fault; always NUL-terminated, cut at a code point.
 */
typedef struct garita_error {
  uint32_t struct_size;
  uint32_t code;
  uint32_t vendor_code;
  uint32_t retryable;
  char message[GARITA_ERROR_MESSAGE_BYTES];
} garita_error;
GARITA_FROZEN(sizeof(garita_error) == 496);

#endif
