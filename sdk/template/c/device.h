/* One open device: what entry.c opens and closes, and driver.c moves along. */
#ifndef DEVICE_H
#define DEVICE_H

#include <string.h>

#include "garita/garita.h"
#include "wire.h"

enum { ROWS_PER_STRIP = 64 };

struct device {
  /* entry.c's */
  uint32_t taken; /* claimed by open() on any thread */
  uint32_t generation;
  uint64_t handle;    /* 0: not open */
  uint32_t cancelled; /* set by cancel() on any thread */
  const garita_host_api* host;
  uint64_t host_handle;
  uint64_t stream;
  uint32_t energy_kev; /* configuration */

  /* What came and is not handled yet: a TIMEOUT loses none of it. */
  uint8_t buffer[WIRE_MAX_FRAME_BYTES];
  size_t filled;
  garita_read_info read; /* the last one */
  uint32_t damaged;      /* told already, and no good frame since */
  uint32_t ended;        /* the stream has */

  /* The scan in hand, by what was read (in_scan) and by what was delivered (begun). */
  uint32_t in_scan, begun;
  uint32_t columns, rows, lines;
  uint16_t last_counter;
  uint64_t line_index[ROWS_PER_STRIP];
  uint64_t next_index;
  garita_strip_memory strip; /* handle 0: none */
  uint32_t strip_rows;       /* of them written */
  garita_time strip_time;

  /* What is due to be delivered, in this order. */
  uint32_t rows_due, end_due, health_due, calibrations_due, begin_due;
  uint32_t calibration_columns;
  uint32_t calibration_counts[2][WIRE_MAX_COLUMNS]; /* dark, air; 1/256 counts */
  uint64_t calibration_id;

  /* Bodies of events: valid until the next call. */
  garita_scan_begin begin;
  garita_view view;
  garita_channel channel;
  garita_attribute attributes[2];
  char key[WIRE_MAX_KEY_BYTES], plate[WIRE_MAX_PLATE_BYTES];
  garita_calibration calibration;
  garita_strip rows_event;
  garita_scan_end end;
  garita_total total;
  garita_health health;
  char health_text[WIRE_MAX_PAYLOAD_BYTES];
};

static inline garita_text text_of(const char* data, uint32_t size_bytes) {
  garita_text text = {data, size_bytes, 0};
  return text;
}
static inline garita_text text(const char* words) { return text_of(words, (uint32_t)strlen(words)); }

/* Fills the caller's error, and answers the status. */
static inline garita_status fail(garita_error* error, garita_status status, const char* message) {
  if (error != NULL && error->struct_size >= sizeof(*error)) {
    error->code = status;
    error->vendor_code = 0;
    error->retryable = 0;
    strncpy(error->message, message, sizeof(error->message) - 1);
    error->message[sizeof(error->message) - 1] = '\0';
  }
  return status;
}

/* driver.c: one event, or the reason why there is none. */
garita_status device_step(struct device* d, uint64_t deadline_ns, garita_event* event, garita_error* error);

#endif
