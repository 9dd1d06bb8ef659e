#include "core/exchange/inbound/facts.hpp"

#include <algorithm>

namespace garita::exchange {
namespace {

// Fields by their path, as core/record/leaf.hpp writes their values: a tag, then the payload. So a field of a
// newer record is read, or not, like any other.
class Fields {
 public:
  explicit Fields(std::vector<package::FieldInfo> fields) {
    for (package::FieldInfo& field : fields)
      if (!field.value_withheld && !field.name_withheld)
        values_.emplace(std::move(field.path), std::move(field.value));
  }

  std::optional<std::string> text(const std::string& path) const {
    const std::string* value = find(path);
    if (value == nullptr || ((*value)[0] != 't' && (*value)[0] != 'e')) return std::nullopt;
    return value->substr(1);
  }

  std::optional<bool> boolean(const std::string& path) const {
    const std::string* value = find(path);
    if (value == nullptr || (*value)[0] != 'b' || value->size() != 2) return std::nullopt;
    return (*value)[1] != 0;
  }

  std::optional<int64_t> integer(const std::string& path) const {
    const std::string* value = find(path);
    if (value == nullptr || (*value)[0] != 'i' || value->size() != 9) return std::nullopt;
    uint64_t number = 0;
    for (size_t i = 8; i >= 1; --i) number = number << 8 | static_cast<uint8_t>((*value)[i]);
    return static_cast<int64_t>(number);
  }

  std::optional<base::Digest> digest(const std::string& path) const {
    const std::string* value = find(path);
    if (value == nullptr || (*value)[0] != 'y' || value->size() != 1 + base::Digest().size())
      return std::nullopt;
    base::Digest digest;
    std::transform(value->begin() + 1, value->end(), digest.begin(),
                   [](char c) { return static_cast<base::Digest::value_type>(c); });
    return digest;
  }

  const std::map<std::string, std::string>& all() const { return values_; }

 private:
  const std::string* find(const std::string& path) const {
    const auto found = values_.find(path);
    return found == values_.end() || found->second.empty() ? nullptr : &found->second;
  }

  std::map<std::string, std::string> values_;
};

std::optional<unsigned> box_of(const std::optional<std::string>& text) {
  if (!text || text->size() < 2 || (*text)[0] != 'B' || (*text)[1] < '0' || (*text)[1] > '3')
    return std::nullopt;
  if (text->size() > 2 && (*text)[2] >= '0' && (*text)[2] <= '9') return std::nullopt;
  return static_cast<unsigned>((*text)[1] - '0');
}

void take(Facts& facts, const Vouched& vouched) {
  facts.certificate = word_of(vouched.standing);
  facts.signed_by = vouched.signed_by;
  if (!vouched.content) return;
  const trust::Certificate& certificate = *vouched.content;
  facts.level = certificate.level;
  facts.suite = certificate.suite;
  facts.truth = certificate.truth == trust::Truth::object ? "object"
                : certificate.truth == trust::Truth::twin ? "twin"
                                                          : "none";
}

void take_fidelity(Facts& facts, const Fields& fields) {
  for (const auto& [path, unused] : fields.all())
    if (path.starts_with("views[") && path.ends_with("].fidelity") && facts.fidelity.size() < 16)
      if (const auto word = fields.text(path)) facts.fidelity.insert(*word);
}

}  // namespace

base::Result<Claims> claims_of(package::Reader& package) {
  GARITA_TRY_ASSIGN(read, package.read_record());
  const Fields fields(std::move(read));
  Claims claims;
  claims.root = package.root();
  claims.signer = package.signer().key_id;
  claims.driver_sha256 = fields.digest("device.driver_sha256");
  claims.certificate_id = fields.text("device.certificate_id");
  claims.firmware = fields.text("device.firmware");
  Facts& facts = claims.shown;
  if (const auto word = fields.text("device.certification")) facts.certified = *word == "certified";
  facts.box = box_of(fields.text("device.box"));
  take_fidelity(facts, fields);
  facts.vendor = fields.text("device.vendor");
  facts.model = fields.text("device.model");
  facts.driver = fields.text("device.driver_id");
  facts.country = fields.text("site.country");
  facts.ended_utc_ns = fields.integer("time.ended.utc_ns");
  if (!facts.ended_utc_ns) facts.ended_utc_ns = fields.integer("time.started.utc_ns");
  if (const auto state = fields.text("completeness.state")) facts.complete = *state == "complete";
  facts.freshness = fields.text("freshness.verdict");
  facts.replayed = fields.boolean("provenance.replayed");
  return claims;
}

Facts facts_of(const Claims& claims, const Books& books, int64_t now_utc_ns) {
  Facts facts = claims.shown;
  if (const auto found = books.authorities.find(claims.signer); found != books.authorities.end())
    facts.authority = found->second;
  if (books.trust)
    if (const auto known = vouched(*books.trust, claims, now_utc_ns)) take(facts, *known);
  return facts;
}

}  // namespace garita::exchange
