#include "core/trust/json.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"

namespace garita::trust {
namespace {

// The years 2000 to 2199: differences of two such times do not overflow.
constexpr int64_t earliest_ns = 946'684'800ll * 1'000'000'000, latest_ns = 7'258'118'400ll * 1'000'000'000;

base::Error document_error(const char* id, std::string_view what, std::string field = "") {
  return {base::Outcome::no, id, {{"what", std::string(what)}, {"field", std::move(field)}}, 0};
}

// Builds nothing: it only says whether the text has one meaning.
class Strict final : public nlohmann::json_sax<Json> {
 public:
  std::string doubled;
  bool bad = false;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return refuse(); }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return refuse(); }
  bool start_object(size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    doubled = name;
    return false;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return refuse();
  }

 private:
  bool refuse() {
    bad = true;
    return false;
  }
  bool enter() {
    keys_.emplace_back();
    return keys_.size() <= max_document_depth || refuse();
  }
  bool leave() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;
};

const Json& nothing() {
  static const Json empty;
  return empty;
}

}  // namespace

base::Result<Json> parse_json(std::string_view text, std::string_view what, size_t max_bytes) {
  if (text.size() > max_bytes) return document_error("trust.too_large", what);
  // A byte order mark, or spaces, before the object would be a second text of the same meaning.
  if (text.empty() || text.front() != '{') return document_error("trust.json_malformed", what);
  Strict strict;
  const bool one_meaning = Json::sax_parse(text, &strict);
  if (!strict.doubled.empty() || (!one_meaning && !strict.bad))
    return document_error("trust.json_duplicate", what, strict.doubled);
  if (!one_meaning) return document_error("trust.json_malformed", what);
  Json parsed = Json::parse(text, nullptr, false);
  if (!parsed.is_object()) return document_error("trust.json_malformed", what);
  return parsed;
}

std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Fields::Fields(const Json& object, std::string_view what, std::string where)
    : object_(object), what_(what), where_(std::move(where)) {
  if (!object_.is_object()) fail("");
}

void Fields::fail(std::string_view key) {
  if (!error_) error_ = document_error("trust.field", what_, where_ + std::string(key));
}

void Fields::take(base::Result<void> part) {
  if (!part && !error_) error_ = std::move(part).error();
}

const Json* Fields::find(const char* key) {
  known_.insert(key);
  if (error_) return nullptr;
  const auto at = object_.find(key);
  return at == object_.end() ? nullptr : &*at;
}

std::string Fields::text(const char* key, size_t max_bytes) {
  const Json* found = find(key);
  if (found && found->is_string()) {
    const auto& value = found->get_ref<const std::string&>();
    if (!value.empty() && value.size() <= max_bytes) return value;
  }
  fail(key);
  return "";
}

uint64_t Fields::number(const char* key, uint64_t low, uint64_t high) {
  const Json* found = find(key);
  if (found && found->is_number_unsigned()) {
    const auto value = found->get<uint64_t>();
    if (value >= low && value <= high) return value;
  }
  fail(key);
  return low;
}

bool Fields::flag(const char* key) {
  const Json* found = find(key);
  if (found && found->is_boolean()) return found->get<bool>();
  fail(key);
  return false;
}

int64_t Fields::time(const char* key) {
  const auto value = base::parse_utc(text(key, 40));
  if (value && *value >= earliest_ns && *value < latest_ns) return *value;
  fail(key);
  return earliest_ns;
}

base::Digest Fields::digest(const char* key) {
  const auto value = base::parse_digest(text(key, 64));
  if (!value) fail(key);
  return value.value_or(base::Digest{});
}

std::optional<base::Digest> Fields::digest_or_none(const char* key) {
  if (!find(key)) return std::nullopt;
  return digest(key);
}

const Json& Fields::array(const char* key, size_t max_items) {
  const Json* found = find(key);
  if (found && found->is_array() && found->size() <= max_items) return *found;
  fail(key);
  return nothing();
}

const Json& Fields::object(const char* key) {
  const Json* found = find(key);
  if (found && found->is_object()) return *found;
  fail(key);
  return nothing();
}

size_t Fields::choice(const char* key, std::initializer_list<std::string_view> values) {
  const auto at = std::find(values.begin(), values.end(), text(key, 64));
  if (at != values.end()) return static_cast<size_t>(at - values.begin());
  fail(key);
  return 0;
}

base::Result<void> Fields::end() {
  if (error_) return *error_;
  const auto critical = object_.find("critical");
  if (critical == object_.end()) return {};
  if (!critical->is_array() || critical->size() > 64)
    return document_error("trust.field", what_, where_ + "critical");
  for (const Json& name : *critical) {
    if (!name.is_string() || !known_.contains(name.get_ref<const std::string&>()))
      return document_error("trust.critical_unknown", what_,
                            where_ + (name.is_string() ? name.get<std::string>() : "?"));
  }
  return {};
}

}  // namespace garita::trust
