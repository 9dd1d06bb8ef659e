/* A driver that never waits, for benchmarks. Model "events": one small event after another. Model "scans": scans of 160 MB,
 * 40960 rows of 2048 samples, in strips as large as the host grants; every sample is written. */
#include <string.h>

#include "garita/garita.h"

enum { columns = 2048, scan_rows = 40960 };

static const garita_host_api* host;
static uint64_t host_handle;
static uint32_t strip_rows, rows_done;
static int scans, in_scan;
static uint16_t shade;

static garita_text text(const char* words) {
  garita_text own = {words, (uint32_t)strlen(words), 0};
  return own;
}

static garita_status give(garita_event* event, uint32_t kind, const void* body) {
  event->kind = kind;
  event->body = body;
  return GARITA_OK;
}

static garita_status give_health(garita_event* event) {
  static garita_health health;
  health.struct_size = sizeof health;
  health.state = GARITA_HEALTH_READY;
  health.message = text("ready");
  return give(event, GARITA_EVENT_HEALTH, &health);
}

static garita_status give_begin(garita_event* event) {
  static garita_scan_begin begin;
  static garita_view view;
  static garita_channel channel;
  channel.kind = GARITA_CHANNEL_SINGLE;
  view.name = text("side");
  view.shape = GARITA_SHAPE_SCAN;
  view.sample_type = GARITA_SAMPLE_U16;
  view.quantity = GARITA_QUANTITY_TRANSMISSION;
  view.fidelity = GARITA_FIDELITY_TRANSMISSION;
  view.columns = columns;
  view.source_angle_mdeg = INT32_MIN;
  view.unit = GARITA_UNIT_TRANSMISSION;
  view.slope = 1.0 / 65535;
  view.channels.data = &channel;
  view.channels.count = 1;
  view.channels.element_size_bytes = sizeof channel;
  begin.struct_size = sizeof begin;
  begin.relation = GARITA_RELATION_NEW;
  begin.time.utc_ns = GARITA_UTC_UNKNOWN;
  begin.views.data = &view;
  begin.views.count = 1;
  begin.views.element_size_bytes = sizeof view;
  in_scan = 1;
  rows_done = 0;
  return give(event, GARITA_EVENT_SCAN_BEGIN, &begin);
}

static garita_status give_strip(uint64_t deadline_ns, garita_event* event, garita_error* error) {
  static garita_strip strip;
  garita_strip_memory memory;
  const uint32_t rows = scan_rows - rows_done < strip_rows ? scan_rows - rows_done : strip_rows;
  const garita_status status =
      host->strip_alloc(host_handle, (uint64_t)rows * columns * 2, 1, deadline_ns, &memory, error);
  uint16_t* samples = (uint16_t*)memory.data;
  uint32_t i;
  if (status != GARITA_OK) return status;
  ++shade;
  for (i = 0; i < rows * columns; ++i) samples[i] = (uint16_t)(i + shade);
  memset(&strip, 0, sizeof strip);
  strip.struct_size = sizeof strip;
  strip.first_row = rows_done;
  strip.rows = rows;
  strip.row_stride_bytes = columns * 2;
  strip.time.utc_ns = GARITA_UTC_UNKNOWN;
  strip.strip = memory.handle;
  rows_done += rows;
  return give(event, GARITA_EVENT_STRIP, &strip);
}

static garita_status give_end(garita_event* event) {
  static garita_scan_end end;
  static garita_total total;
  total.rows = scan_rows;
  end.struct_size = sizeof end;
  end.outcome = GARITA_SCAN_COMPLETE;
  end.time.utc_ns = GARITA_UTC_UNKNOWN;
  end.totals.data = &total;
  end.totals.count = 1;
  end.totals.element_size_bytes = sizeof total;
  in_scan = 0;
  return give(event, GARITA_EVENT_SCAN_END, &end);
}

static garita_status GARITA_CALL own_next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                                          garita_error* error) {
  (void)device;
  if (!scans) return give_health(event);
  if (!in_scan) return give_begin(event);
  return rows_done < scan_rows ? give_strip(deadline_ns, event, error) : give_end(event);
}

static garita_status GARITA_CALL own_cancel(uint64_t device) {
  (void)device;
  return GARITA_OK;
}

static garita_status GARITA_CALL own_close(uint64_t device, uint64_t deadline_ns, garita_error* error) {
  (void)device;
  (void)deadline_ns;
  (void)error;
  return GARITA_OK;
}

static const garita_device_api device_table = {sizeof device_table, 0, own_next, own_cancel, own_close, 0};

static garita_status GARITA_CALL own_open(const garita_open* given, garita_device* device, garita_error* error) {
  (void)error;
  host = given->host;
  host_handle = given->host_handle;
  strip_rows = (uint32_t)(given->limits->max_strip_bytes / (columns * 2));
  if (strip_rows > 16384) strip_rows = 16384;
  scans = given->model.size_bytes == 5;
  in_scan = 0;
  device->handle = 1;
  device->api = &device_table;
  return GARITA_OK;
}

static garita_status GARITA_CALL own_describe(garita_description* description, garita_error* error) {
  static garita_text models[2], capabilities[1];
  (void)error;
  models[0] = text("events");
  models[1] = text("scans");
  capabilities[0] = text("shape.scan");
  description->id = text("org.garita.flood");
  description->version = text("1.0.0");
  description->models.data = models;
  description->models.count = 2;
  description->capabilities.data = capabilities;
  description->capabilities.count = 1;
  description->models.element_size_bytes = description->capabilities.element_size_bytes = sizeof models[0];
  return GARITA_OK;
}

static const garita_driver_api driver_table = {sizeof driver_table, 0, own_describe, own_open};

garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation, garita_answer* answer,
                                              garita_error* error) {
  (void)error;
  if (negotiation->abi_min > GARITA_ABI_1_0 || negotiation->abi_max < GARITA_ABI_1_0) return GARITA_VERSION_MISMATCH;
  answer->abi = GARITA_ABI_1_0;
  answer->api = &driver_table;
  return GARITA_OK;
}
