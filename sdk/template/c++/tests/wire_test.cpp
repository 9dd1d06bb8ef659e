// The wire alone: every message survives the way there and back, and no damage becomes a message.
#include "wire.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>

namespace {

int failures = 0;

void check(bool holds, const char* what) {
  if (holds) return;
  std::printf("FAILED: %s\n", what);
  ++failures;
}

std::vector<std::byte> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> chars((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto bytes = std::as_bytes(std::span(chars));
  return {bytes.begin(), bytes.end()};
}

// As the driver does: a frame's size from its header, then the whole frame.
wire::Message back(wire::Bytes bytes) {
  const size_t size =
      bytes.size() < wire::header_bytes ? 0 : wire::frame_bytes(bytes.first(wire::header_bytes));
  return size > 0 && size <= bytes.size() ? wire::decode(bytes.first(size)) : wire::Damage{"no frame"};
}

std::vector<wire::Message> one_of_each() {
  return {wire::Health{4, "door open"}, wire::Calibration{{1, 2, 3}, {100, 200, 300}},
          wire::Begin{5, 3, 5000, "key", "ABC1234"}, wire::Line{65535, {7, 8, 9}}, wire::End{42}};
}

void every_message_survives() {
  for (const wire::Message& message : one_of_each()) {
    const auto frame = wire::encode(message);
    const wire::Message decoded = back(frame);
    check(decoded.index() == message.index(), "a message comes back as what it was");
    check(wire::encode(decoded) == frame, "a message comes back with all its fields");
  }
}

void no_flipped_bit_becomes_a_message() {
  for (const wire::Message& message : one_of_each()) {
    auto frame = wire::encode(message);
    for (size_t bit = 0; bit < frame.size() * 8; ++bit) {
      frame[bit / 8] ^= std::byte{1} << bit % 8;
      check(std::holds_alternative<wire::Damage>(back(frame)), "a flipped bit is noticed");
      frame[bit / 8] ^= std::byte{1} << bit % 8;
    }
  }
}

void no_cut_frame_becomes_a_message() {
  for (const wire::Message& message : one_of_each()) {
    const auto frame = wire::encode(message);
    for (size_t size = 0; size < frame.size(); ++size)
      check(std::holds_alternative<wire::Damage>(back(wire::Bytes(frame).first(size))),
            "a cut frame is noticed");
  }
}

void the_recorded_session_is_one_whole_scan(const char* path) {
  const auto session = read_file(path);
  std::map<size_t, int> seen;
  wire::Bytes left = session;
  while (!left.empty()) {
    const wire::Message message = back(left);
    ++seen[message.index()];
    if (std::holds_alternative<wire::Damage>(message)) break;
    left = left.subspan(wire::frame_bytes(left.first(wire::header_bytes)));
  }
  check(seen == std::map<size_t, int>{{0, 1}, {1, 1}, {2, 1}, {3, 200}, {4, 1}},
        "the session holds one whole scan");
}

}  // namespace

int main(int argc, char** argv) {
  every_message_survives();
  no_flipped_bit_becomes_a_message();
  no_cut_frame_becomes_a_message();
  if (argc > 1) the_recorded_session_is_one_whole_scan(argv[1]);
  std::printf(failures == 0 ? "all checks hold\n" : "%d checks failed\n", failures);
  return failures == 0 ? 0 : 1;
}
