// garita-conform-rules: the rules. Started by garita-conform, once for the list, once for each live input,
// once a rule.
//
//   --list                                                            the rules and what each proves, a JSON
//   object a line
//   --record FOLDER --driver M [--source N=A]… [--config K=V]… [--model M] [--title T] [--scans N]   an
//   input, from its sources
//   --canary REPORT --driver M                                        the kit's own attempt on the box
//   --observe FOLDER --driver M [--input FOLDER]…                     pictures and figures for people
//   --rule NAME --driver M [--input FOLDER]… --seed N --report FILE   one rule; several: each a line of the report,
//                                                                     and what one has seen the others need not run
#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include <boost/program_options.hpp>

#include "conformance/input/record.hpp"
#include "conformance/rules/canary.hpp"
#include "conformance/rules/observe.hpp"
#include "conformance/rules/report.hpp"
#include "conformance/rules/truth_job.hpp"
#include "core/base/text.hpp"
#include "core/load/status.hpp"

namespace garita::conformance {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

struct Options {
  bool list = false;
  std::string record, canary, observe, driver, report, model, title, name, like, changed;
  std::string twin, object, recording, pictures;
  Texts sources, config, inputs, rules;
  std::vector<uint64_t> where;
  int64_t repeat_from = -1;
  uint64_t seed = 1, scans = 1;
};

po::options_description options_of(Options& o) {
  po::options_description all;
  auto add = all.add_options();
  add("list", po::bool_switch(&o.list));
  add("record", po::value(&o.record));
  add("canary", po::value(&o.canary));
  add("observe", po::value(&o.observe));
  add("twin", po::value(&o.twin));
  add("object", po::value(&o.object));
  add("recording", po::value(&o.recording));
  add("pictures", po::value(&o.pictures));
  add("driver", po::value(&o.driver));
  add("source", po::value(&o.sources));
  add("config", po::value(&o.config));
  add("model", po::value(&o.model));
  add("title", po::value(&o.title));
  add("scans", po::value(&o.scans));
  add("name", po::value(&o.name));
  add("like", po::value(&o.like));
  add("changed", po::value(&o.changed));
  add("where", po::value(&o.where));
  add("repeat-from", po::value(&o.repeat_from));
  add("rule", po::value(&o.rules));
  add("input", po::value(&o.inputs));
  add("seed", po::value(&o.seed));
  add("report", po::value(&o.report));
  return all;
}

// For the runner, which reads it back and tells it in the reader's language.
int fail(const base::Error& error) {
  nlohmann::json fields = nlohmann::json::object();
  for (const base::Field& field : error.fields) fields[field.name] = field.value;
  const nlohmann::json line = {{"error", {{"id", error.id}, {"fields", fields}, {"status", error.status}}}};
  std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  return static_cast<int>(error.outcome);
}

int list_rules() {
  for (const Registered::Row& row : Registered::all())
    std::cout << nlohmann::json{{"rule", row.rule}, {"requirements", row.requirements}}.dump() << '\n';
  return 0;
}

// Then the rules say which one. A device that does not answer is nobody's fault here.
bool is_drivers_fault(const base::Error& error) {
  return load::class_of(error.status) != load::StatusClass::device &&
         Catalogue::built_in().owner_of(error) != nullptr;
}

base::Result<void> record_input(const Options& o) {
  GARITA_TRY_ASSIGN(manifest, load::read_manifest(o.driver));
  GARITA_TRY_ASSIGN(assignments, host::parse_assignments(o.sources, "--source"));
  GARITA_TRY_ASSIGN(sources, host::grant_sources(manifest, assignments));
  GARITA_TRY_ASSIGN(config, host::parse_assignments(o.config, "--config"));
  GARITA_TRY(host::grant_configuration(manifest, config));
  bool whole = true;
  GARITA_TRY_ASSIGN(input, read_sources(manifest, sources, whole));
  input.model = o.model;
  input.config = config;
  if (!o.title.empty()) input.title = o.title;
  input.name = o.name;
  input.like = o.like;
  input.changed = o.changed;
  input.where = o.where;
  input.repeat_from = o.repeat_from;
  if (!whole) {
    const auto recorded = record(manifest, sources, {.scans = o.scans}, input);
    if (!recorded && !is_drivers_fault(recorded.error())) return recorded;
  }
  GARITA_TRY(save(input, o.record));
  if (input.dropped == 0) return {};
  return base::Error{base::Outcome::incomplete,
                     "conform.datagrams_lost",
                     {{"input", input.title}, {"count", std::to_string(input.dropped)}}};
}

base::Result<void> take_job(const Options& o) {
  GARITA_TRY_ASSIGN(manifest, load::read_manifest(o.driver));
  job().manifest = std::move(manifest);
  job().seed = o.seed;
  for (const std::string& folder : o.inputs) {
    GARITA_TRY_ASSIGN(input, load_input(folder));
    (input.like.empty() ? job().inputs : job().variants).push_back(std::move(input));
  }
  job().together = o.rules.size() > 1;
  if (job().inputs.empty()) job().inputs.push_back({});
  return {};
}

// Writes what each rule ended with as soon as it has: what follows may end this process.
class Reporter : public ::testing::EmptyTestEventListener {
 public:
  Reporter(std::filesystem::path path, bool several) : path_(std::move(path)), several_(several) {}
  size_t written() const { return written_; }

 private:
  void OnTestStart(const ::testing::TestInfo&) override { outcome() = {}; }
  void OnTestEnd(const ::testing::TestInfo& info) override {
    if (outcome().kind == Outcome::Kind::pass && info.result()->Failed())
      outcome().kind = Outcome::Kind::harness;  // an assertion of ours, not of the driver's
    const std::string name = std::string(info.test_suite_name()) + "." + info.name();
    if (write_report(path_, outcome(), several_ ? name : "")) ++written_;
  }

  const std::filesystem::path path_;
  const bool several_;
  size_t written_ = 0;
};

std::string joined(const Texts& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ":") + name;
  return all;
}

int run_rules(const Options& o) {
  GTEST_FLAG_SET(filter, joined(o.rules));
  GTEST_FLAG_SET(color, "no");
  auto* const reporter = new Reporter(o.report, o.rules.size() > 1);
  ::testing::UnitTest::GetInstance()->listeners().Append(reporter);  // takes it
  [[maybe_unused]] const int failed = RUN_ALL_TESTS();  // what failed is in the report
  if (::testing::UnitTest::GetInstance()->test_to_run_count() != static_cast<int>(o.rules.size()))
    return static_cast<int>(base::Outcome::usage);
  return reporter->written() == o.rules.size() ? 0 : static_cast<int>(base::Outcome::incomplete);
}

int go(int argc, char** argv) {
  Options o;
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, options_of(o)), values);
    po::notify(values);
  } catch (const po::error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(base::Outcome::usage);
  }
  if (o.list) return list_rules();
  if (!o.record.empty()) {
    const auto recorded = record_input(o);
    return recorded ? 0 : fail(recorded.error());
  }
  if (const auto taken = take_job(o); !taken) return fail(taken.error());
  if (const auto taken = take_truth(o.twin, o.object, o.recording); !taken) return fail(taken.error());
  truth_job().pictures = o.pictures;
  if (!o.canary.empty())
    return run_canary(job().manifest, o.canary) ? 0 : static_cast<int>(base::Outcome::incomplete);
  if (!o.observe.empty())
    return observe(job().manifest, job().inputs, o.observe) ? 0 : static_cast<int>(base::Outcome::incomplete);
  return run_rules(o);
}

}  // namespace
}  // namespace garita::conformance

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  ::testing::InitGoogleTest();
  return garita::conformance::go(argc, argv);
}
