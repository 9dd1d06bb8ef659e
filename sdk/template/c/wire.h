/* The wire of the acme-x1: bytes <-> messages. Pure, no I/O; both ways, so that the simulator speaks it too.
 *
 * This protocol is a stand-in. Put your device's in its place and keep the shape: a decode that checks every
 * size before it uses it, and the way back for the simulator and the tests.
 *
 * Everything is a frame, little-endian:
 *
 *   0      2      3     4               8         8 + n
 *   +------+------+-----+---------------+---------+----------+
 *   | "SL" | type | 0   | n, u32 ≤ 32 K | payload | CRC, u16 |   CRC-16/CCITT of all before it
 *   +------+------+-----+---------------+---------+----------+
 *
 *   1 HEALTH       u8 state (1 warming up 2 ready 3 scanning 4 interlock open 5 fault) · text
 *   2 CALIBRATION  u16 dark[columns] · u16 air[columns]; counts: beam off; beam on, nothing in it
 *   3 BEGIN        i64 time (ns since 1970 UTC) · u16 columns · u32 pitch_um · u8 size · key · u8 size ·
 * plate 4 LINE         u16 counter, wraps · u16 counts[columns] 5 END          u32 lines sent
 */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>

enum {
  WIRE_HEADER_BYTES = 8,
  WIRE_SUM_BYTES = 2,
  WIRE_MAX_PAYLOAD_BYTES = 32768,
  WIRE_MAX_FRAME_BYTES = WIRE_HEADER_BYTES + WIRE_MAX_PAYLOAD_BYTES + WIRE_SUM_BYTES,
  WIRE_MAX_COLUMNS = 4096,
  WIRE_MAX_KEY_BYTES = 128,
  WIRE_MAX_PLATE_BYTES = 255
};

enum wire_type {
  WIRE_DAMAGE = 0, /* no message of the protocol */
  WIRE_HEALTH = 1,
  WIRE_CALIBRATION = 2,
  WIRE_BEGIN = 3,
  WIRE_LINE = 4,
  WIRE_END = 5
};

/* One message. Texts and samples point into the frame it was decoded from. */
struct wire_message {
  enum wire_type type;
  const char* text; /* HEALTH: what it says. BEGIN: the plate. DAMAGE: what is wrong, one sentence */
  uint32_t text_bytes;
  const char* key; /* BEGIN: unique per device for ever */
  uint32_t key_bytes;
  uint32_t state; /* HEALTH: GARITA_HEALTH_* */
  int64_t time_utc_ns;
  uint32_t columns; /* BEGIN, CALIBRATION, LINE */
  uint32_t pitch_um;
  uint16_t counter;       /* LINE */
  uint32_t lines;         /* END */
  const uint8_t* samples; /* LINE: columns counts. CALIBRATION: dark, then air */
};

/* The size of the frame that begins with this header; 0 where it is none. */
size_t wire_frame_bytes(const uint8_t header[WIRE_HEADER_BYTES]);

/* Of a whole frame of wire_frame_bytes(). */
struct wire_message wire_decode(const uint8_t* frame, size_t frame_bytes);

/* Writes header and sum around the payload that already lies at frame + WIRE_HEADER_BYTES; the frame's size.
 */
size_t wire_close(uint8_t* frame, enum wire_type type, size_t payload_bytes);

/* Numbers of the wire, wherever they lie. */
uint64_t wire_number(const uint8_t* at, size_t size_bytes);
void wire_put(uint8_t* at, uint64_t number, size_t size_bytes);

#endif
