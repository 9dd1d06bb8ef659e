#include "conformance/runner/canary.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "conformance/runner/attempt.hpp"
#include "conformance/runner/suite.hpp"
#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr std::string_view canary_address = "192.0.2.1";
constexpr ProcessLimits canary_limits{.wall_ms = 60000};

}  // namespace

std::filesystem::path canary_manifest() {
  const char* given = std::getenv("GARITA_CONFORM_CANARY");
  if (given && *given) return given;
  std::error_code ignored;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto manifest = here.parent_path() / "lib/garita/canary/canary.garita.json";
  return std::filesystem::exists(manifest, ignored) ? manifest : std::filesystem::path();
}

CanaryRun run_canary(const std::filesystem::path& scratch) {
  CanaryRun own;
  const auto manifest = canary_manifest(), report = scratch / "canary.json";
  if (manifest.empty()) return own;
  auto running = Running::start({rules_program(), "--canary", report.string(), "--driver", manifest.string()},
                                scratch / "canary.txt", canary_limits);
  if (!running) return own;
  own.end = running->wait();
  if (auto text = base::read_text_file(report, max_report_bytes)) own.report = std::move(*text);
  return own;
}

CanarySeen look_at_canary(const std::string& report) {
  CanarySeen own;
  try {
    const json all = json::parse(report);
    own.box = all.at("box").get<std::string>();
    own.policy = all.at("policy").get<std::string>();
    const json& seen = all.at("seen");
    own.sentence_id = seen.at("id").get<std::string>();
    bool told = false;
    for (const json& each : all.at("tried"))
      told = told || (each.at("class") == "NET" && each.at("decision") != "granted" &&
                      each.at("target").get<std::string>().find(canary_address) != std::string::npos);
    own.stopped = told && own.sentence_id == "isolate.breach" && seen.at("fields").at("class") == "NET";
  } catch (const std::exception&) {
  }
  return own;
}

}  // namespace garita::conformance
