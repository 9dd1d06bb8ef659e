/* The wire alone: a message comes back as what it was, and no damage becomes a message. */
#include "wire.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void check(int holds, const char* what) {
  if (holds) return;
  printf("FAILED: %s\n", what);
  ++failures;
}

/* As the driver does: a frame's size from its header, then the whole frame. */
static struct wire_message back(const uint8_t* bytes, size_t size) {
  const size_t frame_bytes = size < WIRE_HEADER_BYTES ? 0 : wire_frame_bytes(bytes);
  return wire_decode(bytes, frame_bytes <= size ? frame_bytes : 0);
}

static size_t some_begin(uint8_t* frame) {
  uint8_t* payload = frame + WIRE_HEADER_BYTES;
  wire_put(payload, 5, 8);
  wire_put(payload + 8, 3, 2);
  wire_put(payload + 10, 5000, 4);
  memcpy(payload + 14, "\3key\7ABC1234", 12);
  return wire_close(frame, WIRE_BEGIN, 26);
}

static void a_scans_begin_comes_back_with_all_its_fields(void) {
  uint8_t frame[64];
  const struct wire_message m = back(frame, some_begin(frame));
  check(m.type == WIRE_BEGIN && m.time_utc_ns == 5 && m.columns == 3 && m.pitch_um == 5000,
        "numbers come back");
  check(m.key_bytes == 3 && memcmp(m.key, "key", 3) == 0, "the key comes back");
  check(m.text_bytes == 7 && memcmp(m.text, "ABC1234", 7) == 0, "the plate comes back");
}

static void no_flipped_bit_becomes_a_message(void) {
  uint8_t frame[64];
  const size_t size = some_begin(frame);
  for (size_t bit = 0; bit < size * 8; ++bit) {
    frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
    check(back(frame, size).type == WIRE_DAMAGE, "a flipped bit is noticed");
    frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
}

static void no_cut_frame_becomes_a_message(void) {
  uint8_t frame[64];
  const size_t size = some_begin(frame);
  for (size_t cut = 0; cut < size; ++cut)
    check(back(frame, cut).type == WIRE_DAMAGE, "a cut frame is noticed");
}

static void the_recorded_session_is_one_whole_scan(const char* path) {
  static uint8_t session[1 << 20];
  int seen[6] = {0};
  FILE* file = fopen(path, "rb");
  const size_t size = file != NULL ? fread(session, 1, sizeof session, file) : 0;
  if (file != NULL) fclose(file);
  for (size_t at = 0; at < size;) {
    const struct wire_message m = back(session + at, size - at);
    ++seen[m.type];
    if (m.type == WIRE_DAMAGE) break;
    at += wire_frame_bytes(session + at);
  }
  check(seen[WIRE_DAMAGE] == 0 && seen[WIRE_BEGIN] == 1 && seen[WIRE_LINE] == 200 && seen[WIRE_END] == 1,
        "the session holds one whole scan");
}

int main(int argc, char** argv) {
  a_scans_begin_comes_back_with_all_its_fields();
  no_flipped_bit_becomes_a_message();
  no_cut_frame_becomes_a_message();
  if (argc > 1) the_recorded_session_is_one_whole_scan(argv[1]);
  printf(failures == 0 ? "all checks hold\n" : "%d checks failed\n", failures);
  return failures == 0 ? 0 : 1;
}
