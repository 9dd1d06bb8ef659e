#include "core/load/manifest_reader.hpp"

#include <set>
#include <utility>

namespace garita::load {

bool is_printable(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}
bool is_line(const std::string& text) { return !text.empty() && text.size() <= 256 && is_printable(text); }
bool is_text(const std::string& text) { return !text.empty() && text.size() <= max_manifest_text_bytes; }
bool is_any(const std::string& text) { return text.size() <= max_manifest_text_bytes; }
bool is_glob(const std::string& text) {
  return !text.empty() && text.size() <= 128 && is_printable(text) &&
         text.find_first_of("/\\") == std::string::npos;
}

bool is_plain_path(const std::string& text) {
  if (!is_line(text) || text.find('\\') != std::string::npos) return false;
  for (size_t from = 0; from <= text.size();) {
    const size_t to = std::min(text.find('/', from), text.size());
    const std::string part = text.substr(from, to - from);
    if (part.empty() || part == "." || part == "..") return false;
    from = to + 1;
  }
  return true;
}

LocalText local_text(Reader& read, const Json& object, const std::string& where) {
  const Json* value = read.find(object, where, "text", false);
  if (!value || !read.is(*value, value->is_object(), where + "text")) return {};
  return {read.text(*value, where + "text.", "en", is_text, true),
          read.text(*value, where + "text.", "es", is_text, true)};
}

base::Result<Json> parse_json(std::string_view text, std::string_view origin) {
  struct Refused {
    const char* id;
    std::string field;
  };
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > static_cast<int>(max_manifest_depth)) throw Refused{"manifest_depth", {}};
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      throw Refused{"manifest_key_twice", value.get<std::string>()};
    return true;
  };
  const auto error = [&](const char* id, std::string field, std::string value) {
    return base::Error{
        base::Outcome::not_loaded,
        "load." + std::string(id),
        {{"path", std::string(origin)}, {"field", std::move(field)}, {"value", std::move(value)}},
        0};
  };
  try {
    return Json::parse(text, watch);
  } catch (const Refused& refused) {
    return error(refused.id, refused.field, std::to_string(max_manifest_depth));
  } catch (const Json::parse_error& wrong) {
    return error("manifest_json", {}, std::to_string(wrong.byte));
  } catch (const std::exception&) {  // a number beyond double, memory
    return error("manifest_json", {}, "0");
  }
}

}  // namespace garita::load
