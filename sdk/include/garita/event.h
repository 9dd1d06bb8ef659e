/* Events: what a driver delivers, one for each call of next.
 *
 * Legal at any time        HEALTH, CALIBRATION, ATTRIBUTES (outside a scan: standing, for all later scans of this
 *                          opening), READING (outside: background)
 * Legal outside a scan     SCAN_BEGIN
 * Legal only in a scan     STRIP, DETECTION, ATTACHMENT, SCAN_END
 * Anything else is WRONG_STATE. One scan at a time per device.
 *
 * body points to the driver's own struct; the host copies it and what it points to before its next call, and reads
 * min(its own size, body's struct_size) bytes. An unknown kind is dropped and counted: vendors use attributes,
 * attachments or messages.
 */
#ifndef GARITA_EVENT_H
#define GARITA_EVENT_H

#include "garita/value.h"

#define GARITA_EVENT_SCAN_BEGIN 1u
#define GARITA_EVENT_CALIBRATION 2u
#define GARITA_EVENT_STRIP 3u
#define GARITA_EVENT_READING 4u
#define GARITA_EVENT_DETECTION 5u
#define GARITA_EVENT_ATTRIBUTES 6u
#define GARITA_EVENT_ATTACHMENT 7u
#define GARITA_EVENT_SCAN_END 8u
#define GARITA_EVENT_HEALTH 9u

#define GARITA_MAX_EVENT_BYTES (1u << 20) /* of an encoded event, strips not counted */

/* kind  GARITA_EVENT_*.
 * body  garita_scan_begin, garita_calibration, … as kind says; never NULL where next answered OK. */
typedef struct garita_event {
  uint32_t struct_size;
  uint32_t kind;
  const void* body;
} garita_event;
GARITA_FROZEN(sizeof(garita_event) == 16);

/* ATTRIBUTES: more metadata. attributes: garita_attribute. A doubled key: the last wins, counted. */
typedef struct garita_attributes {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  garita_array attributes;
} garita_attributes;
GARITA_FROZEN(sizeof(garita_attributes) == 24);

/* HEALTH: what the instrument reports about itself. Never ends a scan. */
#define GARITA_HEALTH_WARMING_UP 1u
#define GARITA_HEALTH_READY 2u
#define GARITA_HEALTH_SCANNING 3u
#define GARITA_HEALTH_INTERLOCK_OPEN 4u
#define GARITA_HEALTH_FAULT 5u

/* device_time  The device's clock now, for estimating its offset; all unknown where it has none. */
typedef struct garita_health {
  uint32_t struct_size;
  uint32_t state; /* GARITA_HEALTH_* */
  garita_text message;
  garita_time device_time;
  uint32_t vendor_code;
  uint32_t reserved; /* 0 */
} garita_health;
GARITA_FROZEN(sizeof(garita_health) == 64);

#endif
