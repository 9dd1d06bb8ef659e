// What every rule stands on: the driver and the inputs under test, and three ways to end: all as it should
// be; a finding; or no verdict, because the driver does not declare what is tested, or another requirement
// stands in the way.
//
//   RULE(Images, rows_come_without_gaps, "GAR-IMG-015") { judge_whole(); }
//
// A rule runs in a process of its own. It never loads the driver itself: courses run in a worker.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/requirements/requirement.hpp"
#include "conformance/rules/course.hpp"

namespace garita::conformance {

// The job of this process, from its command line.
struct Job {
  load::Manifest manifest;
  std::vector<Input> inputs;  // at least one; without streams or objects where the driver needs none
  std::vector<Input> variants;  // each like one of inputs, but for one thing
  uint64_t seed = 1;
  bool together = false;  // several rules in this process: what one has seen the others need not run again
};
Job& job();

// Which requirements each rule proves: filled by RULE before main.
struct Registered {
  Registered(const char* suite, const char* name, bool looks, std::vector<std::string> requirements);
  struct Row {
    std::string rule;  // "Images.rows_come_without_gaps"
    bool looks;        // at the plain course or at files alone
    std::vector<std::string> requirements;
  };
  static std::vector<Row>& all();
  static bool looks(const std::string& rule);
};

// What the process reports at its end, for the runner to tell in the reader's language.
struct Outcome {
  enum class Kind : uint8_t { pass, fail, undeclared, blocked, harness };
  struct Finding {
    base::Error expected;  // no id: the requirement's own text
    base::Error seen;
    std::string input;
  };
  Kind kind = Kind::pass;
  std::vector<Finding> findings;
  std::string detail;   // undeclared: the word or kind of input; blocked: the requirement
  base::Error trouble;  // harness
};
Outcome& outcome();

class Rule : public ::testing::Test {
 protected:
  const load::Manifest& manifest() const { return job().manifest; }
  const std::vector<Input>& inputs() const { return job().inputs; }
  const std::vector<Input>& variants() const { return job().variants; }
  uint64_t seed() const { return job().seed; }
  bool declares(std::string_view word) const;

  // Runs the driver. A fault ends the rule: `ended()` is true then and the verdict is made. Where the course is
  // bent, by its plan or its input, the driver has shown before that it bears the plain one: the fault is this rule's.
  Course course(const Input& input, const Plan& plan = {});
  // As course, but one that other rules of this process may have run already. For rules that only look at it.
  const Course& shared_course(const Input& input, const Plan& plan);
  // The plain run of every input, to its end, judged; pixels are looked at. For rules that only look.
  const std::vector<Course>& whole();
  // look(input, course), look(input, scan) on the plain runs, until the rule has ended.
  template <typename Look>
  void each_course(Look look);
  template <typename Look>
  void each_scan(Look look);
  // The whole rule of a requirement that the host's own checks hold.
  void judge_whole() { (void)whole(); }

  // The fault of a course: this rule's own is a finding, another's blocks. True: there was one.
  bool judge(const base::Error& fault, const Input& input);

  void finding(const Input& input, base::Error seen, base::Error expected = {});
  void finding(const Input& input, std::string seen_id, std::vector<base::Field> seen,
               std::string expected_id = "", std::vector<base::Field> expected = {});
  // In technical words: at `where` the field `what` was `value`, and may be `allowed`.
  void wrong_value(const Input& input, std::string where, std::string what, std::string value, std::string allowed);
  void blocked(std::string requirement);
  // The plain run of input i once more; blocked behind GAR-DET-001 where it is another one.
  void expect_repeatable(size_t i);
  void undeclared(
      std::string word);  // ends without a verdict: what is tested is not declared, or no input has it
  bool ended() const { return outcome().kind != Outcome::Kind::pass; }
  void SetUp() override;

 private:
  std::vector<std::string> own_requirements() const;
  Course run_once(const Input& input, const Plan& plan);
  bool is_bent(const Input& input, const Plan& plan) const;
};

template <typename Look>
void Rule::each_course(Look look) {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) look(inputs()[i], courses[i]);
}

template <typename Look>
void Rule::each_scan(Look look) {
  each_course([&](const Input& input, const Course& course) {
    for (const SeenScan& scan : course.scans)
      if (!ended()) look(input, scan);
  });
}

}  // namespace garita::conformance

// LOOK: a rule that looks at the plain course, or at files, and runs nothing of its own.
#define RULE(suite, name, ...) GARITA_RULE(suite, name, false, __VA_ARGS__)
#define LOOK(suite, name, ...) GARITA_RULE(suite, name, true, __VA_ARGS__)
#define GARITA_RULE(suite, name, looks, ...)                                                     \
  static const ::garita::conformance::Registered registered_##suite##_##name(#suite, #name, looks, \
                                                                             {__VA_ARGS__});      \
  TEST_F(suite, name)
