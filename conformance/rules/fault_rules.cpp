// What the line, the device and the site do to a driver: damaged, lost, doubled bytes, banners, cuts, clocks
// that step.
#include <algorithm>

#include "conformance/rules/rule.hpp"

namespace garita::conformance {
namespace {

class Faults : public Rule {
 protected:
  void SetUp() override {
    Rule::SetUp();
    const bool any =
        std::any_of(inputs().begin(), inputs().end(), [](const Input& input) { return input.has_bytes(); });
    if (!any && !ended()) undeclared("streams.bytes");
  }
  uint64_t random() {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return random_ >> 33;
  }
  // change(bytes) on each stream of bytes of each input, `rounds` times; the driver must stay in its
  // contract.
  template <typename Change>
  void survives(int rounds, Change change);

 private:
  uint64_t random_ = 0;
};

constexpr uint32_t chunk_bytes = 64u << 10;

std::vector<uint32_t> chunks_of(size_t size) {
  std::vector<uint32_t> chunks(size / chunk_bytes, chunk_bytes);
  if (size % chunk_bytes != 0) chunks.push_back(static_cast<uint32_t>(size % chunk_bytes));
  return chunks;
}

template <typename Change>
void Faults::survives(int rounds, Change change) {
  judge_whole();
  for (const Input& input : inputs()) {
    if (!input.has_bytes()) continue;
    for (int round = 0; round < rounds && !ended(); ++round) {
      random_ = seed() * 1000 + static_cast<uint64_t>(round);
      Input bent = input;
      bent.goes_on = false;
      for (StreamInput& stream : bent.streams) {
        if (stream.kind != GARITA_STREAM_BYTES || stream.bytes.empty()) continue;
        const size_t size_bytes = stream.bytes.size();
        change(stream.bytes, round);
        if (stream.bytes.size() == size_bytes) continue;  // chunks and their order are still theirs
        stream.chunks = chunks_of(stream.bytes.size());
        stream.order.clear();
      }
      (void)course(bent);
    }
    if (ended()) return;
  }
}

RULE(Faults, damaged_bytes_are_borne, "GAR-FLT-001") {
  survives(4, [this](std::vector<std::byte>& bytes, int round) {
    const size_t flips = 1 + bytes.size() / 4096 * static_cast<size_t>(round) + static_cast<size_t>(round);
    for (size_t i = 0; i < std::min<size_t>(flips, 64); ++i)
      bytes[random() % bytes.size()] ^= static_cast<std::byte>(round == 1 ? 0x80 : 1u << (random() % 8));
  });
}

RULE(Faults, lost_and_doubled_bytes_are_borne, "GAR-FLT-002") {
  survives(4, [this](std::vector<std::byte>& bytes, int round) {
    const size_t size = std::min<size_t>(1 + random() % 512, 1 + bytes.size() / 8);
    const auto from = static_cast<std::ptrdiff_t>(bytes.size() / 4 + random() % (bytes.size() / 2 + 1));
    const auto to =
        std::min(from + static_cast<std::ptrdiff_t>(size), static_cast<std::ptrdiff_t>(bytes.size()));
    const std::vector<std::byte> piece(bytes.begin() + from, bytes.begin() + to);
    if (round % 2 == 0)
      bytes.insert(bytes.begin() + to, piece.begin(), piece.end());
    else
      bytes.erase(bytes.begin() + from, bytes.begin() + to);
  });
}

RULE(Faults, a_banner_before_the_first_frame_is_borne, "GAR-FLT-003") {
  survives(1, [](std::vector<std::byte>& bytes, int) {
    constexpr std::string_view banner = "\r\n\r\nTerminal server 4.2, port 7\r\nlogin: \r\n";
    std::vector<std::byte> before;
    for (const char c : banner) before.push_back(static_cast<std::byte>(c));
    bytes.insert(bytes.begin(), before.begin(), before.end());
  });
}

RULE(Faults, it_may_be_cut_anywhere, "GAR-FLT-004") {
  judge_whole();
  for (const Input& input : inputs()) {
    uint64_t size = 0;
    for (const StreamInput& stream : input.streams)
      if (stream.kind == GARITA_STREAM_BYTES) size = std::max<uint64_t>(size, stream.bytes.size());
    if (size == 0) continue;
    std::vector<uint64_t> cuts = {0, 1, 2, 3, 5, 8};
    for (uint64_t i = 1; i < 8; ++i) cuts.push_back(size * i / 8 + (seed() + i) % 3);
    for (const uint64_t cut : cuts) {
      if (ended()) return;
      Plan plan;
      plan.play.cut_bytes = std::min(cut, size);
      (void)course(input, plan);
    }
  }
}

RULE(Faults, clocks_may_step, "GAR-FLT-005") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    if (!inputs()[i].has_bytes() || inputs()[i].streams.size() > 1)
      continue;  // of several, the order would change
    expect_repeatable(i);
    if (ended()) return;
    Plan plan;
    plan.play.clock_steps = true;
    const Course seen = course(inputs()[i], plan);
    if (ended()) return;
    bool same = seen.scans.size() == courses[i].scans.size();
    for (size_t k = 0; same && k < seen.scans.size(); ++k)
      same = same_pixels(seen.scans[k], courses[i].scans[k]);
    if (!same)
      wrong_value(inputs()[i], "received_ns", "SCAN",
                  std::to_string(seen.scans.size()) + " / " + std::to_string(courses[i].scans.size()),
                  "the same pixels");
  }
}

}  // namespace
}  // namespace garita::conformance
