/* A whole driver in C99, without any dependency but the headers. See README.md.
 *
 * The device speaks the smallest raw format there is, little-endian, scan after scan:
 *
 *   offset             bytes        what
 *   0                  4            "GMIN"
 *   4                  2            columns, 1 ... 4096
 *   6                  2            rows, 1 ... 65535
 *   8                  2 columns    dark line: counts with the beam off
 *   8 + 2 columns      2 columns    air line: counts with nothing in the beam
 *   8 + 4 columns      2 columns    each row: counts
 */
#include <string.h>

#include "garita/garita.h"

enum { HEADER_BYTES = 8, MAX_COLUMNS = 4096, ROWS_PER_STRIP = 64, MAX_DEVICES = 8 };

/* What next() does now. Calibrations and the beginning come before the rows; SKIP follows a cancel. */
enum step { READ_HEADER, READ_DARK, READ_AIR, BEGIN, READ_ROWS, END_SCAN, SKIP, ENDED };

/* Where the bytes come from: the stream, or a scan in memory where the site configures no stream. */
static const uint8_t simulated[] = {'G',  'M', 'I',  'N', 4,    0, 3,    0, /* 4 columns, 3 rows */
                                    100,  0,   100,  0,   100,  0, 100,  0, /* dark: 100 */
                                    0xE8, 3,   0xE8, 3,   0xE8, 3, 0xE8, 3, /* air: 1000 */
                                    0xE8, 3,   0xE8, 3,   0xE8, 3, 0xE8, 3, /* nothing in the beam */
                                    0xE8, 3,   0x26, 2,   0x26, 2, 0xE8, 3, /* half of it goes through */
                                    0xE8, 3,   0xE8, 3,   0xE8, 3, 0xE8, 3};

struct device {
  uint32_t taken; /* claimed by open() on any thread */
  uint32_t generation;
  uint64_t handle;    /* 0: not open */
  uint32_t cancelled; /* set by cancel() on any thread */
  const garita_host_api* host;
  uint64_t host_handle;
  uint64_t stream; /* 0: the simulated scan */
  uint32_t simulated_read;
  int64_t pitch_um;

  enum step step;
  uint8_t buffer[MAX_COLUMNS * 2]; /* header or calibration line while it comes in */
  garita_strip_memory strip;       /* handle 0: none */
  uint64_t filled;                 /* bytes of the buffer or strip that are there: a TIMEOUT loses none */
  uint32_t columns, rows, rows_done;
  uint64_t skip_bytes;
  uint32_t outcome, outcome_code;

  /* Bodies of the event last given: valid until the next call. */
  garita_scan_begin begin;
  garita_calibration calibration;
  garita_strip rows_event;
  garita_scan_end end;
  garita_view view;
  garita_channel channel;
  garita_total total;
};
static struct device devices[MAX_DEVICES];

static garita_text text(const char* words) {
  garita_text result = {words, (uint32_t)strlen(words), 0};
  return result;
}

static garita_status fail(garita_error* error, garita_status status, const char* message) {
  if (error != NULL && error->struct_size >= sizeof(*error)) {
    error->code = status;
    error->vendor_code = 0;
    error->retryable = 0;
    strncpy(error->message, message, sizeof(error->message) - 1);
    error->message[sizeof(error->message) - 1] = '\0';
  }
  return status;
}

/* A handle is a slot and its generation, so that one that was closed is never taken for a new one. */
static struct device* device_of(uint64_t handle) {
  const uint64_t slot = (handle & 0xFFFFFFFFu) - 1;
  return slot < MAX_DEVICES && devices[slot].handle == handle ? &devices[slot] : NULL;
}

static uint32_t row_bytes(const struct device* d) { return d->columns * 2; }
static uint32_t number(const uint8_t* at) { return (uint32_t)at[0] | (uint32_t)at[1] << 8; }

/* Reads until `size` bytes lie in `into`, `d->filled` of them from before. Not OK: what came stays counted.
 */
static garita_status fill(struct device* d, uint8_t* into, uint64_t size, uint64_t deadline_ns,
                          garita_error* error) {
  while (d->filled < size) {
    uint64_t room = size - d->filled;
    if (d->stream == 0) {
      const uint64_t left = sizeof(simulated) - d->simulated_read;
      if (left == 0) return GARITA_END;
      if (room > left) room = left;
      memcpy(into + d->filled, simulated + d->simulated_read, room);
      d->simulated_read += (uint32_t)room;
      d->filled += room;
    } else {
      garita_read_info info = {sizeof(info), 0, 0, 0, 0};
      const garita_status status = d->host->stream_read(d->host_handle, d->stream, into + d->filled,
                                                        (uint32_t)room, deadline_ns, &info, error);
      if (status != GARITA_OK) return status;
      d->filled += info.size_bytes;
    }
  }
  return GARITA_OK;
}

/* Takes a strip where none is held: before any input for it is read. */
static garita_status take_strip(struct device* d, uint64_t size, uint64_t deadline_ns, garita_error* error) {
  if (d->strip.handle != 0) return GARITA_OK;
  return d->host->strip_alloc(d->host_handle, size, 1, deadline_ns, &d->strip, error);
}

static garita_status give(garita_event* event, uint32_t kind, const void* body) {
  event->kind = kind;
  event->body = body;
  return GARITA_OK;
}

static garita_time unknown_time(void) {
  garita_time time = {GARITA_UTC_UNKNOWN, 0, 0, GARITA_OFFSET_UNKNOWN, GARITA_TIME_UNKNOWN};
  return time;
}

static garita_status read_header(struct device* d, uint64_t deadline_ns, garita_error* error) {
  const garita_status status = fill(d, d->buffer, HEADER_BYTES, deadline_ns, error);
  if (status == GARITA_END && d->filled > 0) {
    d->step = ENDED;
    return fail(error, GARITA_DATA_TRUNCATED, "the stream ended in the middle of a scan's header");
  }
  if (status != GARITA_OK) return status;
  d->columns = number(d->buffer + 4);
  d->rows = number(d->buffer + 6);
  d->filled = 0;
  if (memcmp(d->buffer, "GMIN", 4) != 0 || d->columns == 0 || d->columns > MAX_COLUMNS || d->rows == 0) {
    d->step = ENDED; /* there is no next scan to be found in such a stream */
    return fail(error, GARITA_PROTOCOL_ERROR, "the stream does not hold GMIN scans of 1 to 4096 columns");
  }
  d->rows_done = 0;
  d->outcome = GARITA_SCAN_COMPLETE;
  d->outcome_code = 0;
  d->step = READ_DARK;
  return GARITA_OK;
}

/* Dark and air lines, in 1/256 counts as the ABI wants them for u16. */
static garita_status read_calibration(struct device* d, uint64_t deadline_ns, garita_event* event,
                                      garita_error* error) {
  const uint64_t size = (uint64_t)d->columns * 4;
  garita_status status = take_strip(d, size, deadline_ns, error);
  if (status == GARITA_OK) status = fill(d, d->buffer, row_bytes(d), deadline_ns, error);
  if (status == GARITA_END) {
    d->step = ENDED;
    return fail(error, GARITA_DATA_TRUNCATED, "the stream ended in the middle of a calibration line");
  }
  if (status != GARITA_OK) return status;
  for (uint32_t i = 0; i < d->columns; ++i)
    ((uint32_t*)d->strip.data)[i] = number(d->buffer + (size_t)i * 2) * 256;

  garita_calibration* c = &d->calibration;
  memset(c, 0, sizeof(*c));
  c->struct_size = sizeof(*c);
  c->role = d->step == READ_DARK ? GARITA_CALIBRATION_DARK : GARITA_CALIBRATION_AIR;
  c->id = 1;
  c->columns = d->columns;
  c->sample_type = GARITA_SAMPLE_U32;
  c->rows = c->total_rows = 1;
  c->row_stride_bytes = size;
  c->strip = d->strip.handle;
  c->time = unknown_time();
  d->strip.handle = 0; /* from delivery on it is the host's */
  d->filled = 0;
  d->step = d->step == READ_DARK ? READ_AIR : BEGIN;
  return give(event, GARITA_EVENT_CALIBRATION, c);
}

static garita_status begin(struct device* d, garita_event* event) {
  memset(&d->channel, 0, sizeof(d->channel));
  d->channel.kind = GARITA_CHANNEL_SINGLE;
  d->channel.calibration_id = 1;

  memset(&d->view, 0, sizeof(d->view));
  d->view.name = text("side");
  d->view.shape = GARITA_SHAPE_SCAN;
  d->view.sample_type = GARITA_SAMPLE_U16;
  d->view.quantity = GARITA_QUANTITY_TRANSMISSION;
  d->view.fidelity = GARITA_FIDELITY_RAW_COUNTS;
  d->view.columns = d->columns;
  d->view.source_angle_mdeg = INT32_MIN;
  d->view.pitch_across_um = d->view.pitch_along_um = (uint32_t)d->pitch_um;
  d->view.slope = 1;
  d->view.channels.data = &d->channel;
  d->view.channels.count = 1;
  d->view.channels.element_size_bytes = sizeof(d->channel);

  memset(&d->begin, 0, sizeof(d->begin));
  d->begin.struct_size = sizeof(d->begin);
  d->begin.relation = GARITA_RELATION_NEW;
  d->begin.time = unknown_time();
  d->begin.views.data = &d->view;
  d->begin.views.count = 1;
  d->begin.views.element_size_bytes = sizeof(d->view);
  d->step = READ_ROWS;
  return give(event, GARITA_EVENT_SCAN_BEGIN, &d->begin);
}

/* Rows go straight from the stream into the host's memory. */
static garita_status read_rows(struct device* d, uint64_t deadline_ns, garita_event* event,
                               garita_error* error) {
  const uint32_t left = d->rows - d->rows_done;
  const uint32_t rows = left < ROWS_PER_STRIP ? left : ROWS_PER_STRIP;
  const uint64_t size = (uint64_t)rows * row_bytes(d);
  garita_status status = take_strip(d, size, deadline_ns, error);
  if (status == GARITA_OK) status = fill(d, d->strip.data, size, deadline_ns, error);
  if (status == GARITA_END) {
    d->outcome = GARITA_SCAN_FAULT;
    d->outcome_code = GARITA_DATA_TRUNCATED;
  } else if (status != GARITA_OK) {
    return status;
  }
  const uint32_t whole_rows = (uint32_t)(d->filled / row_bytes(d)); /* of a cut scan, those that came whole */
  if (status == GARITA_END || d->rows_done + whole_rows == d->rows) d->step = END_SCAN;
  if (whole_rows == 0) return GARITA_OK;

  garita_strip* s = &d->rows_event;
  memset(s, 0, sizeof(*s));
  s->struct_size = sizeof(*s);
  s->first_row = d->rows_done;
  s->rows = whole_rows;
  s->row_stride_bytes = row_bytes(d);
  s->strip = d->strip.handle;
  s->time = unknown_time();
  d->strip.handle = 0;
  d->filled = 0;
  d->rows_done += whole_rows;
  return give(event, GARITA_EVENT_STRIP, s);
}

static garita_status end_scan(struct device* d, garita_event* event) {
  memset(&d->end, 0, sizeof(d->end));
  d->total.view = d->total.channel = 0;
  d->total.rows = d->rows_done;
  d->end.struct_size = sizeof(d->end);
  d->end.outcome = d->outcome;
  d->end.code = d->outcome_code;
  if (d->outcome == GARITA_SCAN_FAULT) d->end.reason = text("the stream ended in the middle of the scan");
  if (d->outcome == GARITA_SCAN_ABORTED) d->end.reason = text("the scan was cancelled");
  d->end.time = unknown_time();
  d->end.totals.data = &d->total;
  d->end.totals.count = 1;
  d->end.totals.element_size_bytes = sizeof(d->total);
  d->strip.handle = 0; /* the host takes back what was not delivered */
  d->filled = 0;
  d->step = d->skip_bytes > 0 ? SKIP : d->outcome == GARITA_SCAN_FAULT ? ENDED : READ_HEADER;
  return give(event, GARITA_EVENT_SCAN_END, &d->end);
}

static garita_status skip(struct device* d, uint64_t deadline_ns, garita_error* error) {
  while (d->skip_bytes > 0) {
    const uint64_t size = d->skip_bytes < sizeof(d->buffer) ? d->skip_bytes : sizeof(d->buffer);
    const garita_status status = fill(d, d->buffer, size, deadline_ns, error);
    d->skip_bytes -= d->filled;
    d->filled = 0;
    if (status != GARITA_OK) return status;
  }
  d->step = READ_HEADER;
  return GARITA_OK;
}

/* Cancel ends the scan, not the device: its end comes next, then what is still to come of it is skipped. */
static garita_status acknowledge_cancel(struct device* d) {
  const uint64_t lines_before = d->step == READ_DARK ? 2 : d->step == READ_AIR ? 1 : 0;
  const uint64_t unread = (lines_before + d->rows - d->rows_done) * row_bytes(d) - d->filled;
  __atomic_store_n(&d->cancelled, 0, __ATOMIC_SEQ_CST);
  d->strip.handle = 0; /* the host takes it back */
  if (d->step == READ_DARK || d->step == READ_AIR || d->step == BEGIN || d->step == READ_ROWS) {
    d->skip_bytes = unread;
    d->outcome = GARITA_SCAN_ABORTED;
    d->step = d->step == READ_ROWS ? END_SCAN : SKIP;
    d->filled = 0;
  } else if (d->step == END_SCAN) {
    d->outcome = GARITA_SCAN_ABORTED;
  }
  return GARITA_CANCELLED;
}

static garita_status GARITA_CALL device_next(uint64_t handle, uint64_t deadline_ns, garita_event* event,
                                             garita_error* error) {
  struct device* d = device_of(handle);
  if (d == NULL) return fail(error, GARITA_STALE_HANDLE, "this device was closed");
  if (event == NULL || event->struct_size < sizeof(*event))
    return fail(error, GARITA_INVALID_ARGUMENT, "next was called without a place for the event");
  event->body = NULL;
  for (;;) {
    garita_status status = GARITA_OK;
    if (__atomic_load_n(&d->cancelled, __ATOMIC_SEQ_CST)) return acknowledge_cancel(d);
    switch (d->step) {
      case READ_HEADER:
        status = read_header(d, deadline_ns, error);
        break;
      case READ_DARK:
      case READ_AIR:
        status = read_calibration(d, deadline_ns, event, error);
        break;
      case BEGIN:
        status = begin(d, event);
        break;
      case READ_ROWS:
        status = read_rows(d, deadline_ns, event, error);
        break;
      case END_SCAN:
        status = end_scan(d, event);
        break;
      case SKIP:
        status = skip(d, deadline_ns, error);
        break;
      case ENDED:
        return GARITA_END;
    }
    if (status == GARITA_CANCELLED) return acknowledge_cancel(d);
    if (status != GARITA_OK || event->body != NULL) return status;
  }
}

static garita_status GARITA_CALL device_cancel(uint64_t handle) {
  struct device* d = device_of(handle);
  if (d == NULL) return GARITA_STALE_HANDLE;
  __atomic_store_n(&d->cancelled, 1, __ATOMIC_SEQ_CST);
  return GARITA_OK;
}

static garita_status GARITA_CALL device_close(uint64_t handle, uint64_t deadline_ns, garita_error* error) {
  struct device* d = device_of(handle);
  (void)deadline_ns;
  if (d == NULL) return fail(error, GARITA_STALE_HANDLE, "this device was closed");
  d->handle = 0;
  __atomic_store_n(&d->taken, 0, __ATOMIC_SEQ_CST);
  return GARITA_OK;
}

static garita_status GARITA_CALL device_extension(uint64_t handle, garita_text id, const void** table,
                                                  garita_error* error) {
  (void)handle, (void)id, (void)table;
  return fail(error, GARITA_NOT_SUPPORTED, "this driver offers no extensions");
}

static const garita_device_api device_api = {sizeof(device_api), 0, device_next, device_cancel, device_close,
                                             device_extension};

static const garita_text models[] = {{"minimal", 7, 0}};
static const garita_text capabilities[] = {{"shape.scan", 10, 0}, {"fidelity.raw", 12, 0}};

static garita_status GARITA_CALL driver_describe(garita_description* description, garita_error* error) {
  if (description == NULL || description->struct_size < sizeof(*description))
    return fail(error, GARITA_INVALID_ARGUMENT, "describe was called without a place for the description");
  description->id = text("org.garita.minimal-c");
  description->version = text("1.0.0");
  description->models.data = models;
  description->models.count = 1;
  description->models.element_size_bytes = sizeof(models[0]);
  description->capabilities.data = capabilities;
  description->capabilities.count = 2;
  description->capabilities.element_size_bytes = sizeof(capabilities[0]);
  memset(&description->extensions, 0, sizeof(description->extensions));
  return GARITA_OK;
}

/* Fills a device that was claimed. */
static garita_status start(struct device* d, const garita_open* open, garita_error* error) {
  garita_value pitch = {GARITA_VALUE_NONE, 0, 0, 0, {NULL, 0, 0}};
  d->cancelled = 0;
  d->host = open->host;
  d->host_handle = open->host_handle;
  d->stream = 0;
  d->simulated_read = 0;
  d->pitch_um = 5000;
  d->step = READ_HEADER;
  d->strip.handle = 0;
  d->filled = d->skip_bytes = 0;
  if (d->host->config_get(d->host_handle, text("pitch_um"), &pitch, NULL) == GARITA_OK &&
      pitch.type == GARITA_VALUE_I64)
    d->pitch_um = pitch.integer;
  garita_error own = {sizeof(own), 0, 0, 0, {0}}; /* the caller's stays untouched where open answers OK */
  const garita_status status =
      d->host->stream_open(d->host_handle, text("scanner"), open->deadline_ns, NULL, &d->stream, &own);
  if (status == GARITA_OK || status == GARITA_NOT_CONFIGURED)
    return GARITA_OK; /* not configured: the simulated scan */
  return status < 100 ? status : fail(error, status, own.message);
}

static garita_status GARITA_CALL driver_open(const garita_open* open, garita_device* device,
                                             garita_error* error) {
  uint32_t slot = 0;
  if (open == NULL || open->host == NULL || device == NULL || device->struct_size < sizeof(*device))
    return fail(error, GARITA_INVALID_ARGUMENT,
                "open was called without the host's services or a place for the device");
  if (open->model.size_bytes != 0 &&
      (open->model.size_bytes != models[0].size_bytes || memcmp(open->model.data, models[0].data, 7) != 0))
    return fail(error, GARITA_UNKNOWN_MODEL, "this driver knows one model, 'minimal'");
  while (slot < MAX_DEVICES && __atomic_exchange_n(&devices[slot].taken, 1, __ATOMIC_SEQ_CST) != 0) ++slot;
  if (slot == MAX_DEVICES) return fail(error, GARITA_OUT_OF_MEMORY, "this driver opens 8 devices at most");

  struct device* d = &devices[slot];
  const garita_status status = start(d, open, error);
  if (status != GARITA_OK) {
    __atomic_store_n(&d->taken, 0, __ATOMIC_SEQ_CST);
    return status;
  }
  d->handle = (uint64_t)++d->generation << 32 | (slot + 1);
  device->handle = d->handle;
  device->api = &device_api;
  return GARITA_OK;
}

static const garita_driver_api driver_api = {sizeof(driver_api), 0, driver_describe, driver_open};

GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation,
                                                            garita_answer* answer, garita_error* error) {
  if (negotiation == NULL || answer == NULL || answer->struct_size < sizeof(*answer))
    return fail(error, GARITA_INVALID_ARGUMENT,
                "garita_driver_entry was called without a range or a place for the answer");
  if (negotiation->abi_min > GARITA_ABI_1_0 || negotiation->abi_max < GARITA_ABI_1_0)
    return fail(error, GARITA_VERSION_MISMATCH, "the driver speaks ABI 1.0 only, and the host does not");
  answer->abi = GARITA_ABI_1_0;
  answer->api = &driver_api;
  return GARITA_OK;
}
