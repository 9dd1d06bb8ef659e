#include "conformance/rules/rule.hpp"

#include <algorithm>
#include <list>

#include "conformance/rules/binary.hpp"
#include "conformance/rules/trace.hpp"
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

Registered::Registered(const char* suite, const char* name, bool looks, std::vector<std::string> requirements) {
  all().push_back({std::string(suite) + "." + name, looks, std::move(requirements)});
}

bool Registered::looks(const std::string& rule) {
  return std::any_of(all().begin(), all().end(), [&](const Row& row) { return row.rule == rule && row.looks; });
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

void Rule::wrong_value(const Input& input, std::string where, std::string what, std::string value,
                       std::string allowed) {
  finding(input, "conform.saw_value",
          {{"where", std::move(where)}, {"what", what}, {"value", std::move(value)}}, "conform.expected_value",
          {{"what", what}, {"allowed", std::move(allowed)}});
}

void Rule::SetUp() {
  // Behind a fault of the plain course nothing that bends it can be judged; rules that look say whose fault it is.
  const ::testing::TestInfo& info = *::testing::UnitTest::GetInstance()->current_test_info();
  if (!job().together || Registered::looks(std::string(info.test_suite_name()) + "." + info.name())) return;
  judge_whole();
  if (ended()) GTEST_SKIP();
}

void Rule::blocked(std::string requirement) {
  if (ended()) return;
  outcome().kind = Outcome::Kind::blocked;
  outcome().detail = std::move(requirement);
}

void Rule::expect_repeatable(size_t i) {
  size_t different = 0;
  const Course& again = shared_course(inputs()[i], {});
  if (!ended() && !same_scans(whole()[i], again, different)) blocked("GAR-DET-001");
}

namespace {

// What the loader refuses because of how the file was linked is the fault of that.
const Requirement* owner_of(const base::Error& fault) {
  const Catalogue& catalogue = Catalogue::built_in();
  if (fault.id == "load.not_loadable")
    if (const auto build = read_build(job().manifest.binary()))
      for (const BinaryFault& each : faults_of(*build, job().manifest)) return catalogue.find(each.requirement);
  return catalogue.owner_of(fault);
}

}  // namespace

bool Rule::judge(const base::Error& fault, const Input& input) {
  const Requirement* owner = owner_of(fault);
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

bool Rule::is_bent(const Input& input, const Plan& plan) const {
  const bool own_input = std::any_of(inputs().begin(), inputs().end(), [&](const Input& each) { return &each == &input; });
  Plan plain;
  plain.look_at_pixels = plan.look_at_pixels;
  plain.keep_pixels = plan.keep_pixels;
  return !own_input || !(plan == plain);
}

Course Rule::run_once(const Input& input, const Plan& plan) {
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
  note_course(input, seen);
  return seen;
}

Course Rule::course(const Input& input, const Plan& plan) {
  const bool bent = is_bent(input, plan);
  if (bent) judge_whole();
  if (ended()) return {};
  Course seen = run_once(input, plan);
  if (!seen.fault) return seen;
  if (bent && owner_of(*seen.fault))
    finding(input, *seen.fault, base::Error{base::Outcome::no, "conform.expected_contract", {}});
  else
    (void)judge(*seen.fault, input);
  return seen;
}

const Course& Rule::shared_course(const Input& input, const Plan& plan) {
  struct Kept {
    const Input* input;
    Plan plan;
    Course course;
  };
  static std::list<Kept> kept;
  judge_whole();
  static const Course none;
  if (ended()) return none;
  auto found = std::find_if(kept.begin(), kept.end(),
                            [&](const Kept& each) { return each.input == &input && each.plan == plan; });
  if (found == kept.end()) {
    kept.push_back({&input, plan, run_once(input, plan)});
    found = std::prev(kept.end());
  }
  if (found->course.fault && !owner_of(*found->course.fault))
    (void)judge(*found->course.fault, input);
  else if (found->course.fault)
    finding(input, *found->course.fault, base::Error{base::Outcome::no, "conform.expected_contract", {}});
  return found->course;
}

const std::vector<Course>& Rule::whole() {
  static std::vector<Course> courses;
  Plan plan;
  plan.look_at_pixels = true;
  for (size_t i = courses.size(); i < inputs().size() && outcome().kind != Outcome::Kind::harness; ++i)
    courses.push_back(run_once(inputs()[i], plan));
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    if (courses[i].fault) (void)judge(*courses[i].fault, inputs()[i]);
    for (const base::Error& error : courses[i].errors) (void)judge(error, inputs()[i]);
  }
  return courses;
}

}  // namespace garita::conformance
