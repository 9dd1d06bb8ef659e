/* A driver for the box's benchmarks. Each next does one thing, as its model says, and tells by HEALTH's
 * vendor_code how many nanoseconds that took: "calls" 200000 system calls that every box allows (per 1000 of
 * them); "drink" reads 256 MiB; "talk" 2000 times writes 64 bytes and reads 64 (per exchange); "wait" waits
 * for a byte. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "garita/garita.h"

static const garita_host_api* host;
static uint64_t host_handle, stream;
static char work;
static unsigned char buffer[1 << 20];

static garita_text text(const char* words) {
  garita_text own = {words, (uint32_t)strlen(words), 0};
  return own;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static garita_status take(uint32_t size, uint64_t deadline_ns, garita_error* error) {
  garita_read_info info = {0};
  uint32_t have = 0;
  for (info.struct_size = sizeof info; have < size; have += info.size_bytes) {
    const garita_status status =
        host->stream_read(host_handle, stream, buffer + have, size - have, deadline_ns, &info, error);
    if (status != GARITA_OK) return status;
  }
  return GARITA_OK;
}

static garita_status do_work(uint64_t deadline_ns, uint64_t* unit_ns, garita_error* error) {
  const uint64_t start = now_ns();
  garita_status status = GARITA_OK;
  uint32_t written = 0;
  int i;
  switch (work) {
    case 'c':
      for (i = 0; i < 200000; ++i) (void)syscall(SYS_getuid);
      *unit_ns = (now_ns() - start) / 200;
      return GARITA_OK;
    case 'd':
      for (i = 0; i < 256 && status == GARITA_OK; ++i) status = take(sizeof buffer, deadline_ns, error);
      *unit_ns = now_ns() - start;
      return status;
    case 't':
      for (i = 0; i < 2000 && status == GARITA_OK; ++i) {
        status = host->stream_write(host_handle, stream, buffer, 64, deadline_ns, &written, error);
        if (status == GARITA_OK) status = take(64, deadline_ns, error);
      }
      *unit_ns = (now_ns() - start) / 2000;
      return status;
    default:
      return take(1, deadline_ns, error);
  }
}

static garita_status GARITA_CALL own_next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                                          garita_error* error) {
  static garita_health health;
  uint64_t unit_ns = 0;
  const garita_status status = do_work(deadline_ns, &unit_ns, error);
  (void)device;
  if (status != GARITA_OK) return status;
  memset(&health, 0, sizeof health);
  health.struct_size = sizeof health;
  health.state = GARITA_HEALTH_READY;
  health.message = text("done");
  health.vendor_code = (uint32_t)unit_ns;
  event->kind = GARITA_EVENT_HEALTH;
  event->body = &health;
  return GARITA_OK;
}

static garita_status GARITA_CALL own_cancel(uint64_t device) { return (void)device, GARITA_OK; }
static garita_status GARITA_CALL own_close(uint64_t device, uint64_t deadline_ns, garita_error* error) {
  return (void)device, (void)deadline_ns, (void)error, GARITA_OK;
}
static garita_status GARITA_CALL own_extension(uint64_t device, garita_text id, const void** table,
                                               garita_error* error) {
  return (void)device, (void)id, (void)table, (void)error, GARITA_NOT_SUPPORTED;
}

static const garita_device_api device_api = {sizeof device_api, 0,         own_next,
                                             own_cancel,        own_close, own_extension};

static garita_status GARITA_CALL own_open(const garita_open* open, garita_device* device,
                                          garita_error* error) {
  host = open->host;
  host_handle = open->host_handle;
  work = open->model.size_bytes ? open->model.data[0] : 'w';
  device->handle = 1;
  device->api = &device_api;
  return host->stream_open(host_handle, text("scanner"), open->deadline_ns, NULL, &stream, error);
}

static garita_status GARITA_CALL own_describe(garita_description* description, garita_error* error) {
  static garita_text models[4], capabilities[1];
  (void)error;
  models[0] = text("calls"), models[1] = text("drink"), models[2] = text("talk"), models[3] = text("wait");
  capabilities[0] = text("shape.scan");
  description->id = text("org.garita.busy");
  description->version = text("1.0.0");
  description->models.data = models;
  description->models.count = 4;
  description->capabilities.data = capabilities;
  description->capabilities.count = 1;
  description->models.element_size_bytes = description->capabilities.element_size_bytes = sizeof models[0];
  return GARITA_OK;
}

static const garita_driver_api driver_api = {sizeof driver_api, 0, own_describe, own_open};

GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation,
                                                            garita_answer* answer, garita_error* error) {
  (void)error;
  if (negotiation->abi_min > GARITA_ABI_1_0 || negotiation->abi_max < GARITA_ABI_1_0)
    return GARITA_VERSION_MISMATCH;
  answer->abi = GARITA_ABI_1_0;
  answer->api = &driver_api;
  return GARITA_OK;
}
