#include "conformance/evidence/chain.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

// Looked at before anything recursive sees the text.
bool is_shallow(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '[' || c == '{')) {
      if (++depth > max_json_depth) return false;
    } else if (!in_string && (c == ']' || c == '}')) {
      depth -= depth > 0;
    }
  }
  return true;
}

json line_of(const json& event, uint64_t number, const base::Digest& previous) {
  return {{"event", event}, {"n", number}, {"previous", base::to_text(previous)}};
}

}  // namespace

std::string canonical(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<json> parse_canonical(std::string_view text) {
  if (!is_shallow(text)) return std::nullopt;
  json value = json::parse(text, nullptr, false);
  if (value.is_discarded() || canonical(value) != text) return std::nullopt;
  return value;
}

void Chain::add(const json& event) {
  const std::string line = canonical(line_of(event, ++lines_, head_));
  head_ = base::sha256(line);
  text_ += line + '\n';
}

base::Result<ReadChain> read_chain(std::string_view text, const std::string& path) {
  ReadChain own;
  for (uint64_t number = 1; !text.empty(); ++number) {
    const base::Error broken{
        base::Outcome::no, "evidence.chain", {{"path", path}, {"line", std::to_string(number)}}};
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return broken;
    const std::string_view line = text.substr(0, end);
    auto value = parse_canonical(line);
    if (!value || !value->is_object() || !value->contains("event")) return broken;
    json event = std::move((*value)["event"]);
    if (!event.is_object() || !event.contains("event") || !event["event"].is_string()) return broken;
    if (canonical(line_of(event, number, own.head)) != line) return broken;
    own.head = base::sha256(line);
    own.events.push_back(std::move(event));
    text.remove_prefix(end + 1);
  }
  return own;
}

}  // namespace garita::conformance
