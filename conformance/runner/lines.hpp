// The events of a run as JSON objects: those that every program may read, one a line (machine.hpp), and the
// raw ones that only the evidence holds.
//
//   {"event":"run_began","driver","id","vendor","version","sha256","seed","suite","rules","utc","level","profiles","filter",
//    "repeat","official","catalogue","truth":{"kind","twin_sha256","object_sha256","witness"}}
//   {"event":"rule_began","rule","requirements"}
//   {"event":"rule_ended","rule","requirements","verdict","ms","seed","findings":[{"expected","seen","input"}],"undeclared",
//    "blocked_by","trouble","residue","repetitions":["PASS",…],"waiver","replay"}     texts as
//    {"id","fields","text"}
//   {"event":"run_ended","verdict","exit_code","passed","failed","skipped","waived","unstable","harness_errors","canary","level"}
//
//   raw: {"event":"canary_ended","end":{…},"report":"…"}      {"event":"attempt_ended", … as attempt.hpp}
//        {"event":"observed","inputs":[…]}                    rules/observe.hpp
#pragma once

#include <nlohmann/json.hpp>

#include "conformance/runner/run.hpp"

namespace garita::conformance {

nlohmann::json began_line(const RunPlan& plan, const Options& options);
nlohmann::json rule_began_line(const RuleInfo& rule);
nlohmann::json rule_ended_line(const RuleResult& result, base::Language language, const std::string& replay);
nlohmann::json ended_line(const Total& total);
nlohmann::json canary_line(const CanaryRun& canary);
nlohmann::json attempt_line(const Attempt& attempt);

}  // namespace garita::conformance
