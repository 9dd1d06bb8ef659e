// garita catalog rebuild | check | retain: the index of packages made anew, looked through, and made smaller
// by policy.
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/catalog/reader.hpp"
#include "core/catalog/retention.hpp"
#include "core/host/catalog_index.hpp"
#include "core/host/evidence.hpp"
#include "tools/garita/addenda.hpp"

namespace garita::cli {
namespace {

namespace fs = std::filesystem;

std::string dump(const nlohmann::json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void tell(const Terminal& terminal, const base::Error& error) {
  terminal.err << "garita: " << base::render(error, terminal.language) << '\n';
}

// ---- rebuild

base::Result<catalog::Writer> open_or_set_aside(const Terminal& terminal, const fs::path& database) {
  auto writer = catalog::Writer::open(database);
  if (writer || writer.error().id != "catalog.damaged") return writer;
  GARITA_TRY_ASSIGN(aside, catalog::set_aside(database));
  terminal.err << "garita: " << terminal.text("cli.catalog_aside", {{"path", aside.string()}}) << '\n';
  return catalog::Writer::open(database);
}

base::Result<catalog::ReconcileReport> rebuild_all(const Terminal& terminal, const fs::path& state,
                                                   const std::vector<std::string>& more) {
  const fs::path database = host::catalog_path(state);
  GARITA_TRY(base::real_file_system().create_folders(state, 0700));
  // Damage that only a thorough look finds: the rows of a page that broke would otherwise stay away.
  if (auto reader = catalog::Reader::open(database); reader && !reader->check()) {
    GARITA_TRY_ASSIGN(aside, catalog::set_aside(database));
    terminal.err << "garita: " << terminal.text("cli.catalog_aside", {{"path", aside.string()}}) << '\n';
  }
  GARITA_TRY_ASSIGN(writer, open_or_set_aside(terminal, database));
  std::error_code error;
  for (const std::string& folder : more)
    GARITA_TRY(catalog::remember_folder(database, fs::absolute(folder, error)));
  catalog::ReconcileReport sum;
  for (const fs::path& folder : catalog::known_folders(database)) {
    auto report = catalog::reconcile(writer, folder, host::believed_keys(state), {.again = true});
    if (!report) {  // a folder that is away today
      tell(terminal, report.error());
      ++sum.left;
      continue;
    }
    sum.files += report->files;
    sum.added += report->added;
    sum.refused += report->refused;
    for (base::Error& why : report->errors) sum.errors.push_back(std::move(why));
  }
  GARITA_TRY(catalog::forget_missing(writer, database));
  return sum;
}

int rebuild(const Terminal& terminal, const Options& options, const fs::path& state) {
  auto report = rebuild_all(terminal, state, options.all("packages"));
  if (!report) return fail(terminal, report.error());
  for (const base::Error& why : report->errors) tell(terminal, why);
  if (terminal.json)
    terminal.out << dump(
                        {{"packages", report->files}, {"added", report->added}, {"refused", report->refused}})
                 << '\n';
  else
    terminal.out << terminal.text("cli.catalog_rebuilt", {{"added", std::to_string(report->added)},
                                                          {"files", std::to_string(report->files)},
                                                          {"refused", std::to_string(report->refused)}})
                 << '\n';
  return report->refused + report->left > 0 ? 4 : 0;
}

// ---- check

int check(const Terminal& terminal, const fs::path& state) {
  auto reader = catalog::Reader::open(host::catalog_path(state));
  if (!reader) return fail(terminal, reader.error());
  if (auto holds = reader->check(); !holds) return fail(terminal, holds.error());
  auto totals = reader->totals();
  if (!totals) return fail(terminal, totals.error());
  if (terminal.json)
    terminal.out << dump({{"packages", totals->packages}, {"size_bytes", totals->size_bytes}}) << '\n';
  else
    terminal.out << terminal.text("cli.catalog_holds",
                                  {{"packages", std::to_string(totals->packages)},
                                   {"megabytes", std::to_string(totals->size_bytes / 1'000'000)}})
                 << '\n';
  return 0;
}

// ---- retain

nlohmann::json to_json(const catalog::RetentionPlan& plan) {
  nlohmann::json removals = nlohmann::json::array();
  for (const catalog::Removal& each : plan.removals)
    removals.push_back({{"package", each.entry.path.string()},
                        {"root", base::to_text(each.entry.root)},
                        {"utc", base::format_utc(each.entry.utc_ns)},
                        {"size_bytes", each.entry.size_bytes},
                        {"class", name_of(each.retention_class)},
                        {"reason", name_of(each.reason)}});
  return {{"removals", removals}, {"bytes", plan.bytes}, {"on_hold", plan.on_hold}, {"more", plan.more}};
}

void print_plan(const Terminal& terminal, const catalog::RetentionPlan& plan) {
  for (const catalog::Removal& each : plan.removals)
    terminal.out << base::format_utc(each.entry.utc_ns, 0) << "  "
                 << padded(name_of(each.retention_class), 10) << "  " << padded(name_of(each.reason), 4)
                 << "  " << base::printable(each.entry.path.string()) << '\n';
  terminal.out << terminal.text("cli.catalog_plan", {{"count", std::to_string(plan.removals.size())},
                                                     {"megabytes", std::to_string(plan.bytes / 1'000'000)},
                                                     {"held", std::to_string(plan.on_hold)}})
               << '\n';
}

base::Result<catalog::RetentionPlan> plan_of(const Options& options, const fs::path& database) {
  constexpr uint64_t max_policy_bytes = 4u << 20;
  GARITA_TRY_ASSIGN(path, options.required("policy"));
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_policy_bytes));
  GARITA_TRY_ASSIGN(policy, catalog::parse_policy(text, path));
  GARITA_TRY_ASSIGN(reader, catalog::Reader::open(database));
  return catalog::plan_retention(reader, policy, base::system_clock().utc_ns());
}

int retain(const Terminal& terminal, const Options& options, const fs::path& state) {
  const fs::path database = host::catalog_path(state);
  auto plan = plan_of(options, database);
  if (!plan) return fail(terminal, plan.error());
  if (options.has("dry-run")) {
    if (terminal.json)
      terminal.out << dump(to_json(*plan)) << '\n';
    else
      print_plan(terminal, *plan);
    return 0;
  }
  auto writer = catalog::Writer::open(database);
  if (!writer) return fail(terminal, writer.error());
  const auto journal = [&](std::string_view kind, std::string_view line) {
    return host::append_audit(state, kind, line);
  };
  auto report = catalog::apply_retention(*writer, *plan, host::believed_keys(state), journal);
  if (!report) return fail(terminal, report.error());
  if (terminal.json)
    terminal.out << dump({{"removed", report->removed},
                          {"bytes", report->bytes},
                          {"spared", report->spared},
                          {"finished", report->finished},
                          {"on_hold", plan->on_hold},
                          {"more", plan->more}})
                 << '\n';
  else
    terminal.out << terminal.text("cli.catalog_retained",
                                  {{"removed", std::to_string(report->removed + report->finished)},
                                   {"megabytes", std::to_string(report->bytes / 1'000'000)},
                                   {"held", std::to_string(plan->on_hold + report->spared)}})
                 << '\n';
  return 0;
}

}  // namespace

int catalog_command(const Terminal& terminal, const Arguments& arguments) {
  Arguments rest = arguments;
  const std::string what = rest.empty() || rest.front().starts_with('-') ? "" : rest.front();
  if (!what.empty()) rest.erase(rest.begin());
  Options options(terminal, "catalog");
  options.value("state", "FOLDER").list("packages", "FOLDER").value("policy", "FILE").flag("dry-run");
  auto parsed = options.parse(rest);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto state = state_folder(options);
  if (!state) return fail(terminal, state.error());
  if (what == "rebuild") return rebuild(terminal, options, *state);
  if (what == "check") return check(terminal, *state);
  if (what == "retain") return retain(terminal, options, *state);
  return fail(terminal, usage_error("cli.bad_catalog", {{"given", what}}));
}

}  // namespace garita::cli
