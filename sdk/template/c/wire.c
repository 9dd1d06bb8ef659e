#include "wire.h"

#include <string.h>

uint64_t wire_number(const uint8_t* at, size_t size_bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < size_bytes; ++i) number |= (uint64_t)at[i] << (8 * i);
  return number;
}

void wire_put(uint8_t* at, uint64_t number, size_t size_bytes) {
  for (size_t i = 0; i < size_bytes; ++i) at[i] = (uint8_t)(number >> (8 * i));
}

static uint32_t crc16(const uint8_t* bytes, size_t size) {
  uint32_t sum = 0xFFFF;
  for (size_t i = 0; i < size; ++i) {
    sum ^= (uint32_t)bytes[i] << 8;
    for (int bit = 0; bit < 8; ++bit) sum = ((sum & 0x8000) != 0 ? sum << 1 ^ 0x1021 : sum << 1) & 0xFFFF;
  }
  return sum;
}

static struct wire_message damage(const char* why) {
  struct wire_message m;
  memset(&m, 0, sizeof(m));
  m.type = WIRE_DAMAGE;
  m.text = why;
  m.text_bytes = (uint32_t)strlen(why);
  return m;
}

static struct wire_message health(struct wire_message m, const uint8_t* payload, size_t size) {
  if (size < 1 || payload[0] < 1 || payload[0] > 5)
    return damage("the scanner sent a state that the protocol does not have");
  m.state = payload[0];
  m.text = (const char*)payload + 1;
  m.text_bytes = (uint32_t)size - 1;
  return m;
}

static struct wire_message calibration(struct wire_message m, const uint8_t* payload, size_t size) {
  if (size == 0 || size % 4 != 0 || size / 4 > WIRE_MAX_COLUMNS)
    return damage("the scanner sent dark and air lines of no known width");
  m.columns = (uint32_t)size / 4;
  m.samples = payload;
  return m;
}

static struct wire_message begin(struct wire_message m, const uint8_t* payload, size_t size) {
  if (size < 15) return damage("the scanner sent a scan's begin that is too short");
  m.time_utc_ns = (int64_t)wire_number(payload, 8);
  m.columns = (uint32_t)wire_number(payload + 8, 2);
  m.pitch_um = (uint32_t)wire_number(payload + 10, 4);
  m.key_bytes = payload[14];
  m.key = (const char*)payload + 15;
  if (m.key_bytes > WIRE_MAX_KEY_BYTES || size < 16 + (size_t)m.key_bytes)
    return damage("the scanner sent a scan's begin with a key of no known size");
  m.text_bytes = payload[15 + m.key_bytes];
  m.text = m.key + m.key_bytes + 1;
  if (size != 16 + (size_t)m.key_bytes + m.text_bytes)
    return damage("the scanner sent a scan's begin of another size");
  if (m.columns == 0 || m.columns > WIRE_MAX_COLUMNS)
    return damage("the scanner sent a scan of no known width");
  return m;
}

static struct wire_message line(struct wire_message m, const uint8_t* payload, size_t size) {
  if (size < 4 || size % 2 != 0 || size / 2 - 1 > WIRE_MAX_COLUMNS)
    return damage("the scanner sent a line of no known width");
  m.counter = (uint16_t)wire_number(payload, 2);
  m.columns = (uint32_t)size / 2 - 1;
  m.samples = payload + 2;
  return m;
}

static struct wire_message end(struct wire_message m, const uint8_t* payload, size_t size) {
  if (size != 4) return damage("the scanner sent a scan's end of another size");
  m.lines = (uint32_t)wire_number(payload, 4);
  return m;
}

size_t wire_frame_bytes(const uint8_t header[WIRE_HEADER_BYTES]) {
  const uint64_t payload_bytes = wire_number(header + 4, 4);
  if (header[0] != 'S' || header[1] != 'L' || header[3] != 0 || payload_bytes > WIRE_MAX_PAYLOAD_BYTES)
    return 0;
  return WIRE_HEADER_BYTES + (size_t)payload_bytes + WIRE_SUM_BYTES;
}

struct wire_message wire_decode(const uint8_t* frame, size_t frame_bytes) {
  if (frame_bytes < WIRE_HEADER_BYTES + WIRE_SUM_BYTES)
    return damage("the scanner sent bytes that are no frame");
  const uint8_t* payload = frame + WIRE_HEADER_BYTES;
  const size_t size = frame_bytes - WIRE_HEADER_BYTES - WIRE_SUM_BYTES;
  if (crc16(frame, frame_bytes - WIRE_SUM_BYTES) != wire_number(payload + size, WIRE_SUM_BYTES))
    return damage("the scanner sent a frame with a wrong checksum");
  struct wire_message m;
  memset(&m, 0, sizeof(m));
  m.type = (enum wire_type)frame[2];
  switch (frame[2]) {
    case WIRE_HEALTH:
      return health(m, payload, size);
    case WIRE_CALIBRATION:
      return calibration(m, payload, size);
    case WIRE_BEGIN:
      return begin(m, payload, size);
    case WIRE_LINE:
      return line(m, payload, size);
    case WIRE_END:
      return end(m, payload, size);
    default:
      return damage("the scanner sent a message that the protocol does not have");
  }
}

size_t wire_close(uint8_t* frame, enum wire_type type, size_t payload_bytes) {
  memcpy(frame, "SL", 2);
  frame[2] = (uint8_t)type;
  frame[3] = 0;
  wire_put(frame + 4, payload_bytes, 4);
  const size_t summed = WIRE_HEADER_BYTES + payload_bytes;
  wire_put(frame + summed, crc16(frame, summed), WIRE_SUM_BYTES);
  return summed + WIRE_SUM_BYTES;
}
