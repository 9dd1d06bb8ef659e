/* What every driver in C has: the entry, the description, handles, open and close. Names, models and
 * configuration are here; what the device does is in driver.c. */
#include "device.h"

enum { MAX_DEVICES = 8 };
static struct device devices[MAX_DEVICES];

/* Equal to the manifest. */
static const garita_text models[] = {{"ACME-X1", sizeof("ACME-X1") - 1, 0}};
static const garita_text capabilities[] = {
    {"shape.scan", 10, 0}, {"fidelity.raw", 12, 0}, {"channels.single", 15, 0}, {"row.index", 9, 0}};

/* A handle is a slot and its generation, so that one that was closed is never taken for a new one. */
static struct device* device_of(uint64_t handle) {
  const uint64_t slot = (handle & 0xFFFFFFFFu) - 1;
  return slot < MAX_DEVICES && devices[slot].handle == handle ? &devices[slot] : NULL;
}

static garita_status GARITA_CALL device_next(uint64_t handle, uint64_t deadline_ns, garita_event* event,
                                             garita_error* error) {
  struct device* d = device_of(handle);
  if (d == NULL) return fail(error, GARITA_STALE_HANDLE, "this device was closed");
  if (event == NULL || event->struct_size < sizeof(*event))
    return fail(error, GARITA_INVALID_ARGUMENT, "next was called without a place for the event");
  event->body = NULL;
  return device_step(d, deadline_ns, event, error);
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

static garita_status GARITA_CALL driver_describe(garita_description* description, garita_error* error) {
  if (description == NULL || description->struct_size < sizeof(*description))
    return fail(error, GARITA_INVALID_ARGUMENT, "describe was called without a place for the description");
  description->id = text("com.example.acme-x1");
  description->version = text("0.1.0");
  description->models.data = models;
  description->models.count = sizeof(models) / sizeof(models[0]);
  description->models.element_size_bytes = sizeof(models[0]);
  description->capabilities.data = capabilities;
  description->capabilities.count = sizeof(capabilities) / sizeof(capabilities[0]);
  description->capabilities.element_size_bytes = sizeof(capabilities[0]);
  memset(&description->extensions, 0, sizeof(description->extensions));
  return GARITA_OK;
}

static int knows(garita_text model) {
  for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); ++i)
    if (model.size_bytes == models[i].size_bytes && memcmp(model.data, models[i].data, model.size_bytes) == 0)
      return 1;
  return model.size_bytes == 0;
}

/* Fills a device that was claimed; only taken and generation outlive its last use. */
static garita_status start(struct device* d, const garita_open* open, garita_error* error) {
  const uint32_t generation = d->generation;
  memset(d, 0, sizeof(*d));
  d->taken = 1;
  d->generation = generation;
  d->host = open->host;
  d->host_handle = open->host_handle;
  garita_value energy = {GARITA_VALUE_NONE, 0, 0, 0, {NULL, 0, 0}};
  garita_status status = d->host->config_get(d->host_handle, text("energy_kev"), &energy, error);
  if (status == GARITA_OK) d->energy_kev = (uint32_t)energy.integer;
  if (status == GARITA_OK)
    status =
        d->host->stream_open(d->host_handle, text("scanner"), open->deadline_ns, NULL, &d->stream, error);
  return status;
}

static garita_status GARITA_CALL driver_open(const garita_open* open, garita_device* device,
                                             garita_error* error) {
  uint32_t slot = 0;
  if (open == NULL || open->host == NULL || device == NULL || device->struct_size < sizeof(*device))
    return fail(error, GARITA_INVALID_ARGUMENT,
                "open was called without the host's services or a place for the device");
  if (!knows(open->model)) return fail(error, GARITA_UNKNOWN_MODEL, "this driver does not know that model");
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
