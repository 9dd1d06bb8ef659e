/* The host's services: streams, inbox objects, strips, configuration, time, log.
 *
 * All functions take the host handle of garita_open first. They may be called only inside a driver call and on its
 * thread, but log and now_ns from any thread. No host function calls the driver. Deadlines are monotonic nanoseconds of
 * now_ns; in the past: do not wait. After cancel, waiting functions answer CANCELLED until next has returned CANCELLED.
 * Errors: NULL is allowed for every error parameter.
 */
#ifndef GARITA_HOST_H
#define GARITA_HOST_H

#include "garita/status.h"
#include "garita/value.h"

GARITA_BEGIN_C

/* Kind of a stream, as the manifest declares it */
#define GARITA_STREAM_BYTES 1u     /* tcp, serial, file: partial reads and writes, END */
#define GARITA_STREAM_DATAGRAMS 2u /* udp: one a call */
#define GARITA_STREAM_OBJECTS 3u   /* an inbox of files */

#define GARITA_MAX_WAIT_STREAMS 64u

#define GARITA_LOG_DEBUG 1u
#define GARITA_LOG_INFO 2u
#define GARITA_LOG_WARNING 3u
#define GARITA_LOG_ERROR 4u

/* What this host grants; known in open, valid for as long as the device is open. */
typedef struct garita_limits {
  uint32_t struct_size;
  uint32_t max_event_bytes;
  uint64_t max_strip_bytes;
  uint64_t max_attachment_bytes;
  uint32_t max_held_strips; /* ≥ 8 */
  uint32_t max_held_objects;
  uint32_t max_streams;
  uint32_t max_message_bytes;
} garita_limits;
GARITA_FROZEN(sizeof(garita_limits) == 40);

typedef struct garita_stream_info {
  uint32_t struct_size;
  uint32_t kind; /* GARITA_STREAM_* */
  uint32_t max_datagram_bytes; /* of DATAGRAMS; else 0 */
  uint32_t reserved; /* 0 */
} garita_stream_info;
GARITA_FROZEN(sizeof(garita_stream_info) == 16);

/* size_bytes       Bytes read; of a datagram its full size, also where it did not fit.
 * received_ns      Monotonic arrival time of the last byte read.
 * received_utc_ns  The same moment by the host's wall clock.
 * dropped          Datagrams lost in the host since the last read. */
typedef struct garita_read_info {
  uint32_t struct_size;
  uint32_t size_bytes;
  uint64_t received_ns;
  int64_t received_utc_ns;
  uint64_t dropped;
} garita_read_info;
GARITA_FROZEN(sizeof(garita_read_info) == 32);

/* An inbox object: a file, complete, as a sealed copy. name is valid until the next call of object_next or
 * object_sibling on this device. siblings: how many further files belong to it. */
typedef struct garita_object_info {
  uint32_t struct_size;
  uint32_t siblings;
  uint64_t handle;
  uint64_t size_bytes;
  garita_time modified;
  garita_text name;
  uint8_t sha256[32];
} garita_object_info;
GARITA_FROZEN(sizeof(garita_object_info) == 104);

/* Host-owned memory for pixels, 64-byte aligned; never holds another device's content. */
typedef struct garita_strip_memory {
  uint64_t handle;
  void* data;
  uint64_t capacity_bytes;
} garita_strip_memory;
GARITA_FROZEN(sizeof(garita_strip_memory) == 24);

/* The table. A slot beyond struct_size, or NULL, is not there: check struct_size first. Append only. */
typedef struct garita_host_api {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Opens a stream by the name that the manifest declares; the site's configuration decides what that is.
   * name      Not kept.       info  Out, may be NULL.       stream  Out: a handle, valid until stream_close or close.
   * Blocks    until deadline (a connection is made)
   * Returns   OK, TIMEOUT, CANCELLED, NOT_CONFIGURED, NOT_SUPPORTED, HOST_LIMIT, DEVICE_LOST, WRONG_STATE (it is open)
   * Since     1.0      Rules  STR-OPEN-* */
  garita_status(GARITA_CALL* stream_open)(uint64_t host, garita_text name, uint64_t deadline_ns,
                                          garita_stream_info* info, uint64_t* stream, garita_error* error);

  /* Reads what is there: 1 … capacity_bytes of BYTES, one datagram of DATAGRAMS.
   * data      Of the caller, capacity_bytes.       info  Out; its struct_size set by the caller.
   * Blocks    until at least one byte or datagram is there, or deadline
   * Returns   OK, TIMEOUT, CANCELLED, END, DEVICE_LOST (reset: close and open again), STALE_HANDLE,
   *           BUFFER_TOO_SMALL (the datagram is gone, info->size_bytes is its size)
   * Since     1.0      Rules  STR-READ-* */
  garita_status(GARITA_CALL* stream_read)(uint64_t host, uint64_t stream, void* data, uint32_t capacity_bytes,
                                          uint64_t deadline_ns, garita_read_info* info, garita_error* error);

  /* Writes up to size_bytes; a datagram whole or not at all.
   * written_bytes  Out: how many were taken, also where the answer is not OK.
   * Blocks    until all is written, or deadline
   * Returns   OK (all), TIMEOUT (some), CANCELLED, DEVICE_LOST, STALE_HANDLE, NOT_SUPPORTED (read-only)
   * Since     1.0      Rules  STR-WRITE-* */
  garita_status(GARITA_CALL* stream_write)(uint64_t host, uint64_t stream, const void* data, uint32_t size_bytes,
                                           uint64_t deadline_ns, uint32_t* written_bytes, garita_error* error);

  /* Waits until one of several streams has something: bytes, a datagram, an object, END or a loss.
   * streams   count ≤ 64 handles.
   * ready_bits  Out: bit i for streams[i].
   * oldest_received_ns  Out, count elements, may be NULL: arrival of the oldest unread byte, datagram or object of each
   *           ready stream, else 0. Take streams in this order: ready bits alone lose it.
   * Returns   OK, TIMEOUT, CANCELLED, STALE_HANDLE, INVALID_ARGUMENT
   * Since     1.0      Rules  STR-WAIT-* */
  garita_status(GARITA_CALL* stream_wait)(uint64_t host, const uint64_t* streams, uint32_t count, uint64_t deadline_ns,
                                          uint64_t* ready_bits, uint64_t* oldest_received_ns, garita_error* error);

  /* Closes a stream; its handle is stale from now on.      Returns  OK, STALE_HANDLE */
  garita_status(GARITA_CALL* stream_close)(uint64_t host, uint64_t stream, garita_error* error);

  /* Waits for the next complete object of an OBJECTS stream. The handle is valid until object_done, object_reject or
   * close. An object neither done nor rejected at close comes again at the next open.
   * Returns   OK, TIMEOUT, CANCELLED, END (`--until-empty`: no more), HOST_LIMIT (max_held_objects), STALE_HANDLE */
  garita_status(GARITA_CALL* object_next)(uint64_t host, uint64_t stream, uint64_t deadline_ns,
                                          garita_object_info* info, garita_error* error);

  /* A file that belongs to the object, by its name without path. Does not wait.
   * Returns   OK, NOT_CONFIGURED (no such sibling), STALE_HANDLE, HOST_LIMIT */
  garita_status(GARITA_CALL* object_sibling)(uint64_t host, uint64_t object, garita_text name,
                                             garita_object_info* info, garita_error* error);

  /* Reads at an offset; read_bytes < capacity_bytes only at the object's end. Does not wait.
   * Returns   OK, INVALID_ARGUMENT (offset behind the end), STALE_HANDLE */
  garita_status(GARITA_CALL* object_read_at)(uint64_t host, uint64_t object, uint64_t offset, void* data,
                                             uint32_t capacity_bytes, uint32_t* read_bytes, garita_error* error);

  /* All scans from this object are begun: the host consumes it when each is durable, refused or a known duplicate.
   * Returns   OK, STALE_HANDLE */
  garita_status(GARITA_CALL* object_done)(uint64_t host, uint64_t object, garita_error* error);

  /* This object is not a scan that this driver can read.
   * reason    In: its code and message are kept as the refusal's reason.       Returns  OK, STALE_HANDLE */
  garita_status(GARITA_CALL* object_reject)(uint64_t host, uint64_t object, const garita_error* reason,
                                            garita_error* error);

  /* Takes count strips of at least size_bytes each: all or nothing.
   * memories  Out, count elements. They may be held across calls, up to max_held_strips in all.
   * Blocks    while the pool is empty, until deadline: that is the back-pressure
   * Returns   OK, TIMEOUT, CANCELLED, HOST_LIMIT (size or count above the limits), INVALID_ARGUMENT */
  garita_status(GARITA_CALL* strip_alloc)(uint64_t host, uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                                          garita_strip_memory* memories, garita_error* error);

  /* Gives back a strip that was not delivered.      Returns  OK, STALE_HANDLE */
  garita_status(GARITA_CALL* strip_discard)(uint64_t host, uint64_t strip, garita_error* error);

  /* Monotonic nanoseconds. Under replay a virtual clock that advances only while the driver waits for input; time
   * stamps come from received_ns, not from here.      Thread  any */
  uint64_t(GARITA_CALL* now_ns)(uint64_t host);

  /* One line for the vendor's eyes; level GARITA_LOG_*; cut at 4096 bytes, capped in number.      Thread  any */
  void(GARITA_CALL* log)(uint64_t host, uint32_t level, garita_text text);

  /* The value of a configuration key that the manifest declares, or its default. All of it is known in open; its text
   * lives until close.      Returns  OK, NOT_CONFIGURED (no value and no default), NOT_SUPPORTED (not declared) */
  garita_status(GARITA_CALL* config_get)(uint64_t host, garita_text key, garita_value* value, garita_error* error);

  /* Converts text of an IANA charset ("GB18030") to UTF-8. Does not wait.
   * needed_bytes  Out: size of the whole result.
   * Returns   OK, BUFFER_TOO_SMALL, NOT_SUPPORTED (charset), DATA_CORRUPT (not text in that charset) */
  garita_status(GARITA_CALL* text_to_utf8)(uint64_t host, garita_text encoding, const void* data, uint32_t size_bytes,
                                           char* out, uint32_t capacity_bytes, uint32_t* needed_bytes,
                                           garita_error* error);

  /* A host extension's table by id and revision ("garita.message/1"): static, valid for ever.
   * Returns   OK, NOT_SUPPORTED */
  garita_status(GARITA_CALL* extension)(uint64_t host, garita_text id, const void** table, garita_error* error);
} garita_host_api;
GARITA_FROZEN(sizeof(garita_host_api) == 8 + 17 * 8);
GARITA_FROZEN(offsetof(garita_host_api, object_next) == 48 && offsetof(garita_host_api, now_ns) == 104);

GARITA_END_C

#endif
