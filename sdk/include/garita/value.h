/* Values: texts, arrays, times and typed attributes. Frozen for ever; they carry no struct_size.
 *
 * Ownership: whoever hands a value over owns what it points to. What a driver hands over stays valid until the next
 * call on this device (every call counts but cancel); what the host hands over stays valid as its call says.
 */
#ifndef GARITA_VALUE_H
#define GARITA_VALUE_H

#include <stddef.h>

#include "garita/abi.h"

/* UTF-8 text of size_bytes bytes. No NUL inside, none needed behind. data may be NULL where size_bytes is 0. */
typedef struct garita_text {
  const char* data;
  uint32_t size_bytes;
  uint32_t reserved; /* 0 */
} garita_text;
GARITA_FROZEN(sizeof(garita_text) == 16 && offsetof(garita_text, size_bytes) == 8);

/* count elements of element_size_bytes each. The reader steps by element_size_bytes and reads min(its own, that):
 * elements grow at the end. data may be NULL where count is 0. */
typedef struct garita_array {
  const void* data;
  uint32_t count;
  uint32_t element_size_bytes;
} garita_array;
GARITA_FROZEN(sizeof(garita_array) == 16 && offsetof(garita_array, element_size_bytes) == 12);

#define GARITA_UTC_UNKNOWN INT64_MIN
#define GARITA_OFFSET_UNKNOWN INT32_MIN

/* Where a time came from. */
#define GARITA_TIME_UNKNOWN 0u
#define GARITA_TIME_DEVICE 1u /* the device's own clock */
#define GARITA_TIME_HOST 2u   /* the arrival of the bytes, by the host's clock */
#define GARITA_TIME_FILE 3u   /* written in a file */

/* A moment.
 *
 * utc_ns          Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds; GARITA_UTC_UNKNOWN where unknown.
 * uncertainty_ns  Half-width of the interval the true time lies in; 0: not stated.
 * received_ns     Host monotonic clock at which the bytes that state it arrived (garita_read_info); 0: not known.
 * offset_s        Local zone in seconds east of UTC; GARITA_OFFSET_UNKNOWN where unknown.
 * source          GARITA_TIME_*.
 */
typedef struct garita_time {
  int64_t utc_ns;
  int64_t uncertainty_ns;
  uint64_t received_ns;
  int32_t offset_s;
  uint32_t source;
} garita_time;
GARITA_FROZEN(sizeof(garita_time) == 32 && offsetof(garita_time, offset_s) == 24);

/* Type of a garita_value. Unknown ones are kept out and counted. */
#define GARITA_VALUE_NONE 0u
#define GARITA_VALUE_TEXT 1u  /* text */
#define GARITA_VALUE_I64 2u   /* integer */
#define GARITA_VALUE_F64 3u   /* real */
#define GARITA_VALUE_BOOL 4u  /* integer, 0 or 1 */
#define GARITA_VALUE_TIME 5u  /* integer: utc_ns as in garita_time */
#define GARITA_VALUE_BYTES 6u /* text: any bytes */

typedef struct garita_value {
  uint32_t type;
  uint32_t reserved; /* 0 */
  int64_t integer;
  double real;
  garita_text text;
} garita_value;
GARITA_FROZEN(sizeof(garita_value) == 40 && offsetof(garita_value, text) == 24);

#define GARITA_MAX_KEY_BYTES 256u
#define GARITA_MAX_VALUE_BYTES 65536u
#define GARITA_MAX_ATTRIBUTES 4096u

/* One typed key/value pair of metadata.
 *
 * key    The path of a field of the record (`conveyance.containers[0].number`), or `com.vendor.…` for a vendor's own.
 *        An unknown key of ours is kept as unrecognized; a value of wrong type, range, format or check digit is kept
 *        verbatim and flagged suspect. Metadata is never a reason to lose a scan.
 * value  Enum fields by the name of their value, as TEXT.
 */
typedef struct garita_attribute {
  garita_text key;
  garita_value value;
} garita_attribute;
GARITA_FROZEN(sizeof(garita_attribute) == 56);

#endif
