// Who may look at what, and the line that each look leaves.
//
//   schema = "garita.roles/1"
//
//   [[rule]]
//   role = "viewer"            # show, view
//   users = ["maria", "uid:1004"]
//
// viewer: show, view. analyst: those, and export. supervisor: those, and changes of policy and keys. auditor:
// the log, and nothing that was scanned. A user may have several roles; one who has none may nothing. Where a
// site has no roles.toml everybody whom the system lets read its files may look, and that too is said in the
// line.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/exchange/audit/audit_log.hpp"

namespace garita::exchange {

enum class Role : uint8_t { viewer, analyst, supervisor, auditor };
enum class Act : uint8_t { show, view, export_, govern, audit };

std::string_view word_of(Role role);
std::string_view word_of(Act act);  // "show", "view", "export", "govern", "audit"
bool may(Role role, Act act);

struct Roles {
  std::map<std::string, std::set<Role>> users;  // by name
  bool open = true;                             // no roles were said
};

struct ReadRoles {
  Roles roles;
  std::vector<base::Error> problems;  // exchange.policy_*
};
ReadRoles parse_roles(std::string_view toml, const std::string& path);
// state/roles.toml; open where there is none.
base::Result<Roles> load_roles(const std::filesystem::path& state);

// The person behind this process, by its real user id: "maria"; "uid:1004" where the system has no name.
std::string user_name();

// The sites whose folder the file lies in, whatever the path that was given for it (links are followed): each
// folder above it that has a roles.toml or a log (audit/audit.log), the nearest first.
std::vector<std::filesystem::path> sites_of(const std::filesystem::path& file);

// Allowed, and written down (state/audit, kind "look.show" or "look.refused") before anything is shown:
//   {"user", "role" ("open": no roles were said), "act", "package": hex of its root, "what": a few words}
// "exchange.role_missing" {user, act}; an error of the log is a refusal too: what cannot be written down is
// not shown.
base::Result<void> look(const std::filesystem::path& state, Act act, std::string_view package,
                        std::string_view what);

}  // namespace garita::exchange
