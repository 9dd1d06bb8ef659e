#include "conformance/runner/inputs.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "conformance/runner/process.hpp"
#include "conformance/runner/suite.hpp"
#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr ProcessLimits preparing_limits{.wall_ms = 120000}, recording_limits{.wall_ms = 180000};
constexpr int simulator_start_ms = 15000;

base::Result<std::vector<InputPlan>> plans_of(const std::filesystem::path& manifest_path,
                                              const Options& options) {
  if (!options.input.empty()) return read_plan(options.input);
  const auto beside = manifest_path.parent_path() / "conform.toml";
  std::error_code ignored;
  if (options.sources.empty() && std::filesystem::exists(beside, ignored)) return read_plan(beside);
  InputPlan own;
  own.source = options.sources;
  own.config = options.config;
  own.model = options.model;
  own.scans = options.scans;
  return std::vector<InputPlan>{own};
}

std::vector<std::string> with_program(std::vector<std::string> words, const std::filesystem::path& folder) {
  words.front() = find_program(words.front(), folder);
  return words;
}

base::Result<void> prepare(const InputPlan& plan, const Fillings& fillings,
                           const std::filesystem::path& scratch) {
  if (plan.prepare.empty()) return {};
  const auto words = filled(with_program(plan.prepare, plan.folder), fillings);
  GARITA_TRY_ASSIGN(running, Running::start(words, scratch / "prepare.txt", preparing_limits));
  const ProcessEnd end = running.wait();
  if (end.how == ProcessEnd::How::exited && end.code == 0) return {};
  return base::Error{base::Outcome::incomplete, "conform.prepare_failed", {{"program", words.front()}}};
}

// The port that the simulator says it listens on.
std::optional<std::string> port_in(const std::filesystem::path& file) {
  const auto text = base::read_text_file(file, 64);
  if (!text) return std::nullopt;
  const size_t digits = text->find_first_not_of("0123456789");
  const std::string port = text->substr(0, digits);
  return digits == std::string::npos || port.empty() ? std::nullopt
                                                     : std::optional(port);  // a line that is not whole yet
}

base::Result<std::optional<Running>> simulate(const InputPlan& plan, Fillings& fillings,
                                              const std::filesystem::path& scratch) {
  std::optional<Running> simulator;
  if (plan.simulator.empty()) return simulator;
  const auto port_file = scratch / "port";
  fillings.emplace_back("port_file", port_file.string());
  const auto words = filled(with_program(plan.simulator, plan.folder), fillings);
  GARITA_TRY_ASSIGN(running, start_background(words, scratch / "simulator.txt"));
  simulator = std::move(running);
  const bool tells_port =
      std::any_of(plan.simulator.begin(), plan.simulator.end(),
                  [](const std::string& word) { return word.find("{port_file}") != std::string::npos; });
  if (!tells_port) return simulator;
  for (int waited_ms = 0; waited_ms < simulator_start_ms; waited_ms += 20) {
    if (const auto port = port_in(port_file)) {
      fillings.emplace_back("port", *port);
      return simulator;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return base::Error{base::Outcome::incomplete, "conform.no_simulator", {{"program", words.front()}}};
}

base::Error error_in(const std::filesystem::path& output) {
  const auto text = base::read_text_file(output, 1u << 20);
  try {
    const json error = json::parse(text ? *text : "").at("error");
    base::Error own{
        base::Outcome::incomplete, error.at("id").get<std::string>(), {}, error.at("status").get<uint32_t>()};
    for (const auto& [name, value] : error.at("fields").items())
      own.fields.push_back({name, value.get<std::string>()});
    return own;
  } catch (const std::exception&) {
    return {base::Outcome::incomplete, "conform.not_recorded", {{"output", text ? *text : ""}}};
  }
}

base::Result<void> record(const InputPlan& plan, const Fillings& fillings,
                          const std::filesystem::path& manifest_path, const std::filesystem::path& folder,
                          const std::filesystem::path& scratch) {
  std::vector<std::string> words = {rules_program(),        "--record", folder.string(),           "--driver",
                                    manifest_path.string(), "--scans",  std::to_string(plan.scans)};
  const auto add = [&](const char* name, const std::string& value) {
    words.insert(words.end(), {name, value});
  };
  for (const std::string& source : filled(plan.source, fillings))
    add("--source", rooted(source, plan.folder));
  for (const std::string& config : plan.config) add("--config", config);
  if (!plan.model.empty()) add("--model", plan.model);
  if (!plan.title.empty()) add("--title", plan.title);
  if (!plan.name.empty()) add("--name", plan.name);
  if (!plan.like.empty()) add("--like", plan.like), add("--changed", plan.changed);
  for (const uint64_t number : plan.where) add("--where", std::to_string(number));
  if (plan.repeat_from >= 0) add("--repeat-from", std::to_string(plan.repeat_from));
  const auto output = scratch / "record.txt";
  GARITA_TRY_ASSIGN(running, Running::start(words, output, recording_limits));
  const ProcessEnd end = running.wait();
  if (end.how == ProcessEnd::How::exited && end.code == 0) return {};
  base::Error error = error_in(output);
  if (end.how == ProcessEnd::How::exited && end.code == static_cast<int>(base::Outcome::usage))
    error.outcome = base::Outcome::usage;
  return error;
}

// Datagrams that a busy machine lost are not the driver's: a simulated device says everything once more.
base::Result<void> record_whole(const InputPlan& plan, const Fillings& fillings,
                                const std::filesystem::path& manifest_path,
                                const std::filesystem::path& folder, const std::filesystem::path& scratch) {
  constexpr int most_attempts = 4;
  for (int attempt = 1;; ++attempt) {
    Fillings own = fillings;
    std::error_code ignored;
    std::filesystem::remove(scratch / "port", ignored);  // of the attempt before
    GARITA_TRY_ASSIGN(simulator, simulate(plan, own, scratch));
    const base::Result<void> recorded = record(plan, own, manifest_path, folder, scratch);
    if (recorded || recorded.error().id != "conform.datagrams_lost") return recorded;
    if (plan.simulator.empty()) return {};  // a real device: its input is what arrived
    if (attempt == most_attempts) return recorded;
    std::filesystem::remove_all(folder, ignored);
  }
}

}  // namespace

base::Result<bool> inputs_vary(const std::filesystem::path& manifest_path, const Options& options) {
  GARITA_TRY_ASSIGN(plans, plans_of(manifest_path, options));
  const auto names_seed = [](const std::string& word) { return word.find("{seed}") != std::string::npos; };
  return std::any_of(plans.begin(), plans.end(), [&](const InputPlan& plan) {
    return std::any_of(plan.simulator.begin(), plan.simulator.end(), names_seed) ||
           std::any_of(plan.prepare.begin(), plan.prepare.end(), names_seed);
  });
}

base::Result<std::vector<std::filesystem::path>> make_inputs(const Terminal& terminal,
                                                             const load::Manifest& manifest,
                                                             const std::filesystem::path& manifest_path,
                                                             const Options& options,
                                                             const std::filesystem::path& scratch) {
  GARITA_TRY_ASSIGN(plans, plans_of(manifest_path, options));
  std::vector<std::filesystem::path> folders;
  for (size_t i = 0; i < plans.size(); ++i) {
    const InputPlan& plan = plans[i];
    const auto own = scratch / ("input-" + std::to_string(i + 1)), files = own / "files",
               folder = own / "recorded";
    GARITA_TRY(base::real_file_system().create_folders(files, 0700));
    Fillings fillings = {
        {"seed", std::to_string(options.seed)}, {"folder", files.string()}, {"here", plan.folder.string()}};
    if (terminal.out_is_tty)
      terminal.err << terminal.text("conform.recording",
                                    {{"input", plan.title.empty() ? manifest.name : plan.title}})
                   << std::endl;
    GARITA_TRY(prepare(plan, fillings, own));
    GARITA_TRY(record_whole(plan, fillings, manifest_path, folder, own));
    folders.push_back(folder);
  }
  return folders;
}

}  // namespace garita::conformance
