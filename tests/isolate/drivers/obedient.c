/* A driver for tests of the worker: every byte of its stream is an order, and every order is answered by
 * HEALTH, whose vendor_code is the order and whose message says what came of it; but for the orders that end
 * next otherwise. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "garita/ext/message.h"
#include "garita/ext/stored.h"
#include "garita/garita.h"

static const garita_host_api* host;
static uint64_t host_handle, stream, object;
static atomic_int cancelled;
static char said[256];
static garita_health health;

static garita_text text(const char* words) {
  garita_text own = {words, (uint32_t)strlen(words), 0};
  return own;
}

static void config(void) {
  garita_value value;
  const garita_status status = host->config_get(host_handle, text("speed"), &value, NULL);
  const garita_status other = host->config_get(host_handle, text("undeclared"), &value, NULL);
  snprintf(said, sizeof said, "%u %lld %u", status, (long long)value.integer, other);
  if (status == GARITA_OK) {
    host->config_get(host_handle, text("speed"), &value, NULL);
    snprintf(said, sizeof said, "%lld %u", (long long)value.integer, other);
  }
}

static void convert(void) {
  static char large[3 << 20], out[6 << 20];
  uint32_t needed = 0;
  memset(large, 0xE9, sizeof large);
  const garita_status status = host->text_to_utf8(host_handle, text("ISO-8859-1"), large, sizeof large, out,
                                                  sizeof out, &needed, NULL);
  snprintf(said, sizeof said, "%u %u %d", status, needed, memcmp(out + needed - 4, "\xC3\xA9\xC3\xA9", 4));
}

static void inbox(void) {
  static char content[3 << 20];
  char name[64];
  garita_object_info info = {0}, sibling = {0};
  garita_error why = {sizeof why, GARITA_DATA_CORRUPT, 0, 0, "it is torn"};
  uint64_t objects = 0;
  uint32_t size = 0;
  info.struct_size = sibling.struct_size = sizeof info;
  host->stream_open(host_handle, text("inbox"), UINT64_MAX, NULL, &objects, NULL);
  host->object_next(host_handle, objects, UINT64_MAX, &info, NULL);
  host->object_read_at(host_handle, info.handle, 1, content, sizeof content, &size, NULL);
  snprintf(name, sizeof name, "%.*s", (int)info.name.size_bytes, info.name.data);
  const garita_status found = host->object_sibling(host_handle, info.handle, text("a.xml"), &sibling, NULL);
  snprintf(said, sizeof said, "%s %u %c %u %u", name, size, content[size - 1], found, info.sha256[0]);
  host->object_done(host_handle, info.handle, NULL);
  info.struct_size = sizeof info;
  if (host->object_next(host_handle, objects, UINT64_MAX, &info, NULL) == GARITA_OK)
    host->object_reject(host_handle, info.handle, &why, NULL);
  host->stream_close(host_handle, objects, NULL);
  object = info.handle;
}

static void strips(void) {
  garita_strip_memory memory[8];
  uint32_t i, zero = 0;
  const garita_status status = host->strip_alloc(host_handle, 4096, 8, 0, memory, NULL);
  const garita_status more = host->strip_alloc(host_handle, 4096, 1, 0, memory, NULL);
  for (i = 0; status == GARITA_OK && i < 8; ++i) zero += ((char*)memory[i].data)[4095] == 0;
  snprintf(said, sizeof said, "%u %u %u", status, more, zero);
}

static void log_much(void) {
  char line[64];
  int i;
  for (i = 0; i < 20000; ++i) {
    snprintf(line, sizeof line, "line %d of many that fill the ring", i);
    host->log(host_handle, GARITA_LOG_INFO, text(line));
  }
}

static void environment(void) {
  extern char** environ;
  int fds = 0, fd;
  for (fd = 0; fd < 1024; ++fd) fds += fcntl(fd, F_GETFD) != -1;
  snprintf(said, sizeof said, "%d %d", environ && environ[0] ? 1 : 0, fds);
}

#ifndef OBEDIENT_MORE /* a driver made of this one takes more orders: trespasser.c */
#define OBEDIENT_MORE(order) (void)order
#endif

/* Waits for cancel without calling the host. */
static garita_status compute(void) {
  while (!atomic_exchange(&cancelled, 0)) {
  }
  return GARITA_CANCELLED;
}

static garita_status obey(char order) {
  uint32_t written = 0;
  said[0] = 0;
  switch (order) {
    case 'L':
      return GARITA_DEVICE_LOST;
    case 'C':
      return GARITA_DATA_CORRUPT;
    case 'M':
      return GARITA_OUT_OF_MEMORY;
    case 'V':
      return GARITA_VENDOR_STATUS + 5;
    case 'b':
      return compute();
    case 'x':
      abort();
    case 'w':
      host->stream_write(host_handle, stream, "hello", 5, UINT64_MAX, &written, NULL);
      break;
    case 'k':
      config();
      break;
    case 't':
      convert();
      break;
    case 'o':
      inbox();
      break;
    case 's':
      strips();
      break;
    case 'g':
      log_much();
      break;
    case 'e':
      environment();
      break;
    case 'n':
      snprintf(said, sizeof said, "%llu", (unsigned long long)host->now_ns(host_handle));
      break;
    default:
      OBEDIENT_MORE(order);
      break;
  }
  return GARITA_OK;
}

static garita_status GARITA_CALL own_next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                                          garita_error* error) {
  garita_read_info info = {0};
  garita_status status;
  char order = 0;
  (void)device;
  info.struct_size = sizeof info;
  status = host->stream_read(host_handle, stream, &order, 1, deadline_ns, &info, error);
  if (atomic_exchange(&cancelled, 0)) return GARITA_CANCELLED;
  if (status != GARITA_OK) return status;
  status = obey(order);
  if (status != GARITA_OK) return status;
  memset(&health, 0, sizeof health);
  health.struct_size = sizeof health;
  health.state = GARITA_HEALTH_READY;
  health.message = text(said);
  health.vendor_code = (unsigned char)order;
  event->kind = GARITA_EVENT_HEALTH;
  event->body = &health;
  return GARITA_OK;
}

static garita_status GARITA_CALL own_cancel(uint64_t device) {
  (void)device;
  atomic_store(&cancelled, 1);
  host->log(host_handle, GARITA_LOG_INFO, text("cancelled"));
  return GARITA_OK;
}

static garita_status GARITA_CALL own_close(uint64_t device, uint64_t deadline_ns, garita_error* error) {
  (void)device;
  (void)deadline_ns;
  (void)error;
  host->log(host_handle, GARITA_LOG_INFO, text("closed"));
  return GARITA_OK;
}

static garita_status GARITA_CALL own_stored(uint64_t device, garita_text key, uint32_t outcome,
                                            uint64_t deadline_ns, garita_error* error) {
  uint32_t written = 0;
  (void)device;
  (void)outcome;
  return host->stream_write(host_handle, stream, key.data, key.size_bytes, deadline_ns, &written, error);
}

static garita_status GARITA_CALL own_message(uint64_t device, garita_text id, const void* data,
                                             uint32_t size_bytes, uint64_t deadline_ns, void* out,
                                             uint32_t capacity_bytes, uint32_t* out_bytes,
                                             garita_error* error) {
  (void)device;
  (void)id;
  (void)deadline_ns;
  (void)error;
  if (size_bytes > capacity_bytes) return GARITA_BUFFER_TOO_SMALL;
  memcpy(out, data, size_bytes);
  *out_bytes = size_bytes;
  return GARITA_OK;
}

static const garita_stored_1 stored_table = {sizeof stored_table, 0, own_stored};
static const garita_message_1 message_table = {sizeof message_table, 0, own_message};

static garita_status GARITA_CALL own_extension(uint64_t device, garita_text id, const void** table,
                                               garita_error* error) {
  (void)device;
  (void)error;
  *table = id.size_bytes == strlen(GARITA_STORED_1) && memcmp(id.data, GARITA_STORED_1, id.size_bytes) == 0
               ? (const void*)&stored_table
               : (const void*)&message_table;
  return GARITA_OK;
}

static const garita_device_api device_table = {sizeof device_table, 0,         own_next,
                                               own_cancel,          own_close, own_extension};

static garita_status GARITA_CALL own_open(const garita_open* given, garita_device* device,
                                          garita_error* error) {
  host = given->host;
  host_handle = given->host_handle;
  device->handle = 1;
  device->api = &device_table;
  return host->stream_open(host_handle, text("scanner"), given->deadline_ns, NULL, &stream, error);
}

static garita_status GARITA_CALL own_describe(garita_description* description, garita_error* error) {
  static garita_text models[1], capabilities[1];
  (void)error;
  models[0] = text("M1");
  capabilities[0] = text("shape.scan");
  description->id = text("org.garita.obedient");
  description->version = text("1.0.0");
  description->models.data = models;
  description->capabilities.data = capabilities;
  description->models.count = description->capabilities.count = 1;
  description->models.element_size_bytes = description->capabilities.element_size_bytes = sizeof models[0];
  return GARITA_OK;
}

static const garita_driver_api driver_table = {sizeof driver_table, 0, own_describe, own_open};

garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation, garita_answer* answer,
                                              garita_error* error) {
  (void)error;
  if (negotiation->abi_min > GARITA_ABI_1_0 || negotiation->abi_max < GARITA_ABI_1_0)
    return GARITA_VERSION_MISMATCH;
  answer->abi = GARITA_ABI_1_0;
  answer->api = &driver_table;
  return GARITA_OK;
}
