#include "conformance/runner/selftest.hpp"

#include <fnmatch.h>
#include <poll.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "conformance/runner/command_line.hpp"
#include "conformance/runner/inputs.hpp"
#include "conformance/runner/scratch.hpp"
#include "conformance/runner/suite.hpp"
#include "conformance/runner/verdict.hpp"
#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

namespace po = boost::program_options;
using nlohmann::json;

constexpr ProcessLimits row_limits{.wall_ms = 900'000, .memory_bytes = 8ull << 30};

struct SelftestOptions {
  std::string filter;
  uint64_t jobs = 0, part = 1;
  bool json = false;
};

struct Findings {
  size_t mutants = 0, detected = 0, by_named_rule = 0, unusual = 0, false_alarms = 0;
  uint64_t mechanical = 0, mechanical_killed = 0;
  double seconds = 0;
  std::vector<std::pair<std::string, std::string>> wrong;  // row, why

  bool all_well() const {
    return detected == mutants && by_named_rule == mutants && false_alarms == 0 && wrong.empty();
  }
};

std::filesystem::path mutants_folder() {
  if (const char* given = std::getenv("GARITA_KIT_MUTANTS"); given && *given) return given;
  const std::filesystem::path here = find_program("garita-conform");
  return here.parent_path().parent_path() / "lib/garita/kit-mutants";
}

std::filesystem::path manifest_of(const std::filesystem::path& folder, const MutantRow& row) {
  const std::string name = std::string("kit_") + row.id;
  return folder / name / (name + std::string(load::manifest_suffix));
}

// Where the tapes lie, and the last results of the mechanical mutants.
std::filesystem::path source_folder(const std::filesystem::path& folder) {
  const auto text = base::read_text_file(folder / "source", 4096);
  return text ? *text : "";
}

std::vector<MutantRow> chosen(const SelftestOptions& options) {
  std::vector<MutantRow> rows;
  size_t i = 0;
  for (const MutantRow& row : mutant_rows()) {
    const auto fits = [&](const char* text) { return ::fnmatch(options.filter.c_str(), text, 0) == 0; };
    const bool wanted = options.filter.empty() || fits(row.id) || fits(row.requirement);
    if (wanted && i++ % options.part == 0) rows.push_back(row);
  }
  return rows;
}

// All rules of one row, in one process: they share what the driver shows.
struct Job {
  MutantRow row;
  std::filesystem::path report;
  Running process;
};

std::map<std::string, std::string> lines_of(const std::filesystem::path& report) {
  std::map<std::string, std::string> lines;
  const auto text = base::read_text_file(report, max_report_bytes);
  std::istringstream in(text ? *text : "");
  for (std::string line; std::getline(in, line);) {
    const json own = json::parse(line, nullptr, false);
    if (own.is_object() && own.contains("rule") && own["rule"].is_string())
      lines[own["rule"].get<std::string>()] = line;
  }
  return lines;
}

bool proves(const RuleInfo& rule, const char* requirement) {
  return std::find(rule.requirements.begin(), rule.requirements.end(), requirement) !=
         rule.requirements.end();
}

class Selftest {
 public:
  Selftest(std::vector<RuleInfo> rules, std::vector<std::filesystem::path> inputs,
           std::filesystem::path folder, std::filesystem::path scratch)
      : rules_(std::move(rules)),
        inputs_(std::move(inputs)),
        folder_(std::move(folder)),
        scratch_(std::move(scratch)) {}

  Findings run(const std::vector<MutantRow>& rows, uint64_t jobs,
               const std::function<void(size_t)>& progress) {
    for (const MutantRow& row : rows) {
      while (running_.size() >= jobs) take_one();
      start(row);
      progress(++begun_);
    }
    while (!running_.empty()) take_one();
    return std::move(findings_);
  }

 private:
  void wrong(const MutantRow& row, std::string why) { findings_.wrong.emplace_back(row.id, std::move(why)); }

  void start(const MutantRow& row) {
    const auto report = scratch_ / (std::string(row.id) + ".jsonl");
    std::vector<std::string> words = {rules_program(), "--driver", manifest_of(folder_, row).string(),
                                      "--seed",        "1",        "--report",
                                      report.string()};
    for (const RuleInfo& rule : rules_) words.insert(words.end(), {"--rule", rule.name});
    for (const auto& input : inputs_) words.insert(words.end(), {"--input", input.string()});
    auto process = Running::start(words, scratch_ / (std::string(row.id) + ".txt"), row_limits);
    if (process) return running_.push_back({row, report, std::move(*process)});
    wrong(row, base::render(process.error(), base::Language::en));
  }

  void take_one() {
    std::vector<pollfd> ends;
    for (const Job& job : running_) ends.push_back({job.process.fd(), POLLIN, 0});
    if (poll(ends.data(), ends.size(), -1) <= 0) return;
    for (size_t i = ends.size(); i-- > 0;) {
      if (ends[i].revents == 0) continue;
      Job job = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      judge_row(job.row, job.process.wait(), lines_of(job.report));
    }
  }

  void judge_row(const MutantRow& row, const ProcessEnd& end,
                 const std::map<std::string, std::string>& lines) {
    bool blamed = false, named = true;
    std::string why;
    for (const RuleInfo& rule : rules_) {
      Attempt attempt;
      attempt.rule = rule.name;
      attempt.requirements = rule.requirements;
      attempt.end = end;
      if (const auto line = lines.find(rule.name); line != lines.end()) attempt.report = line->second;
      const RuleResult result = judge(attempt);
      const bool against = is_against_driver(result.verdict) || result.verdict == Verdict::harness_error;
      const bool own = proves(rule, row.requirement) && !row.right();
      blamed = blamed || is_against_driver(result.verdict);
      const bool right = own ? name_of(result.verdict) == std::string_view(row.verdict) : !against;
      if (right) continue;
      named = false;
      const base::Error& seen = result.findings.empty() ? result.trouble : result.findings.front().seen;
      why += (why.empty() ? "" : "; ") + rule.name + ' ' + name_of(result.verdict) + ' ' + result.blocked_by +
             ' ' + base::render(seen, base::Language::en);
    }
    ++(row.right() ? findings_.unusual : findings_.mutants);
    if (!row.right() && blamed) ++findings_.detected;
    if (!row.right() && named) ++findings_.by_named_rule;
    if (row.right() && !named) ++findings_.false_alarms;
    if (!named) wrong(row, why);
  }

  const std::vector<RuleInfo> rules_;
  const std::vector<std::filesystem::path> inputs_;
  const std::filesystem::path folder_, scratch_;
  std::vector<Job> running_;
  size_t begun_ = 0;
  Findings findings_;
};

// {"mechanical": N, "mechanical_killed": N} of the last run of those.
void read_mechanical(const std::filesystem::path& path, Findings& findings) {
  const auto text = base::read_text_file(path, 64u << 20);
  const json all = json::parse(text ? *text : "", nullptr, false);
  if (!all.is_object()) return;
  findings.mechanical = all.value("mechanical", uint64_t{0});
  findings.mechanical_killed = all.value("mechanical_killed", uint64_t{0});
}

base::Result<SelftestOptions> options_of(const std::vector<std::string>& arguments) {
  SelftestOptions own;
  po::options_description all;
  auto add = all.add_options();
  add("json", po::bool_switch(&own.json));
  add("filter", po::value(&own.filter));
  add("jobs", po::value(&own.jobs));
  add("part", po::value(&own.part));
  GARITA_TRY(parse_command_line(all, arguments));
  if (own.part == 0 || own.jobs > 64)
    return base::Error{base::Outcome::usage, "conform.bad_option", {{"option", "--part, --jobs"}}};
  if (own.jobs == 0) own.jobs = 2 * std::max(1u, std::thread::hardware_concurrency());  // a row mostly waits
  return own;
}

void print(const Terminal& terminal, const SelftestOptions& options, const Findings& all) {
  json wrong = json::array();
  for (const auto& [row, why] : all.wrong) wrong.push_back({{"row", row}, {"why", why}});
  const json line = {{"mutants", all.mutants},
                     {"detected", all.detected},
                     {"by_named_rule", all.by_named_rule},
                     {"unusual", all.unusual},
                     {"false_alarms", all.false_alarms},
                     {"mechanical", all.mechanical},
                     {"mechanical_killed", all.mechanical_killed},
                     {"seconds", all.seconds},
                     {"wrong", wrong}};
  if (options.json) {
    terminal.out << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    return;
  }
  for (const auto& [row, why] : all.wrong)
    terminal.out << terminal.text("conform.selftest_wrong", {{"row", row}, {"why", why}}) << '\n';
  terminal.out << terminal.text("conform.selftest_verdict",
                                {{"verdict", all.all_well() ? "PASS" : "FAIL"},
                                 {"mutants", std::to_string(all.mutants)},
                                 {"named", std::to_string(all.by_named_rule)},
                                 {"unusual", std::to_string(all.unusual)},
                                 {"false_alarms", std::to_string(all.false_alarms)},
                                 {"mechanical", std::to_string(all.mechanical)},
                                 {"killed", std::to_string(all.mechanical_killed)}})
               << std::endl;
}

base::Result<Findings> run_selftest(const Terminal& terminal, const SelftestOptions& options) {
  const std::vector<MutantRow> rows = chosen(options);
  if (rows.empty())
    return base::Error{base::Outcome::usage, "conform.no_rule_chosen", {{"filter", options.filter}}};
  const auto folder = mutants_folder(), source = source_folder(folder);
  const auto good = manifest_of(folder, mutant_rows().front());
  GARITA_TRY_ASSIGN(manifest, load::read_manifest(good));
  GARITA_TRY_ASSIGN(scratch, Scratch::make());
  GARITA_TRY_ASSIGN(all, list_rules(scratch.path()));
  Options inputs_of;
  inputs_of.driver = good.string();
  inputs_of.input = (source / "selftest.toml").string();
  GARITA_TRY_ASSIGN(inputs, make_inputs(terminal, manifest, good, inputs_of, scratch.path()));
  Selection everything;
  everything.any_profile = true;
  Selftest selftest(select(all, Catalogue::built_in(), everything), inputs, folder, scratch.path());
  const auto begun = std::chrono::steady_clock::now();
  Findings findings = selftest.run(rows, options.jobs, [&](size_t done) {
    if (terminal.out_is_tty && !options.json)
      terminal.out << "\r\033[K" << done << '/' << rows.size() << std::flush;
  });
  if (terminal.out_is_tty && !options.json) terminal.out << "\r\033[K" << std::flush;
  findings.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  read_mechanical(source / "mechanical.json", findings);
  return findings;
}

}  // namespace

const std::vector<MutantRow>& mutant_rows() {
  static const std::vector<MutantRow> rows = {
#define MUTANT(id, requirement, verdict) {#id, requirement, #verdict},
#include "conformance/mutants/kit.def"
#undef MUTANT
  };
  return rows;
}

int selftest(const Terminal& terminal, const std::vector<std::string>& arguments) {
  const auto options = options_of(arguments);
  if (!options) return fail(terminal, options.error());
  const auto findings = run_selftest(terminal, *options);
  if (!findings) return fail(terminal, findings.error());
  print(terminal, *options, *findings);
  return findings->all_well() ? 0 : static_cast<int>(base::Outcome::no);
}

}  // namespace garita::conformance
