// A run for programs: one JSON object a line as it happens (lines.hpp has the fields), and JUnit XML at the
// end.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "conformance/runner/run.hpp"

namespace garita::conformance {

class JsonLines final : public RunObserver {
 public:
  // `out` outlives it.
  JsonLines(std::ostream& out, base::Language language, const Options& options)
      : out_(out), language_(language), options_(options) {}

  void began(const RunPlan& plan) override;
  void rule_began(const RuleInfo& rule) override;
  void rule_ended(const RuleResult& result) override;
  void ended(const Total& total) override;

 private:
  std::ostream& out_;
  const base::Language language_;
  const Options& options_;
};

// The same events, kept, and written as JUnit XML when the run has ended (conformance/report/junit.hpp).
class JUnit final : public RunObserver {
 public:
  JUnit(std::filesystem::path path, base::Language language, const Options& options)
      : path_(std::move(path)), language_(language), options_(options) {}

  void began(const RunPlan& plan) override;
  void rule_began(const RuleInfo&) override {}
  void attempt_ended(const Attempt& attempt) override;
  void rule_ended(const RuleResult& result) override;
  void ended(const Total& total) override;
  const base::Result<void>& written() const { return written_; }

 private:
  const std::filesystem::path path_;
  const base::Language language_;
  const Options& options_;
  std::vector<nlohmann::json> events_;
  std::vector<std::filesystem::path> pictures_;
  base::Result<void> written_;
};

}  // namespace garita::conformance
