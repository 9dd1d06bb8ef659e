/* The acme-x1 as a device: the order of its messages, and what becomes of them. wire.c knows their bytes,
 * entry.c the conversation that every driver has with its host.
 *
 * A frame stays in the buffer until all that it needs is there (the next strip above all): a call that waited
 * in vain is simply made again. What a frame means is noted as due; device_step delivers one thing a call. */
#include "device.h"

static garita_time unknown_time(void) {
  garita_time time = {GARITA_UTC_UNKNOWN, 0, 0, GARITA_OFFSET_UNKNOWN, GARITA_TIME_UNKNOWN};
  return time;
}

/* The arrival of the last bytes. */
static garita_time arrival(const struct device* d) {
  garita_time time = {d->read.received_utc_ns, 0, d->read.received_ns, GARITA_OFFSET_UNKNOWN,
                      GARITA_TIME_HOST};
  return time;
}

/* ---- reading ---- */

/* Waits until `size` bytes lie in the buffer. */
static garita_status fill(struct device* d, size_t size, uint64_t deadline_ns, garita_error* error) {
  while (d->filled < size) {
    garita_read_info read = {sizeof(read), 0, 0, 0, 0};
    const garita_status status =
        d->host->stream_read(d->host_handle, d->stream, d->buffer + d->filled, (uint32_t)(size - d->filled),
                             deadline_ns, &read, error);
    if (status != GARITA_OK) return status;
    d->filled += read.size_bytes;
    d->read = read;
  }
  return GARITA_OK;
}

static void consume(struct device* d, size_t size) {
  d->filled -= size;
  memmove(d->buffer, d->buffer + size, d->filled);
}

/* Of what is damaged only the first byte goes, and what cannot begin a frame: the next one may begin inside
 * it. */
static void consume_damage(struct device* d) {
  const uint8_t* next = d->filled > 1 ? memchr(d->buffer + 1, 'S', d->filled - 1) : NULL;
  consume(d, next != NULL ? (size_t)(next - d->buffer) : d->filled);
}

static void end_scan(struct device* d, uint32_t outcome, const char* reason, garita_status code) {
  d->in_scan = 0;
  d->rows_due = d->strip_rows > 0;
  d->end_due = 1;
  memset(&d->end, 0, sizeof(d->end));
  d->end.struct_size = sizeof(d->end);
  d->end.outcome = outcome;
  d->end.reason = text(reason);
  d->end.code = code;
}

/* In a scan this ends it as a fault, with its good lines; outside, it is told once. */
static garita_status handle_damage(struct device* d, const struct wire_message* m, garita_error* error) {
  const uint32_t told = d->damaged;
  const int in_scan = d->in_scan != 0;
  d->damaged = 1;
  if (told) return GARITA_OK;
  if (in_scan) end_scan(d, GARITA_SCAN_FAULT, m->text, GARITA_DATA_CORRUPT);
  return in_scan ? GARITA_OK : fail(error, GARITA_DATA_CORRUPT, m->text);
}

static void handle_health(struct device* d, const struct wire_message* m) {
  memset(&d->health, 0, sizeof(d->health));
  memcpy(d->health_text, m->text, m->text_bytes);
  d->health.struct_size = sizeof(d->health);
  d->health.state = m->state;
  d->health.message = text_of(d->health_text, m->text_bytes);
  d->health.device_time = unknown_time();
  d->health_due = 1;
}

static void handle_calibration(struct device* d, const struct wire_message* m) {
  for (uint32_t i = 0; i < m->columns * 2; ++i)
    d->calibration_counts[i / m->columns][i % m->columns] =
        (uint32_t)wire_number(m->samples + 2 * (size_t)i, 2) * 256;
  d->calibration_columns = m->columns;
  d->calibrations_due = 2;
  ++d->calibration_id;
}

static void describe_view(struct device* d, const struct wire_message* m) {
  memset(&d->channel, 0, sizeof(d->channel));
  d->channel.kind = GARITA_CHANNEL_SINGLE;
  d->channel.nominal_energy_kev = d->energy_kev;
  d->channel.calibration_id = d->calibration_id;

  memset(&d->view, 0, sizeof(d->view));
  d->view.name = text("side");
  d->view.shape = GARITA_SHAPE_SCAN;
  d->view.sample_type = GARITA_SAMPLE_U16;
  d->view.quantity = GARITA_QUANTITY_TRANSMISSION;
  d->view.fidelity = GARITA_FIDELITY_RAW_COUNTS;
  d->view.columns = m->columns;
  d->view.column_zero = GARITA_COLUMN_ZERO_TOP;
  d->view.source_angle_mdeg = INT32_MIN;
  d->view.pitch_across_um = d->view.pitch_along_um = m->pitch_um;
  d->view.slope = 1;
  d->view.channels.data = &d->channel;
  d->view.channels.count = 1;
  d->view.channels.element_size_bytes = sizeof(d->channel);
}

static void describe_scan(struct device* d, const struct wire_message* m) {
  memset(d->attributes, 0, sizeof(d->attributes));
  memcpy(d->key, m->key, m->key_bytes);
  memcpy(d->plate, m->text, m->text_bytes);
  d->attributes[0].key = text("device.model");
  d->attributes[0].value.type = GARITA_VALUE_TEXT;
  d->attributes[0].value.text = text("ACME-X1");
  d->attributes[1].key = text("conveyance.plates[0].number");
  d->attributes[1].value.type = GARITA_VALUE_TEXT;
  d->attributes[1].value.text = text_of(d->plate, m->text_bytes);

  memset(&d->begin, 0, sizeof(d->begin));
  d->begin.struct_size = sizeof(d->begin);
  d->begin.relation = GARITA_RELATION_NEW;
  d->begin.key = text_of(d->key, m->key_bytes);
  d->begin.time = arrival(d);
  d->begin.time.utc_ns = m->time_utc_ns;
  d->begin.time.source = GARITA_TIME_DEVICE;
  d->begin.attributes.data = d->attributes;
  d->begin.attributes.count = m->text_bytes > 0 ? 2 : 1;
  d->begin.attributes.element_size_bytes = sizeof(d->attributes[0]);
  d->begin.views.data = &d->view;
  d->begin.views.count = 1;
  d->begin.views.element_size_bytes = sizeof(d->view);
}

static void handle_begin(struct device* d, const struct wire_message* m) {
  describe_view(d, m);
  describe_scan(d, m);
  d->begin_due = 1;
  d->in_scan = 1;
  d->columns = m->columns;
  d->rows = d->lines = d->strip_rows = 0;
}

/* A counter of 16 bits, continued without wrapping; 0: it stood still or went back. */
static int unwrap(struct device* d, uint16_t counter) {
  const uint16_t step = (uint16_t)(counter - d->last_counter);
  if (d->lines > 0 && (step == 0 || step > 0x7FFF)) return 0;
  d->next_index = d->lines > 0 ? d->next_index + step : counter;
  d->last_counter = counter;
  return 1;
}

/* A row goes into the host's memory; the strip is taken before anything of the frame is used. */
static garita_status handle_line(struct device* d, const struct wire_message* m, uint64_t deadline_ns,
                                 garita_error* error) {
  if (!d->in_scan) return GARITA_OK; /* of a scan that was cancelled, or that began before we listened */
  if (m->columns != d->columns) {
    end_scan(d, GARITA_SCAN_FAULT, "the scanner sent a line of another width", GARITA_DATA_CORRUPT);
    return GARITA_OK;
  }
  if (d->strip.handle == 0) {
    const uint64_t size = (uint64_t)ROWS_PER_STRIP * d->columns * 2;
    const garita_status status = d->host->strip_alloc(d->host_handle, size, 1, deadline_ns, &d->strip, error);
    if (status != GARITA_OK) return status;
  }
  if (!unwrap(d, m->counter)) {
    end_scan(d, GARITA_SCAN_FAULT, "a line came twice or late", GARITA_DATA_CORRUPT);
    return GARITA_OK;
  }
  if (d->strip_rows == 0) d->strip_time = arrival(d);
  uint16_t* row = (uint16_t*)d->strip.data + (size_t)d->strip_rows * d->columns;
  for (uint32_t i = 0; i < d->columns; ++i) row[i] = (uint16_t)wire_number(m->samples + 2 * (size_t)i, 2);
  d->line_index[d->strip_rows++] = d->next_index;
  ++d->lines;
  d->rows_due = d->strip_rows == ROWS_PER_STRIP;
  return GARITA_OK;
}

static void handle_end(struct device* d, const struct wire_message* m) {
  if (!d->in_scan) return;
  if (m->lines == d->lines) end_scan(d, GARITA_SCAN_COMPLETE, "", 0);
  if (m->lines != d->lines)
    end_scan(d, GARITA_SCAN_FAULT, "lines of the scan were lost", GARITA_DATA_CORRUPT);
}

static garita_status handle(struct device* d, const struct wire_message* m, uint64_t deadline_ns,
                            garita_error* error) {
  switch (m->type) {
    case WIRE_DAMAGE:
      return handle_damage(d, m, error);
    case WIRE_HEALTH:
      handle_health(d, m);
      return GARITA_OK;
    case WIRE_CALIBRATION:
      handle_calibration(d, m);
      return GARITA_OK;
    case WIRE_BEGIN:
      handle_begin(d, m);
      return GARITA_OK;
    case WIRE_LINE:
      return handle_line(d, m, deadline_ns, error);
    case WIRE_END:
      handle_end(d, m);
      return GARITA_OK;
  }
  return GARITA_OK;
}

/* The stream ended: so does the scan in hand. `left` bytes of a frame are of no use any more. */
static garita_status handle_stream_end(struct device* d, size_t left, garita_error* error) {
  const int in_scan = d->in_scan != 0;
  d->ended = 1;
  d->filled = 0;
  if (in_scan)
    end_scan(d, GARITA_SCAN_FAULT, "the stream ended in the middle of the scan", GARITA_DATA_TRUNCATED);
  if (in_scan || left == 0) return GARITA_OK;
  return fail(error, GARITA_DATA_TRUNCATED, "the stream ended in the middle of a frame");
}

/* The stream failed. In a scan its end goes out first; the next read fails again and says so. */
static garita_status handle_stream_failure(struct device* d, garita_status status, const garita_error* said,
                                           garita_error* error) {
  if (status < 100) return status; /* TIMEOUT, CANCELLED */
  if (!d->in_scan) return fail(error, status, said->message);
  end_scan(d, GARITA_SCAN_FAULT, "the scanner was lost in the middle of the scan", status);
  return GARITA_OK;
}

/* Waits for one frame and handles it. */
static garita_status read_frame(struct device* d, uint64_t deadline_ns, garita_error* error) {
  garita_error own = {sizeof(own), 0, 0, 0, {0}}; /* END is no error for the caller */
  garita_status status = fill(d, WIRE_HEADER_BYTES, deadline_ns, &own);
  const size_t size = status == GARITA_OK ? wire_frame_bytes(d->buffer) : 0;
  if (size > 0) status = fill(d, size, deadline_ns, &own);
  if (status == GARITA_END) return handle_stream_end(d, d->filled, error);
  if (status != GARITA_OK) return handle_stream_failure(d, status, &own, error);
  const struct wire_message m = wire_decode(d->buffer, size);
  if (m.type == WIRE_BEGIN &&
      d->in_scan) { /* the frame stays: it comes again once the old scan's end is out */
    end_scan(d, GARITA_SCAN_FAULT, "the scan's end is missing", GARITA_DATA_TRUNCATED);
    return GARITA_OK;
  }
  status = handle(d, &m, deadline_ns, error);
  if (status == GARITA_TIMEOUT || status == GARITA_CANCELLED)
    return status; /* no strip yet: the frame stays */
  if (m.type == WIRE_DAMAGE) {
    consume_damage(d);
  } else {
    consume(d, size);
    d->damaged = 0;
  }
  return status;
}

/* ---- delivering ---- */

static garita_status give(garita_event* event, uint32_t kind, const void* body) {
  event->kind = kind;
  event->body = body;
  return GARITA_OK;
}

static garita_status give_rows(struct device* d, garita_event* event) {
  garita_strip* s = &d->rows_event;
  memset(s, 0, sizeof(*s));
  s->struct_size = sizeof(*s);
  s->first_row = d->rows;
  s->rows = d->strip_rows;
  s->row_stride_bytes = (uint64_t)d->columns * 2;
  s->strip = d->strip.handle;
  s->time = d->strip_time;
  s->line_index = d->line_index;
  d->rows += d->strip_rows;
  d->strip_rows = d->rows_due = 0;
  d->strip.handle = 0; /* from delivery on it is the host's */
  return give(event, GARITA_EVENT_STRIP, s);
}

static garita_status give_end(struct device* d, garita_event* event) {
  d->total.view = d->total.channel = 0;
  d->total.rows = d->rows;
  d->end.time = unknown_time();
  d->end.totals.data = &d->total;
  d->end.totals.count = 1;
  d->end.totals.element_size_bytes = sizeof(d->total);
  d->end_due = d->begun = 0;
  d->strip.handle = 0; /* the host takes back what was not delivered */
  d->strip_rows = 0;
  return give(event, GARITA_EVENT_SCAN_END, &d->end);
}

static garita_status give_calibration(struct device* d, uint64_t deadline_ns, garita_event* event,
                                      garita_error* error) {
  const uint64_t size = (uint64_t)d->calibration_columns * 4;
  const int dark = d->calibrations_due == 2;
  garita_strip_memory strip = {0, NULL, 0};
  const garita_status status = d->host->strip_alloc(d->host_handle, size, 1, deadline_ns, &strip, error);
  if (status != GARITA_OK) return status;
  memcpy(strip.data, d->calibration_counts[dark ? 0 : 1], size);
  garita_calibration* c = &d->calibration;
  memset(c, 0, sizeof(*c));
  c->struct_size = sizeof(*c);
  c->role = dark ? GARITA_CALIBRATION_DARK : GARITA_CALIBRATION_AIR;
  c->id = d->calibration_id;
  c->columns = d->calibration_columns;
  c->sample_type = GARITA_SAMPLE_U32;
  c->rows = c->total_rows = 1;
  c->row_stride_bytes = size;
  c->strip = strip.handle;
  c->time = arrival(d);
  --d->calibrations_due;
  return give(event, GARITA_EVENT_CALIBRATION, c);
}

static garita_status deliver(struct device* d, uint64_t deadline_ns, garita_event* event,
                             garita_error* error) {
  if (d->rows_due) return give_rows(d, event);
  if (d->end_due) return give_end(d, event);
  if (d->calibrations_due) return give_calibration(d, deadline_ns, event, error);
  if (d->health_due) {
    d->health_due = 0;
    return give(event, GARITA_EVENT_HEALTH, &d->health);
  }
  d->begin_due = 0;
  d->begun = 1;
  return give(event, GARITA_EVENT_SCAN_BEGIN, &d->begin);
}

/* Cancel ends the scan, not the device: its end comes next; its lines that are still to come are passed over.
 */
static garita_status acknowledge_cancel(struct device* d) {
  __atomic_store_n(&d->cancelled, 0, __ATOMIC_SEQ_CST);
  d->strip.handle = 0; /* the host takes it back */
  d->strip_rows = d->rows_due = d->end_due = d->begin_due = d->in_scan = 0;
  if (d->begun) end_scan(d, GARITA_SCAN_ABORTED, "the scan was cancelled", 0);
  return GARITA_CANCELLED;
}

garita_status device_step(struct device* d, uint64_t deadline_ns, garita_event* event, garita_error* error) {
  for (int first = 1;; first = 0) {
    if (__atomic_load_n(&d->cancelled, __ATOMIC_SEQ_CST)) return acknowledge_cancel(d);
    const int due = d->rows_due || d->end_due || d->health_due || d->calibrations_due || d->begin_due;
    if (!due && d->ended) return GARITA_END;
    if (!due && !first && d->host->now_ns(d->host_handle) >= deadline_ns) return GARITA_WORKING;
    const garita_status status =
        due ? deliver(d, deadline_ns, event, error) : read_frame(d, deadline_ns, error);
    if (status == GARITA_CANCELLED) return acknowledge_cancel(d);
    if (status != GARITA_OK || event->body != NULL) return status;
  }
}
