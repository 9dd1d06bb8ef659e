#include "conformance/runner/evidence.hpp"

#include <gnu/libc-version.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "conformance/evidence/suite.hpp"
#include "conformance/runner/lines.hpp"
#include "core/base/file.hpp"
#include "core/host/version.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr uint64_t max_manifest_bytes = 16u << 20, max_observed_bytes = 16u << 20;
constexpr std::string_view bundle_format = "garita evidence 1";

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(": ") + 2));
  return "";
}

json environment(const CanarySeen& canary) {
  utsname system{};
  ::uname(&system);
  return {{"kernel", std::string(system.sysname) + ' ' + system.release + ' ' + system.machine},
          {"cpu", processor_name()},
          {"processors", std::thread::hardware_concurrency()},
          {"glibc", ::gnu_get_libc_version()},
          {"box", canary.box},
          {"policy_sha256", canary.policy}};
}

base::Result<base::Digest> digest_of(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(file, base::real_file_system().open(path));
  GARITA_TRY_ASSIGN(size_bytes, file->size_bytes());
  base::Sha256 hash;
  std::vector<std::byte> part(1u << 20);
  for (uint64_t at = 0; at < size_bytes;) {
    const std::span<std::byte> wanted(part.data(), std::min<uint64_t>(part.size(), size_bytes - at));
    GARITA_TRY(file->read(at, wanted));
    hash.update(wanted);
    at += wanted.size();
  }
  return hash.finish();
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void EvidenceFile::began(const RunPlan& plan) {
  plan_ = plan;
  chain_.add(began_line(plan, options_));
}

void EvidenceFile::canary_ended(const CanaryRun& canary) {
  canary_ = look_at_canary(canary.report);
  chain_.add(canary_line(canary));
}

// A round that plays the inputs of the one before says so by having none of its own.
void EvidenceFile::inputs_made(uint32_t round, const std::vector<std::filesystem::path>& folders) {
  if (folders == last_folders_) return;
  last_folders_ = folders;
  for (size_t i = 0; i < folders.size(); ++i)
    for (const auto& file : files_in(folders[i]))
      inputs_.push_back(
          {"inputs/" + std::to_string(round) + '-' + std::to_string(i) + '/' + file.filename().string(),
           file});
}

void EvidenceFile::object_recorded(const std::filesystem::path& folder) {
  for (const auto& file : files_in(folder))
    inputs_.push_back({std::string(object_folder) + file.filename().string(), file});
}

void EvidenceFile::observed(const std::filesystem::path& folder) {
  const auto text = base::read_text_file(folder / "observed.json", max_observed_bytes);
  json seen = text ? json::parse(*text, nullptr, false) : json();
  if (!seen.is_object()) return;
  seen["event"] = "observed";
  chain_.add(seen);
  for (const auto& file : files_in(folder))
    if (file.extension() == ".png") pictures_.push_back(file);
}

void EvidenceFile::rule_began(const RuleInfo& rule) { chain_.add(rule_began_line(rule)); }
void EvidenceFile::attempt_ended(const Attempt& attempt) {
  chain_.add(attempt_line(attempt));
  pictures_.insert(pictures_.end(), attempt.pictures.begin(), attempt.pictures.end());
}
void EvidenceFile::rule_ended(const RuleResult& result) {
  chain_.add(rule_ended_line(result, base::Language::en, replay_command(options_, result.rule, result.seed)));
}

void EvidenceFile::ended(const Total& total) { written_ = write(total); }

base::Result<json> EvidenceFile::head() const {
  const load::Manifest& manifest = plan_.manifest;
  json files = json::array(), inputs = json::array();
  for (const load::PackageFile& file : manifest.files)
    files.push_back({{"path", file.path}, {"sha256", base::to_text(file.sha256)}});
  for (const InputFile& input : inputs_) {
    GARITA_TRY_ASSIGN(digest, digest_of(input.path));
    inputs.push_back({{"name", input.name}, {"sha256", base::to_text(digest)}});
  }
  GARITA_TRY_ASSIGN(rules_digest, digest_of(rules_program()));
  GARITA_TRY_ASSIGN(driver_digest, digest_of(manifest.binary()));
  json own = {{"format", bundle_format},
              {"driver",
               {{"id", manifest.id},
                {"name", manifest.name},
                {"vendor", manifest.vendor},
                {"version", manifest.version},
                {"models", manifest.models},
                {"profiles", manifest.profiles},
                {"file", manifest.driver.path},
                {"sha256", base::to_text(driver_digest)},
                {"files", files}}},
              {"suite",
               {{"version", host::version},
                {"commit", suite_commit()},
                {"catalogue_sha256", base::to_text(plan_.catalogue)},
                {"rules_sha256", base::to_text(rules_digest)}}},
              {"environment", environment(canary_)},
              {"redacted", options_.redact_payload},
              {"inputs", inputs}};
  return base::Result<json>(std::move(own));
}

base::Result<void> EvidenceFile::write(const Total& total) {
  chain_.add(ended_line(total));
  std::sort(inputs_.begin(), inputs_.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::sort(pictures_.begin(), pictures_.end(),
            [](const auto& a, const auto& b) { return a.filename() < b.filename(); });
  GARITA_TRY_ASSIGN(about, head());
  GARITA_TRY_ASSIGN(manifest, base::read_text_file(plan_.manifest_path, max_manifest_bytes));
  GARITA_TRY_ASSIGN(bundle, BundleWriter::create(options_.evidence));
  GARITA_TRY(bundle.add("bundle.json", canonical(about)));
  GARITA_TRY(bundle.add("manifest.garita.json", manifest));
  if (!plan_.waivers.empty()) GARITA_TRY(bundle.add("waivers.toml", plan_.waivers));
  if (!options_.redact_payload) {
    for (const InputFile& input : inputs_) GARITA_TRY(bundle.add_file(input.name, input.path));
    for (const auto& picture : pictures_)
      GARITA_TRY(bundle.add_file("pictures/" + picture.filename().string(), picture));
  }
  return bundle.finish(chain_, key_);
}

}  // namespace garita::conformance
