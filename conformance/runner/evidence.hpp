// Keeps what a run saw, and writes it as an evidence bundle when the run has ended (conformance/evidence).
#pragma once

#include "conformance/evidence/bundle.hpp"
#include "conformance/runner/run.hpp"

namespace garita::conformance {

class EvidenceFile final : public RunObserver {
 public:
  // key: nullptr where the bundle is not signed; outlives it.
  EvidenceFile(const Options& options, const base::SigningKey* key) : options_(options), key_(key) {}

  void began(const RunPlan& plan) override;
  void canary_ended(const CanaryRun& canary) override;
  void inputs_made(uint32_t round, const std::vector<std::filesystem::path>& folders) override;
  void object_recorded(const std::filesystem::path& folder) override;
  void observed(const std::filesystem::path& folder) override;
  void rule_began(const RuleInfo& rule) override;
  void attempt_ended(const Attempt& attempt) override;
  void rule_ended(const RuleResult& result) override;
  void ended(const Total& total) override;
  const base::Result<void>& written() const { return written_; }

 private:
  struct InputFile {
    std::string name;  // "inputs/0-1/0.bin"
    std::filesystem::path path;
  };
  base::Result<void> write(const Total& total);
  base::Result<nlohmann::json> head() const;

  const Options& options_;
  const base::SigningKey* key_;
  RunPlan plan_;
  Chain chain_;
  CanarySeen canary_;
  std::vector<InputFile> inputs_;
  std::vector<std::filesystem::path> last_folders_;
  std::vector<std::filesystem::path> pictures_;
  base::Result<void> written_;
};

}  // namespace garita::conformance
