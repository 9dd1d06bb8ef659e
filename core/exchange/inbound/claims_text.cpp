#include "core/exchange/inbound/claims_text.hpp"

#include "core/base/text.hpp"
#include "core/trust/json.hpp"

namespace garita::exchange {
namespace {

using Json = nlohmann::json;
constexpr size_t max_text_bytes = 256, max_words = 16;

template <typename Value>
void put(Json& json, const char* key, const std::optional<Value>& value) {
  if (value) json[key] = *value;
}

// Reads the keys that it is asked for; any other, or another type, spoils all.
class Reading {
 public:
  explicit Reading(const Json& json) : json_(json) {}

  void text(const char* key, std::optional<std::string>& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (is_text(*value))
      out = value->get<std::string>();
    else
      good_ = false;
  }
  void flag(const char* key, std::optional<bool>& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (value->is_boolean())
      out = value->get<bool>();
    else
      good_ = false;
  }
  void number(const char* key, std::optional<int64_t>& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (value->is_number_integer() && !(value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX))
      out = value->get<int64_t>();
    else
      good_ = false;
  }
  void digest(const char* key, base::Digest& out) {
    std::optional<std::string> given;
    text(key, given);
    const auto parsed = given ? base::parse_digest(*given) : std::nullopt;
    if (parsed)
      out = *parsed;
    else
      good_ = false;
  }
  void digest_or_none(const char* key, std::optional<base::Digest>& out) {
    if (json_.contains(key)) digest(key, out.emplace());
  }
  void words(const char* key, std::set<std::string>& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array() || value->size() > max_words) {
      good_ = false;
      return;
    }
    for (const Json& word : *value) {
      if (is_text(word))
        out.insert(word.get<std::string>());
      else
        good_ = false;
    }
  }
  bool all_known() const { return good_ && asked_ == json_.size(); }

 private:
  static bool is_text(const Json& value) {
    return value.is_string() && value.get_ref<const std::string&>().size() <= max_text_bytes;
  }
  const Json* find(const char* key) {
    const auto found = json_.find(key);
    if (found == json_.end()) return nullptr;
    ++asked_;
    return &*found;
  }

  const Json& json_;
  size_t asked_ = 0;
  bool good_ = true;
};

}  // namespace

std::string to_json(const Claims& claims) {
  const Facts& shown = claims.shown;
  Json json = {{"root", base::to_text(claims.root)},
               {"signer", base::to_text(claims.signer)},
               {"whole", claims.whole},
               {"withheld", claims.withheld}};
  const auto cut = [](std::optional<std::string> text) {
    if (text) text->resize(std::min(text->size(), max_text_bytes));
    return text;
  };
  put(json, "fault", cut(claims.fault));
  if (claims.driver_sha256) json["driver_sha256"] = base::to_text(*claims.driver_sha256);
  put(json, "certificate", cut(claims.certificate_id));
  put(json, "firmware", cut(claims.firmware));
  put(json, "certified", shown.certified);
  put(json, "box", shown.box);
  if (!shown.fidelity.empty()) json["fidelity"] = shown.fidelity;
  put(json, "vendor", cut(shown.vendor));
  put(json, "model", cut(shown.model));
  put(json, "driver", cut(shown.driver));
  put(json, "country", cut(shown.country));
  put(json, "ended_utc_ns", shown.ended_utc_ns);
  put(json, "complete", shown.complete);
  put(json, "freshness", cut(shown.freshness));
  put(json, "replayed", shown.replayed);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Result<Claims> parse_claims(std::string_view text) {
  const base::Error malformed{base::Outcome::no, "exchange.claims_malformed", {}, 0};
  const auto json = trust::parse_json(text, "claims", max_claims_bytes);
  if (!json.ok()) return malformed;
  Reading reading(*json);
  Claims claims;
  Facts& shown = claims.shown;
  std::optional<bool> whole;
  std::optional<int64_t> withheld, box;
  reading.digest("root", claims.root);
  reading.digest("signer", claims.signer);
  reading.flag("whole", whole);
  reading.number("withheld", withheld);
  reading.text("fault", claims.fault);
  reading.digest_or_none("driver_sha256", claims.driver_sha256);
  reading.text("certificate", claims.certificate_id);
  reading.text("firmware", claims.firmware);
  reading.flag("certified", shown.certified);
  reading.number("box", box);
  reading.words("fidelity", shown.fidelity);
  reading.text("vendor", shown.vendor);
  reading.text("model", shown.model);
  reading.text("driver", shown.driver);
  reading.text("country", shown.country);
  reading.number("ended_utc_ns", shown.ended_utc_ns);
  reading.flag("complete", shown.complete);
  reading.text("freshness", shown.freshness);
  reading.flag("replayed", shown.replayed);
  if (!reading.all_known() || !whole || !withheld || *withheld < 0 || (box && (*box < 0 || *box > 3)))
    return malformed;
  claims.whole = *whole;
  claims.withheld = static_cast<uint64_t>(*withheld);
  if (box) shown.box = static_cast<unsigned>(*box);
  return claims;
}

}  // namespace garita::exchange
