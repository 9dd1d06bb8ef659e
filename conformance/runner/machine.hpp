// A run for programs: one JSON object a line as it happens, and JUnit XML at the end.
//
//   {"event":"run_began","driver","id","version","sha256","seed","suite","rules"}
//   {"event":"rule_began","rule","requirements"}
//   {"event":"rule_ended","rule","requirements","verdict","ms","findings":[{"expected","seen","input"}],"undeclared",
//    "blocked_by","trouble","residue","replay"}     texts as {"id","fields","text"}
//   {"event":"run_ended","verdict","exit_code","passed","failed","skipped","harness_errors"}
#pragma once

#include <fstream>

#include "conformance/runner/run.hpp"

namespace garita::conformance {

class JsonLines final : public RunObserver {
 public:
  // `out` outlives it.
  JsonLines(std::ostream& out, base::Language language, const Options& options)
      : out_(out), language_(language), options_(options) {}

  void began(const load::Manifest& manifest, const std::vector<RuleInfo>& rules) override;
  void rule_began(const RuleInfo& rule) override;
  void rule_ended(const RuleResult& result) override;
  void ended(const Total& total) override;

 private:
  std::ostream& out_;
  const base::Language language_;
  const Options& options_;
};

class JUnit final : public RunObserver {
 public:
  JUnit(std::filesystem::path path, base::Language language) : path_(std::move(path)), language_(language) {}

  void began(const load::Manifest& manifest, const std::vector<RuleInfo>& rules) override;
  void rule_began(const RuleInfo&) override {}
  void rule_ended(const RuleResult& result) override { results_.push_back(result); }
  void ended(const Total& total) override;
  const base::Result<void>& written() const { return written_; }

 private:
  const std::filesystem::path path_;
  const base::Language language_;
  std::string driver_;
  std::vector<RuleResult> results_;
  base::Result<void> written_;
};

}  // namespace garita::conformance
