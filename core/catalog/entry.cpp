#include "core/catalog/entry.hpp"

#include <algorithm>

#include "core/base/utf8.hpp"

namespace garita::catalog {
namespace {

constexpr size_t max_text_bytes = 128;

std::string text_of(const std::string& value) {
  return std::string(base::cut_at_code_point(base::valid_utf8(value), max_text_bytes));
}

int64_t time_of(const v1::Time& time) {
  for (const v1::Moment* moment : {&time.started(), &time.ended(), &time.received()})
    if (moment->has_utc_ns()) return moment->utc_ns();
  return 0;
}

// The name that the site's configuration gave, else the place's code, else its name.
const std::string& site_of(const v1::Inspection& record) {
  if (!record.identity().site().empty()) return record.identity().site();
  return record.site().locode().empty() ? record.site().name() : record.site().locode();
}

uint32_t alarms_of(const v1::Inspection& record) {
  uint32_t alarms = 0;
  for (const v1::Reading& reading : record.readings()) {
    if (!reading.alarm()) continue;
    alarms |= reading.kind() == v1::Reading::KIND_GAMMA     ? alarm_gamma
              : reading.kind() == v1::Reading::KIND_NEUTRON ? alarm_neutron
                                                            : alarm_other;
  }
  const v1::Freshness::Verdict verdict = record.freshness().verdict();
  if (verdict == v1::Freshness::VERDICT_REPLAYED || verdict == v1::Freshness::VERDICT_SYNTHETIC) alarms |= alarm_suspect;
  return alarms;
}

uint32_t bit_of(int category) { return category > 0 && category < 20 ? 1u << category : 0; }

Categories categories_of(const v1::Inspection& record) {
  Categories categories;
  for (const v1::Detection& detection : record.detections()) {
    const bool by_operator = detection.source() == v1::Detection::SOURCE_OPERATOR;
    (by_operator ? categories.operator_ : categories.machine) |= bit_of(detection.category());
  }
  return categories;
}

bool is_believed(const base::Digest& key, const std::vector<base::Digest>& believed) {
  return std::find(believed.begin(), believed.end(), key) != believed.end();
}

void apply_correction(const v1::Correction& correction, Entry& entry) {
  const auto kind = kind_of_field(correction.path());
  const Identifier corrected{kind.value_or(IdentifierKind{}), normalized(correction.value().text())};
  if (!kind || corrected.value.empty() || entry.identifiers.size() >= max_identifiers) return;
  if (std::find(entry.identifiers.begin(), entry.identifiers.end(), corrected) == entry.identifiers.end())
    entry.identifiers.push_back(corrected);
}

}  // namespace

Entry entry_of(const v1::Inspection& inspection, const std::filesystem::path& path, const base::Digest& root,
               uint64_t size_bytes) {
  Entry entry;
  entry.path = path;
  entry.root = root;
  entry.size_bytes = size_bytes;
  entry.utc_ns = time_of(inspection.time());
  entry.inspection_id = text_of(inspection.identity().id());
  entry.scan_key = text_of(inspection.identity().scan_key());
  entry.site = text_of(site_of(inspection));
  entry.lane = text_of(inspection.identity().lane());
  entry.vendor = text_of(inspection.device().vendor());
  entry.model = text_of(inspection.device().model());
  entry.identifiers = identifiers_of(inspection);
  entry.alarms = alarms_of(inspection);
  entry.categories = categories_of(inspection);
  entry.incomplete = inspection.completeness().state() == v1::Completeness::STATE_INCOMPLETE;
  return entry;
}

void apply(const package::Addenda& addenda, const std::vector<base::Digest>& believed, Entry& entry) {
  for (const package::SignedAddendum& each : addenda.entries) {
    if (!is_believed(each.key_id, believed)) continue;
    if (each.addendum.has_decision()) entry.decision = each.addendum.decision().verdict();
    if (each.addendum.has_correction()) apply_correction(each.addendum.correction(), entry);
    if (!each.addendum.has_finding()) continue;
    entry.found = entry.found || each.addendum.finding().found();
    if (each.addendum.finding().found())
      entry.categories.finding |= bit_of(each.addendum.finding().category());
  }
  entry.addenda_bytes = addenda.good_bytes;
}

}  // namespace garita::catalog
