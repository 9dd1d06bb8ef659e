/* An acme-x1 that isn't there: speaks the wire over TCP, or writes a session into a file.
 *
 *   acme-x1-sim --listen PORT [--scans N]    on 127.0.0.1; PORT 0: any; N scans a connection, then it closes
 * it acme-x1-sim --write FILE [--scans N]     the bytes of one connection
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

enum { COLUMNS = 128, LINES = 200 };

struct session {
  FILE* out;
  const char* prefix; /* of the scans' keys */
  int64_t time_utc_ns;
  int scans;
  uint16_t counter; /* starts late, so that the driver is seen to follow it over its edge */
  uint32_t noise;
  uint8_t frame[WIRE_MAX_FRAME_BYTES];
};

static double dark(uint32_t column) { return 300 + 2.0 * (column % 7); }
static double air(uint32_t column) { return 52000 + 40.0 * (column % 11); }

static int inside(double value, double low, double high) { return value >= low && value < high; }

/* What the beam meets, in mean free paths: a box on wheels, something dense inside. */
static double depth(uint32_t line, uint32_t column) {
  double sum = 0;
  if (inside(line, 20, 180) && inside(column, 25, 95))
    sum += inside(line, 24, 176) && inside(column, 29, 91) ? 0.4 : 1;
  if (inside(line, 60, 90) && inside(column, 60, 91)) sum += 1.5;
  if (hypot(line - 50.0, column - 103.0) < 12 || hypot(line - 150.0, column - 103.0) < 12) sum += 2;
  return sum;
}

static void say(struct session* s, enum wire_type type, size_t payload_bytes) {
  fwrite(s->frame, 1, wire_close(s->frame, type, payload_bytes), s->out);
}

static void say_begin(struct session* s) {
  static const char plate[] = "ABC1234";
  uint8_t* payload = s->frame + WIRE_HEADER_BYTES;
  char key[WIRE_MAX_KEY_BYTES];
  const size_t key_bytes = (size_t)snprintf(key, sizeof key, "%.100s-%d", s->prefix, ++s->scans);
  wire_put(payload, (uint64_t)(s->time_utc_ns + (s->scans - 1) * 1000000000LL), 8);
  wire_put(payload + 8, COLUMNS, 2);
  wire_put(payload + 10, 5000, 4);
  payload[14] = (uint8_t)key_bytes;
  memcpy(payload + 15, key, key_bytes);
  payload[15 + key_bytes] = sizeof plate - 1;
  memcpy(payload + 16 + key_bytes, plate, sizeof plate - 1);
  say(s, WIRE_BEGIN, 16 + key_bytes + sizeof plate - 1);
}

static void say_line(struct session* s, uint32_t line) {
  uint8_t* payload = s->frame + WIRE_HEADER_BYTES;
  wire_put(payload, s->counter++, 2);
  for (uint32_t c = 0; c < COLUMNS; ++c) {
    s->noise = s->noise * 1664525u + 1013904223u;
    const double grain = (s->noise >> 24) / 2.0 - 64;
    const double count = dark(c) + (air(c) - dark(c)) * exp(-depth(line, c)) + grain;
    wire_put(payload + 2 + (size_t)c * 2, (uint16_t)count, 2);
  }
  say(s, WIRE_LINE, 2 + COLUMNS * 2);
}

/* One connection: all that a scanner says from the moment it is listened to. */
static int session(FILE* out, const char* prefix, int64_t time_utc_ns, int scans) {
  static struct session s;
  uint8_t* payload = s.frame + WIRE_HEADER_BYTES;
  s.out = out, s.prefix = prefix, s.time_utc_ns = time_utc_ns;
  s.scans = 0, s.counter = 65500, s.noise = 1;
  payload[0] = 2;
  memcpy(payload + 1, "ready", 5);
  say(&s, WIRE_HEALTH, 6);
  for (uint32_t c = 0; c < COLUMNS; ++c) {
    wire_put(payload + (size_t)c * 2, (uint64_t)dark(c), 2);
    wire_put(payload + (size_t)(COLUMNS + c) * 2, (uint64_t)air(c), 2);
  }
  say(&s, WIRE_CALIBRATION, COLUMNS * 4);
  for (int scan = 0; scan < scans; ++scan) {
    say_begin(&s);
    for (uint32_t line = 0; line < LINES; ++line) say_line(&s, line);
    wire_put(payload, LINES, 4);
    say(&s, WIRE_END, 4);
  }
  return fclose(out);
}

static int failed(const char* what) {
  perror(what);
  return 1;
}

static int serve(uint16_t port, int scans) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr*)&address, size) != 0 || listen(listener, 4) != 0)
    return failed("acme-x1-sim");
  getsockname(listener, (struct sockaddr*)&address, &size);
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  signal(SIGPIPE, SIG_IGN);
  for (int connection = 1;; ++connection) {
    const int peer = accept(listener, NULL, NULL);
    FILE* out = peer >= 0 ? fdopen(peer, "wb") : NULL;
    if (out == NULL) return failed("acme-x1-sim");
    char prefix[64];
    const int64_t now_s = time(NULL);
    snprintf(prefix, sizeof prefix, "SIM-%lld-%d", (long long)now_s, connection);
    session(out, prefix, now_s * 1000000000, scans); /* an error: the other side has seen enough */
  }
}

int main(int argc, char** argv) {
  const char *port = NULL, *file = NULL;
  int scans = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--listen") == 0) port = argv[i + 1];
    if (strcmp(argv[i], "--write") == 0) file = argv[i + 1];
    if (strcmp(argv[i], "--scans") == 0) scans = atoi(argv[i + 1]);
  }
  if (file != NULL) {
    FILE* out = fopen(file, "wb");
    return out == NULL || session(out, "SIM", 1767225600000000000, scans) != 0 ? failed(file) : 0;
  }
  if (port != NULL) return serve((uint16_t)atoi(port), scans);
  fprintf(stderr, "usage: acme-x1-sim --listen PORT | --write FILE [--scans N]\n");
  return 2;
}
