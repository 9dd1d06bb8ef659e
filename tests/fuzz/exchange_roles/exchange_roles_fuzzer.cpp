// roles.toml from whoever wrote it: refused with lines, or roles that somebody was given by name; nobody may
// do what none of their roles allows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/exchange/audit/roles.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::exchange;
  const auto read = parse_roles({reinterpret_cast<const char*>(data), size}, "roles.toml");
  for (const auto& problem : read.problems)
    if (problem.field("line").empty()) std::abort();
  if (read.roles.open) std::abort();  // a file is there: nobody may by default
  for (const auto& [user, roles] : read.roles.users)
    for (const Role role : roles)
      if (user.empty() || word_of(role).empty() || (role == Role::auditor && may(role, Act::show)))
        std::abort();
  return 0;
}
