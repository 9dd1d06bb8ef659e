// The binary as a file: how it was linked, and what it asks of the system. Nothing of it is run.
#include "conformance/rules/binary.hpp"
#include "conformance/rules/rule.hpp"

namespace garita::conformance {
namespace {

class Binary : public Rule {
 protected:
  void judge_binary(std::string_view requirement) {
    static const Input none;
    const auto build = read_build(manifest().binary());
    if (!build) return (void)judge(build.error(), none);
    for (const BinaryFault& fault : faults_of(*build, manifest()))
      if (fault.requirement == requirement)
        wrong_value(none, manifest().driver.path, fault.what, fault.value, fault.allowed);
  }
};

LOOK(Binary, relocated_data_is_read_only, "GAR-BIN-001") { judge_binary("GAR-BIN-001"); }
LOOK(Binary, symbols_are_bound_at_load, "GAR-BIN-002") { judge_binary("GAR-BIN-002"); }
LOOK(Binary, stack_is_not_executable, "GAR-BIN-003") { judge_binary("GAR-BIN-003"); }
LOOK(Binary, names_no_search_path, "GAR-BIN-004") { judge_binary("GAR-BIN-004"); }
LOOK(Binary, code_needs_no_relocation, "GAR-BIN-005") { judge_binary("GAR-BIN-005"); }
LOOK(Binary, asks_for_no_newer_system, "GAR-BIN-006") { judge_binary("GAR-BIN-006"); }
LOOK(Binary, needs_only_what_is_there, "GAR-BIN-007") { judge_binary("GAR-BIN-007"); }
LOOK(Binary, code_is_not_writable, "GAR-BIN-008") { judge_binary("GAR-BIN-008"); }
LOOK(Binary, can_be_told_by_its_build_id, "GAR-BIN-009") { judge_binary("GAR-BIN-009"); }

}  // namespace
}  // namespace garita::conformance
