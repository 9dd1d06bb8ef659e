#include "conformance/runner/jobs.hpp"

#include <poll.h>

#include <algorithm>
#include <thread>

#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

constexpr uint64_t most_jobs = 4;
constexpr uint64_t least_wall_ms = 120000;
constexpr uint64_t base_memory_bytes =
    4ull << 30;  // address space: strips, codecs, libraries; and the driver's own, twice

constexpr size_t most_pictures = 8;
constexpr uint64_t most_picture_bytes = 4u << 20;

// What a rule left for people, each renamed so that it is the only one of that name in the run:
// "12-1-truth.png".
std::vector<std::filesystem::path> pictures_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> own;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".png") || entry.file_size(error) > most_picture_bytes || own.size() >= most_pictures)
      continue;
    const auto renamed =
        folder / (folder.filename().string().substr(folder.filename().string().find('-') + 1) + '-' + name);
    std::filesystem::rename(entry.path(), renamed, error);
    if (!error) own.push_back(renamed);
  }
  std::sort(own.begin(), own.end());
  return own;
}

}  // namespace

ProcessLimits limits_of(const load::Manifest& manifest, const Options& options) {
  const uint64_t wall_ms = options.time_limit_s != 0
                               ? options.time_limit_s * 1000
                               : least_wall_ms + 4 * uint64_t{manifest.limits.max_call_ms};
  return {.wall_ms = wall_ms,
          .cpu_s = wall_ms / 1000 + 5,
          .memory_bytes = base_memory_bytes + 2 * (uint64_t{manifest.limits.memory_mb} << 20)};
}

Jobs::Jobs(const Options& options, const load::Manifest& manifest, std::filesystem::path manifest_path,
           std::filesystem::path scratch)
    : options_(options),
      limits_(limits_of(manifest, options)),
      manifest_path_(std::move(manifest_path)),
      scratch_(std::move(scratch)) {}

void Jobs::run(const std::vector<RuleInfo>& rules, const Round& round, const OnBegin& on_begin,
               const OnEnd& on_end) {
  const uint64_t processors = std::max(1u, std::thread::hardware_concurrency());
  const uint64_t jobs = options_.jobs != 0 ? options_.jobs : std::min(most_jobs, processors);
  for (const RuleInfo& rule : rules) {
    while (running_.size() >= jobs) take_one(round, on_end);
    on_begin(rule);
    start(rule, round, on_end);
  }
  while (!running_.empty()) take_one(round, on_end);
}

void Jobs::start(const RuleInfo& rule, const Round& round, const OnEnd& on_end) {
  const std::string number = std::to_string(++started_);
  const auto report = scratch_ / (number + ".json"), output = scratch_ / (number + ".txt");
  std::vector<std::string> words = {rules_program(),
                                    "--rule",
                                    rule.name,
                                    "--driver",
                                    manifest_path_.string(),
                                    "--seed",
                                    std::to_string(round.seed),
                                    "--report",
                                    report.string()};
  for (const auto& input : round.inputs) words.insert(words.end(), {"--input", input.string()});
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  const auto pictures = scratch_ / ("pictures-" + number);
  if (!options_.twin.empty() || !options_.object.empty()) {
    if (base::real_file_system().create_folders(pictures, 0700)) add("--pictures", pictures.string());
    add("--twin", options_.twin.string());
    add("--object", options_.object.string());
    add("--recording", round.recording.string());
  }
  auto process = Running::start(words, output, limits_);
  if (process) return running_.push_back({rule, report, pictures, std::move(*process)});
  on_end({.rule = rule.name, .requirements = rule.requirements, .round = round.number, .seed = round.seed});
}

void Jobs::take_one(const Round& round, const OnEnd& on_end) {
  std::vector<pollfd> ends;
  for (const Job& job : running_) ends.push_back({job.process.fd(), POLLIN, 0});
  if (poll(ends.data(), ends.size(), -1) <= 0) return;
  for (size_t i = ends.size(); i-- > 0;) {
    if (ends[i].revents == 0) continue;
    Job job = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    Attempt attempt{.rule = job.rule.name,
                    .requirements = job.rule.requirements,
                    .round = round.number,
                    .seed = round.seed};
    attempt.end = job.process.wait();
    if (auto report = base::read_text_file(job.report, max_report_bytes)) attempt.report = std::move(*report);
    attempt.pictures = pictures_in(job.pictures);
    std::error_code ignored;
    std::filesystem::remove(job.report, ignored);
    on_end(std::move(attempt));
  }
}

}  // namespace garita::conformance
