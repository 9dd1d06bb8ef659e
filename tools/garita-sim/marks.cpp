#include "tools/garita-sim/marks.hpp"

#include <algorithm>

namespace garita::sim {
namespace {

constexpr size_t max_code_bytes = 32;

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= max_code_bytes &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c > ' ' && c != 0x7F &&
                  std::string_view("\"<>&'").find(static_cast<char>(c)) == std::string_view::npos;
         });
}

}  // namespace

base::Result<std::vector<std::string>> parse_marks(std::string_view given) {
  std::vector<std::string> marks;
  while (!given.empty()) {
    const size_t end = std::min(given.find(','), given.size());
    const std::string_view code = given.substr(0, end);
    if (!is_code(code) || marks.size() == max_marks)
      return base::Error{base::Outcome::usage, "sim.bad_value", {{"option", "--mark"}}};
    marks.emplace_back(code);
    given.remove_prefix(std::min(end + 1, given.size()));
  }
  return marks;
}

MarkPlace place_of_mark(size_t i, size_t n, uint32_t extent) {
  const auto share = static_cast<uint32_t>(extent / std::max<size_t>(n, 1));
  return {static_cast<uint32_t>(i) * share + share / 4, std::max(share / 2, 1u)};
}

}  // namespace garita::sim
