// An acme-x1 that isn't there: speaks the wire over TCP, or writes a session into a file.
//
//   acme-x1-sim --listen PORT [--scans N]    on 127.0.0.1; PORT 0: any; N scans a connection, then it closes
//   it acme-x1-sim --write FILE [--scans N]     the bytes of one connection
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>

#include "wire.hpp"

namespace {

constexpr uint16_t columns = 128;
constexpr uint32_t lines = 200;

double dark(uint32_t column) { return 300 + 2.0 * (column % 7); }
double air(uint32_t column) { return 52000 + 40.0 * (column % 11); }

bool inside(double value, double low, double high) { return value >= low && value < high; }

// What the beam meets, in mean free paths: a box on wheels, something dense inside.
double depth(uint32_t line, uint32_t column) {
  double sum = 0;
  if (inside(line, 20, 180) && inside(column, 25, 95))
    sum += inside(line, 24, 176) && inside(column, 29, 91) ? 0.4 : 1;
  if (inside(line, 60, 90) && inside(column, 60, 91)) sum += 1.5;
  for (const double wheel : {50.0, 150.0})
    if (std::hypot(line - wheel, column - 103.0) < 12) sum += 2;
  return sum;
}

// One connection: all that a scanner says from the moment it is listened to.
class Session {
 public:
  explicit Session(std::string prefix, int64_t time_utc_ns)
      : prefix_(std::move(prefix)), time_utc_ns_(time_utc_ns) {
    say(wire::Health{2, "ready"});
    wire::Calibration measured;
    for (uint32_t c = 0; c < columns; ++c) measured.dark.push_back(dark(c)), measured.air.push_back(air(c));
    say(measured);
  }

  void scan() {
    const std::string key = prefix_ + "-" + std::to_string(++scans_);
    say(wire::Begin{time_utc_ns_ + (scans_ - 1) * 1'000'000'000, columns, 5000, key, "ABC1234"});
    for (uint32_t line = 0; line < lines; ++line) say(wire::Line{counter_++, counts(line)});
    say(wire::End{lines});
  }

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void say(const wire::Message& message) {
    const auto frame = wire::encode(message);
    bytes_.insert(bytes_.end(), frame.begin(), frame.end());
  }

  std::vector<uint16_t> counts(uint32_t line) {
    std::vector<uint16_t> counts;
    for (uint32_t c = 0; c < columns; ++c) {
      noise_ = noise_ * 1664525u + 1013904223u;
      const double grain = static_cast<double>(noise_ >> 24) / 2 - 64;
      counts.push_back(
          static_cast<uint16_t>(dark(c) + (air(c) - dark(c)) * std::exp(-depth(line, c)) + grain));
    }
    return counts;
  }

  std::string prefix_;
  int64_t time_utc_ns_;
  int64_t scans_ = 0;
  uint16_t counter_ = 65500;  // wraps early, so that the driver is seen to follow
  uint32_t noise_ = 1;
  std::vector<std::byte> bytes_;
};

Session session(const std::string& prefix, int64_t time_utc_ns, int scans) {
  Session made(prefix, time_utc_ns);
  for (int i = 0; i < scans; ++i) made.scan();
  return made;
}

int write_session(const char* path, int scans) {
  const Session written = session("SIM", 1'767'225'600'000'000'000, scans);
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(written.bytes().data()),
             static_cast<std::streamsize>(written.bytes().size()));
  return file.flush() ? 0 : (std::perror(path), 1);
}

void send_all(int socket, const std::vector<std::byte>& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;  // the other side has seen enough
    sent += static_cast<size_t>(n);
  }
}

int serve(uint16_t port, int scans) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 4) != 0)
    return std::perror("acme-x1-sim"), 1;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  for (int connection = 1;; ++connection) {
    const int peer = accept(listener, nullptr, nullptr);
    if (peer < 0) return std::perror("acme-x1-sim"), 1;
    const int64_t now_s = std::time(nullptr);
    const std::string prefix = "SIM-" + std::to_string(now_s) + "-" + std::to_string(connection);
    send_all(peer, session(prefix, now_s * 1'000'000'000, scans).bytes());
    close(peer);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const char *port = nullptr, *file = nullptr;
  int scans = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--listen") port = argv[i + 1];
    if (option == "--write") file = argv[i + 1];
    if (option == "--scans") scans = std::atoi(argv[i + 1]);
  }
  if (file) return write_session(file, scans);
  if (port) return serve(static_cast<uint16_t>(std::atoi(port)), scans);
  std::fprintf(stderr, "usage: acme-x1-sim --listen PORT | --write FILE [--scans N]\n");
  return 2;
}
