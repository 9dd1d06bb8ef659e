#include "core/catalog/retention.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "core/package/addenda.hpp"

namespace garita::catalog {
namespace {

constexpr size_t removals_a_line = 100;  // packages of one line in the log
constexpr int64_t ns_a_day = 86'400'000'000'000;

using Roots = std::set<base::Digest>;

// What a removal needs besides the catalog.
struct Job {
  const Believed& believed;
  const Journal& journal;
  base::FileSystem& files;
};

bool is_held(const Entry& entry, const Roots& legally) {
  return entry.decision == v1::Decision::VERDICT_HOLD || legally.contains(entry.root);
}

base::Result<Roots> roots_on_legal_hold(Reader& reader, const RetentionPolicy& policy) {
  Roots roots;
  for (const LegalHold& hold : policy.legal_holds) {
    GARITA_TRY_ASSIGN(found, reader.find(hold.query, max_limit));
    // A hold that cannot be known whole holds everything: nothing is removed.
    if (found.more) return base::Error{base::Outcome::no, "catalog.hold_too_wide", {{"reason", hold.reason}}};
    for (const Entry& entry : found.entries) roots.insert(entry.root);
  }
  return roots;
}

class Planner {
 public:
  Planner(const RetentionPolicy& policy, Roots held, int64_t now_utc_ns)
      : policy_(policy), held_(std::move(held)), now_utc_ns_(now_utc_ns) {}

  bool by_age(const Entry& entry) {
    total_bytes_ += entry.size_bytes;
    const auto days = policy_.days[static_cast<size_t>(class_of(entry))];
    if (days && entry.utc_ns < now_utc_ns_ - int64_t{*days} * ns_a_day) take(entry, RemovalReason::age);
    return true;
  }

  bool by_size(const Entry& entry, RetentionClass retention_class) {
    if (!policy_.max_bytes || total_bytes_ - plan_.bytes <= *policy_.max_bytes) return false;
    if (class_of(entry) == retention_class && !taken_.contains(entry.root)) take(entry, RemovalReason::size);
    return true;
  }

  RetentionPlan finish() { return std::move(plan_); }

 private:
  void take(const Entry& entry, RemovalReason reason) {
    if (is_held(entry, held_)) {
      plan_.on_hold += counted_.insert(entry.root).second ? 1 : 0;
      return;
    }
    if (plan_.removals.size() == max_removals) {
      plan_.more = true;
      return;
    }
    plan_.removals.push_back({entry, class_of(entry), reason});
    plan_.bytes += entry.size_bytes;
    taken_.insert(entry.root);
  }

  const RetentionPolicy& policy_;
  const Roots held_;
  const int64_t now_utc_ns_;
  uint64_t total_bytes_ = 0;
  Roots taken_, counted_;
  RetentionPlan plan_;
};

std::string removing_line(const std::vector<Entry>& entries, const std::vector<Removal>& removals) {
  nlohmann::json list = nlohmann::json::array();
  for (const Entry& entry : entries) {
    const auto planned = std::find_if(removals.begin(), removals.end(), [&](const Removal& removal) {
      return removal.entry.root == entry.root;
    });
    nlohmann::json line = {{"root", base::to_text(entry.root)}, {"package", entry.path.string()}};
    if (planned != removals.end()) {
      line["class"] = name_of(planned->retention_class);
      line["reason"] = name_of(planned->reason);
    }
    list.push_back(std::move(line));
  }
  return nlohmann::json{{"packages", std::move(list)}}.dump(-1, ' ', false,
                                                            nlohmann::json::error_handler_t::replace);
}

base::Result<void> remove_file(base::FileSystem& files, const std::filesystem::path& path) {
  auto removed = files.remove(path);
  if (!removed && removed.error().id == "base.file_missing") return {};
  return removed;
}

bool says_hold(const Entry& entry, const package::Addenda& addenda, const Believed& keys) {
  Entry now = entry;
  apply(addenda, keys, now);
  return now.decision == v1::Decision::VERDICT_HOLD;
}

// Somebody may have put it on hold since the plan was made; its addenda say so before the catalog does. A
// removal cannot be taken back: so addenda that cannot be read hold it too, and so does a last decision by
// whatever key.
bool is_held_now(const Entry& entry, const Believed& believed) {
  const auto addenda = package::read_addenda(entry.path, entry.root);
  Believed all;
  for (const auto& each : addenda.entries) all.push_back(each.key_id);
  return addenda.fault || says_hold(entry, addenda, believed) || says_hold(entry, addenda, all);
}

base::Result<void> remove_package(Writer& writer, const Entry& entry, base::FileSystem& files) {
  GARITA_TRY(remove_file(files, entry.path));
  GARITA_TRY(remove_file(files, package::addenda_path(entry.path)));
  GARITA_TRY(files.sync_folder(entry.path.parent_path()));
  return writer.remove(entry.root);
}

// Files that are marked go, once the log has said so; a log that takes nothing saves them.
base::Result<void> remove_marked(Writer& writer, const std::vector<Entry>& marked, const std::string& line,
                                 const Job& job, uint64_t& removed, RetentionReport& report) {
  if (auto said = job.journal("retention.removing", line); !said) {
    for (const Entry& entry : marked) GARITA_TRY(writer.abandon_removal(entry.root));
    return said;
  }
  for (const Entry& entry : marked) {
    if (is_held_now(entry, job.believed)) {
      GARITA_TRY(writer.abandon_removal(entry.root));
      ++report.spared;
      continue;
    }
    GARITA_TRY(remove_package(writer, entry, job.files));
    ++removed;
    report.bytes += entry.size_bytes;
  }
  return {};
}

// What a run before marked, and was cut short.
base::Result<void> finish_begun(Writer& writer, const Job& job, RetentionReport& report) {
  for (;;) {
    GARITA_TRY_ASSIGN(begun, writer.removals_begun());
    if (begun.empty()) return {};
    GARITA_TRY(remove_marked(writer, begun, removing_line(begun, {}), job, report.finished, report));
  }
}

}  // namespace

std::string_view name_of(RemovalReason reason) { return reason == RemovalReason::age ? "age" : "size"; }

RetentionClass class_of(const Entry& entry) {
  if (entry.found || entry.categories.finding != 0) return RetentionClass::finding;
  if (entry.alarms != 0) return RetentionClass::alarm;
  if ((entry.categories.machine | entry.categories.operator_) != 0) return RetentionClass::detection;
  return entry.incomplete ? RetentionClass::incomplete : RetentionClass::routine;
}

base::Result<RetentionPlan> plan_retention(Reader& reader, const RetentionPolicy& policy,
                                           int64_t now_utc_ns) {
  GARITA_TRY_ASSIGN(held, roots_on_legal_hold(reader, policy));
  Planner planner(policy, std::move(held), now_utc_ns);
  GARITA_TRY(reader.each([&](const Entry& entry) { return planner.by_age(entry); }));
  for (const auto each : {RetentionClass::routine, RetentionClass::incomplete, RetentionClass::detection,
                          RetentionClass::alarm})
    if (policy.max_bytes)
      GARITA_TRY(reader.each([&](const Entry& entry) { return planner.by_size(entry, each); }));
  return planner.finish();
}

base::Result<RetentionReport> apply_retention(Writer& writer, const RetentionPlan& plan,
                                              const Believed& believed, const Journal& journal,
                                              base::FileSystem& files) {
  const Job job{believed, journal, files};
  RetentionReport report;
  GARITA_TRY(finish_begun(writer, job, report));
  for (size_t first = 0; first < plan.removals.size(); first += removals_a_line) {
    std::vector<base::Digest> roots;
    for (size_t i = first; i < std::min(first + removals_a_line, plan.removals.size()); ++i)
      roots.push_back(plan.removals[i].entry.root);
    GARITA_TRY_ASSIGN(begun, writer.begin_removal(roots));
    report.spared += roots.size() - begun.size();
    if (begun.empty()) continue;
    GARITA_TRY(
        remove_marked(writer, begun, removing_line(begun, plan.removals), job, report.removed, report));
  }
  return report;
}

}  // namespace garita::catalog
