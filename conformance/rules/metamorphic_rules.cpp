// Rules that need no truth: what must not change where only the plate does, and what must where the object
// does. They find the driver that looks away on purpose.
#include <algorithm>

#include "conformance/rules/rule.hpp"

namespace garita::conformance {
namespace {

class Metamorphic : public Rule {
 protected:
  // compare(variant, its scan, the scan of the input that it is like), scan by scan, pixels kept.
  template <typename Compare>
  void each_pair(const char* changed, Compare compare);
  // The variants of that kind show the same pixels.
  void expect_same_pixels(const char* changed);
  void tell(const Input& variant, const SeenScan& scan, const std::string& value,
            const std::string& allowed) {
    wrong_value(variant, variant.changed + ": SCAN " + scan.begin.key, "pixels", value, allowed);
  }
  // The plain course of every input once more, by that plan: the same pixels.
  void expect_same_pixels_by(const Plan& plan, const char* what);
};

template <typename Compare>
void Metamorphic::each_pair(const char* changed, Compare compare) {
  judge_whole();
  bool any = false;
  Plan plan;
  plan.keep_pixels = true;
  for (const Input& variant : variants()) {
    if (variant.changed != changed || ended()) continue;
    const auto like = std::find_if(inputs().begin(), inputs().end(),
                                   [&](const Input& each) { return each.name == variant.like; });
    if (like == inputs().end()) continue;
    any = true;
    expect_repeatable(static_cast<size_t>(like - inputs().begin()));
    if (ended()) return;
    const Course& first = shared_course(*like, plan);
    const Course second = ended() ? Course() : course(variant, plan);
    if (ended()) return;
    if (first.scans.size() != second.scans.size())
      return wrong_value(variant, changed, "SCAN_END", std::to_string(second.scans.size()),
                         std::to_string(first.scans.size()));
    for (size_t i = 0; i < first.scans.size() && !ended(); ++i)
      compare(variant, second.scans[i], first.scans[i]);
  }
  if (!any && !ended()) undeclared(std::string("input.") + changed);
}

std::string place_of(const PlaneKey& key) {
  return "view " + std::to_string(std::get<0>(key)) + ", channel " + std::to_string(std::get<1>(key));
}

// Where two scans differ first; empty: nowhere.
std::string difference(const SeenScan& a, const SeenScan& b) {
  if (a.planes.size() != b.planes.size()) return "planes: " + std::to_string(a.planes.size());
  for (const auto& [key, plane] : a.planes) {
    const auto other = b.planes.find(key);
    if (other == b.planes.end() || plane.bytes.size() != other->second.bytes.size()) return place_of(key);
    const auto at = std::mismatch(plane.bytes.begin(), plane.bytes.end(), other->second.bytes.begin()).first;
    if (at == plane.bytes.end()) continue;
    const size_t offset = static_cast<size_t>(at - plane.bytes.begin());
    return place_of(key) + ", row " + std::to_string(offset / plane.row_bytes()) + ", column " +
           std::to_string(offset % plane.row_bytes() / plane.sample_bytes);
  }
  return {};
}

void Metamorphic::expect_same_pixels(const char* changed) {
  each_pair(changed, [this](const Input& variant, const SeenScan& scan, const SeenScan& like) {
    const std::string where = difference(scan, like);
    if (!where.empty()) tell(variant, scan, where, "as of " + variant.like);
  });
}

RULE(Metamorphic, the_plate_changes_no_pixel, "GAR-MMR-001") { expect_same_pixels("plate"); }
RULE(Metamorphic, the_container_changes_no_pixel, "GAR-MMR-002") { expect_same_pixels("container"); }
RULE(Metamorphic, the_date_changes_no_pixel, "GAR-MMR-003") { expect_same_pixels("date"); }
RULE(Metamorphic, the_language_changes_no_pixel, "GAR-MMR-004") { expect_same_pixels("language"); }
RULE(Metamorphic, the_serial_number_changes_no_pixel, "GAR-MMR-005") { expect_same_pixels("serial"); }
RULE(Metamorphic, the_category_changes_no_pixel, "GAR-MMR-006") { expect_same_pixels("category"); }

// ---- what the site alone can change: no variant is needed ----

void Metamorphic::expect_same_pixels_by(const Plan& plan, const char* what) {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    expect_repeatable(i);
    if (ended()) return;
    const Course seen = course(inputs()[i], plan);
    if (ended()) return;
    bool same = seen.scans.size() == courses[i].scans.size();
    for (size_t k = 0; same && k < seen.scans.size(); ++k)
      same = same_pixels(seen.scans[k], courses[i].scans[k]);
    if (!same) wrong_value(inputs()[i], what, "pixels", std::to_string(seen.scans.size()), "the same pixels");
  }
}

RULE(Metamorphic, the_lane_changes_no_pixel, "GAR-MMR-007") {
  Plan plan;
  plan.instance = "otay-lane-7";
  expect_same_pixels_by(plan, "instance");
}

RULE(Metamorphic, the_hosts_date_changes_no_pixel, "GAR-MMR-008") {
  Plan plan;
  plan.play.utc_shift_ns = INT64_C(400) * 86400 * 1'000'000'000;
  expect_same_pixels_by(plan, "received_utc_ns");
}

// ---- what must change, and nothing else ----

std::vector<std::vector<std::byte>> sorted_rows(const PlanePixels& plane) {
  std::vector<std::vector<std::byte>> rows;
  for (size_t row = 0; row < plane.rows(); ++row) {
    const auto begin = plane.bytes.begin() + static_cast<std::ptrdiff_t>(row * plane.row_bytes());
    rows.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(plane.row_bytes()));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

RULE(Metamorphic, strips_in_another_order_give_their_rows_in_that_order, "GAR-MMR-009") {
  each_pair("rows", [this](const Input& variant, const SeenScan& scan, const SeenScan& like) {
    if (difference(scan, like).empty())
      return tell(variant, scan, "as of " + variant.like, "in another order");
    for (const auto& [key, plane] : scan.planes) {
      const auto other = like.planes.find(key);
      if (other == like.planes.end() || sorted_rows(plane) != sorted_rows(other->second))
        return tell(variant, scan, place_of(key), "the rows of " + variant.like);
    }
  });
}

// Differences inside and outside of `where`.
struct Changes {
  size_t inside = 0, outside = 0;
  std::string first_outside;
};

void count(const PlaneKey& key, const PlanePixels& a, const PlanePixels& b,
           const std::vector<uint64_t>& where, Changes& changes) {
  for (size_t row = 0; row < a.rows(); ++row)
    for (size_t column = 0; column < a.columns; ++column) {
      const auto at = static_cast<std::ptrdiff_t>(row * a.row_bytes() + column * a.sample_bytes);
      if (std::equal(a.bytes.begin() + at, a.bytes.begin() + at + a.sample_bytes, b.bytes.begin() + at))
        continue;
      const bool inside =
          row >= where[0] && row < where[0] + where[1] && column >= where[2] && column < where[2] + where[3];
      ++(inside ? changes.inside : changes.outside);
      if (!inside && changes.first_outside.empty())
        changes.first_outside =
            place_of(key) + ", row " + std::to_string(row) + ", column " + std::to_string(column);
    }
}

Changes changes_of(const Input& variant, const SeenScan& scan, const SeenScan& like) {
  Changes changes;
  for (const auto& [key, plane] : scan.planes) {
    const auto other = like.planes.find(key);
    if (other != like.planes.end() && other->second.bytes.size() == plane.bytes.size())
      count(key, plane, other->second, variant.where, changes);
    else
      ++changes.outside, changes.first_outside = place_of(key);
  }
  return changes;
}

RULE(Metamorphic, an_object_that_moves_is_seen, "GAR-MMR-010") {
  each_pair("object", [this](const Input& variant, const SeenScan& scan, const SeenScan& like) {
    if (variant.where.size() != 4 || scan.planes.empty()) return;
    if (changes_of(variant, scan, like).inside == 0)
      tell(variant, scan, "as of " + variant.like, "changed in where");
  });
}

RULE(Metamorphic, an_object_that_moves_changes_nothing_else, "GAR-MMR-011") {
  each_pair("object", [this](const Input& variant, const SeenScan& scan, const SeenScan& like) {
    if (variant.where.size() != 4) return;
    const Changes changes = changes_of(variant, scan, like);
    if (changes.outside != 0) tell(variant, scan, changes.first_outside, "changed in where alone");
  });
}

}  // namespace
}  // namespace garita::conformance
