#include "conformance/rules/rule.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace garita::conformance {

Job& job() {
  static Job own;
  return own;
}

Outcome& outcome() {
  static Outcome own;
  return own;
}

std::vector<Registered::Row>& Registered::all() {
  static std::vector<Row> own;
  return own;
}

Registered::Registered(const char* suite, const char* name, std::vector<std::string> requirements) {
  all().push_back({std::string(suite) + "." + name, std::move(requirements)});
}

bool Rule::declares(std::string_view word) const {
  const auto& words = manifest().capabilities;
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> Rule::own_requirements() const {
  const ::testing::TestInfo& info = *::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name = std::string(info.test_suite_name()) + "." + info.name();
  for (const Registered::Row& row : Registered::all())
    if (row.rule == name) return row.requirements;
  return {};
}

void Rule::finding(const Input& input, base::Error seen, base::Error expected) {
  ADD_FAILURE() << base::render(seen, base::Language::en);
  Outcome& own = outcome();
  own.kind = Outcome::Kind::fail;
  own.findings.push_back({std::move(expected), std::move(seen), input.title});
}

void Rule::finding(const Input& input, std::string seen_id, std::vector<base::Field> seen,
                   std::string expected_id, std::vector<base::Field> expected) {
  finding(input, base::Error{base::Outcome::no, std::move(seen_id), std::move(seen)},
          base::Error{base::Outcome::no, std::move(expected_id), std::move(expected)});
}

void Rule::undeclared(std::string word) {
  if (ended()) return;
  outcome().kind = Outcome::Kind::undeclared;
  outcome().detail = std::move(word);
}

void Rule::blocked(std::string requirement) {
  if (ended()) return;
  outcome().kind = Outcome::Kind::blocked;
  outcome().detail = std::move(requirement);
}

void Rule::expect_repeatable(size_t i) {
  size_t different = 0;
  const Course again = course(inputs()[i]);
  if (!ended() && !same_scans(whole()[i], again, different)) blocked("GAR-DET-001");
}

bool Rule::judge(const base::Error& fault, const Input& input) {
  const Requirement* owner = Catalogue::built_in().owner_of(fault);
  const std::vector<std::string> own = own_requirements();
  if (owner && std::find(own.begin(), own.end(), owner->id) != own.end()) {
    finding(input, fault);
  } else if (!ended()) {
    outcome().kind = owner ? Outcome::Kind::blocked : Outcome::Kind::harness;
    outcome().detail = owner ? owner->id : "";
    outcome().trouble = fault;
  }
  return true;
}

Course Rule::course(const Input& input, const Plan& plan) {
  auto configuration = host::grant_configuration(manifest(), input.config);
  if (!configuration) {
    outcome().kind = Outcome::Kind::harness;
    outcome().trouble = configuration.error();
    return {};
  }
  Plan own = plan;
  own.play.seed += seed();
  if (input.goes_on && own.play.ending == Ending::end && own.play.cut_bytes == UINT64_MAX) {
    own.play.ending = Ending::silent;  // what lies behind the recording's last scan is no end of the device's
    own.close_after_scans = input.scans;
  }
  Course seen = run(manifest(), input, *configuration, own);
  if (seen.fault && seen.fault->id == "isolate.hung")  // a machine stalls once, a driver always
    seen = run(manifest(), input, *configuration, own);
  if (seen.fault) (void)judge(*seen.fault, input);
  return seen;
}

const std::vector<Course>& Rule::whole() {
  if (ran_) return whole_;
  ran_ = true;
  for (const Input& input : inputs()) {
    whole_.push_back(course(input));
    for (const base::Error& error : whole_.back().errors) (void)judge(error, input);
  }
  return whole_;
}

}  // namespace garita::conformance
