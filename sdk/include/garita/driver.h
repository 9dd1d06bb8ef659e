/* A driver binary: its one exported symbol, and what it says of itself. */
#ifndef GARITA_DRIVER_H
#define GARITA_DRIVER_H

#include "garita/device.h"

GARITA_BEGIN_C

/* What the driver is: static texts, equal to the manifest (a rule checks). models, capabilities, extensions are arrays
 * of garita_text. */
typedef struct garita_description {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  garita_text id;      /* reverse DNS: "org.garita.portal" */
  garita_text version; /* "1.2.3" */
  garita_array models;
  garita_array capabilities;
  garita_array extensions;
} garita_description;
GARITA_FROZEN(sizeof(garita_description) == 88);

/* The driver's table; static. Both slots must be there. Append only. */
typedef struct garita_driver_api {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Says what the driver is. Touches no device and no host.
   * Thread    any before the first open      Returns  OK      Since  1.0      Rules  DRV-DESCRIBE-* */
  garita_status(GARITA_CALL* describe)(garita_description* description, garita_error* error);

  /* Opens one device: takes configuration, opens streams where it likes; it need not have reached the instrument yet.
   * device    Out: handle and table.
   * Thread    [device]
   * Blocks    until open->deadline_ns; cancelled through its host calls alone
   * Returns   OK, TIMEOUT, CANCELLED, NOT_CONFIGURED, UNKNOWN_MODEL, DEVICE_LOST, PROTOCOL_ERROR, OUT_OF_MEMORY
   * Since     1.0      Rules  DRV-OPEN-* */
  garita_status(GARITA_CALL* open)(const garita_open* open, garita_device* device, garita_error* error);
} garita_driver_api;
GARITA_FROZEN(sizeof(garita_driver_api) == 24);

/* What the host offers. */
typedef struct garita_negotiation {
  uint32_t struct_size;
  uint32_t abi_min;
  uint32_t abi_max;
  uint32_t reserved; /* 0 */
  garita_text host_version;
} garita_negotiation;
GARITA_FROZEN(sizeof(garita_negotiation) == 32);

/* What the driver answers: the highest version in both ranges, and the table as that version has it. */
typedef struct garita_answer {
  uint32_t struct_size;
  uint32_t abi;
  const garita_driver_api* api;
} garita_answer;
GARITA_FROZEN(sizeof(garita_answer) == 16);

/* The only exported symbol. No I/O, no host table, no device.
 *
 * negotiation  In: the host's range.
 * answer       Out: version and table.
 * Thread    one
 * Returns   OK, VERSION_MISMATCH (the sentence names both ranges)
 * Since     1.0
 * Rules     DRV-ENTRY-* */
GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation,
                                                            garita_answer* answer, garita_error* error);

typedef garita_status(GARITA_CALL* garita_driver_entry_function)(const garita_negotiation* negotiation,
                                                                 garita_answer* answer, garita_error* error);
#define GARITA_DRIVER_ENTRY_NAME "garita_driver_entry"

GARITA_END_C

#endif
