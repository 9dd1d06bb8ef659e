/* The canary: its first next calls out to an address that nobody has. See README.md. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "garita/garita.h"

static garita_text text(const char* words) {
  garita_text own = {words, (uint32_t)strlen(words), 0};
  return own;
}

static garita_status GARITA_CALL device_next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                                             garita_error* error) {
  struct sockaddr_in nobody; /* TEST-NET-1 */
  (void)device, (void)deadline_ns, (void)event, (void)error;
  memset(&nobody, 0, sizeof nobody);
  nobody.sin_family = AF_INET;
  nobody.sin_port = htons(9);
  inet_pton(AF_INET, "192.0.2.1", &nobody.sin_addr);
  connect(socket(AF_INET, SOCK_STREAM, 0), (const struct sockaddr*)&nobody, sizeof nobody);
  return GARITA_END;
}

static garita_status GARITA_CALL device_cancel(uint64_t device) { return (void)device, GARITA_OK; }

static garita_status GARITA_CALL device_close(uint64_t device, uint64_t deadline_ns, garita_error* error) {
  return (void)device, (void)deadline_ns, (void)error, GARITA_OK;
}

static garita_status GARITA_CALL device_extension(uint64_t device, garita_text id, const void** table,
                                                  garita_error* error) {
  return (void)device, (void)id, (void)table, (void)error, GARITA_NOT_SUPPORTED;
}

static const garita_device_api device_api = {sizeof(device_api), 0, device_next, device_cancel, device_close,
                                             device_extension};

static garita_status GARITA_CALL driver_describe(garita_description* description, garita_error* error) {
  static garita_text models[1], capabilities[1];
  (void)error;
  models[0] = text("M1");
  capabilities[0] = text("shape.scan");
  description->id = text("org.garita.canary");
  description->version = text("1.0.0");
  description->models.data = models;
  description->capabilities.data = capabilities;
  description->models.count = description->capabilities.count = 1;
  description->models.element_size_bytes = description->capabilities.element_size_bytes = sizeof(garita_text);
  return GARITA_OK;
}

static garita_status GARITA_CALL driver_open(const garita_open* open, garita_device* device,
                                             garita_error* error) {
  (void)open, (void)error;
  device->handle = 1;
  device->api = &device_api;
  return GARITA_OK;
}

static const garita_driver_api driver_api = {sizeof(driver_api), 0, driver_describe, driver_open};

GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation,
                                                            garita_answer* answer, garita_error* error) {
  (void)error;
  if (negotiation->abi_min > GARITA_ABI_1_0 || negotiation->abi_max < GARITA_ABI_1_0)
    return GARITA_VERSION_MISMATCH;
  answer->abi = GARITA_ABI_1_0;
  answer->api = &driver_api;
  return GARITA_OK;
}
