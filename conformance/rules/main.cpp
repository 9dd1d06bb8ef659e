// garita-conform-rules: the rules. Started by garita-conform, once for the list, once for each live input,
// once a rule.
//
//   --list                                                            the rules and what each proves, a JSON
//   object a line
//   --record FOLDER --driver M [--source N=A]… [--config K=V]… [--model M] [--title T] [--scans N]   an
//   input, from its sources
//   --rule NAME --driver M [--input FOLDER]… --seed N --report FILE   one rule
#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include <boost/program_options.hpp>

#include "conformance/input/record.hpp"
#include "conformance/rules/report.hpp"
#include "core/base/text.hpp"
#include "core/load/status.hpp"

namespace garita::conformance {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

struct Options {
  bool list = false;
  std::string record, driver, rule, report, model, title;
  Texts sources, config, inputs;
  uint64_t seed = 1, scans = 1;
};

po::options_description options_of(Options& o) {
  po::options_description all;
  auto add = all.add_options();
  add("list", po::bool_switch(&o.list));
  add("record", po::value(&o.record));
  add("driver", po::value(&o.driver));
  add("source", po::value(&o.sources));
  add("config", po::value(&o.config));
  add("model", po::value(&o.model));
  add("title", po::value(&o.title));
  add("scans", po::value(&o.scans));
  add("rule", po::value(&o.rule));
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
  if (!whole) {
    const auto recorded = record(manifest, sources, {.scans = o.scans}, input);
    if (!recorded && !is_drivers_fault(recorded.error())) return recorded;
  }
  return save(input, o.record);
}

base::Result<void> take_job(const Options& o) {
  GARITA_TRY_ASSIGN(manifest, load::read_manifest(o.driver));
  job().manifest = std::move(manifest);
  job().seed = o.seed;
  for (const std::string& folder : o.inputs) {
    GARITA_TRY_ASSIGN(input, load_input(folder));
    job().inputs.push_back(std::move(input));
  }
  if (job().inputs.empty()) job().inputs.push_back({});
  return {};
}

int run_rule(const Options& o) {
  GTEST_FLAG_SET(filter, o.rule);
  GTEST_FLAG_SET(color, "no");
  const bool clean = RUN_ALL_TESTS() == 0;
  if (::testing::UnitTest::GetInstance()->test_to_run_count() != 1)
    return static_cast<int>(base::Outcome::usage);
  if (outcome().kind == Outcome::Kind::pass && !clean)
    outcome().kind = Outcome::Kind::harness;  // an assertion of ours, not of the driver's
  return write_report(o.report, outcome()) ? 0 : static_cast<int>(base::Outcome::incomplete);
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
  return run_rule(o);
}

}  // namespace
}  // namespace garita::conformance

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  ::testing::InitGoogleTest();
  return garita::conformance::go(argc, argv);
}
