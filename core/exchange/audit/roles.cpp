#include "core/exchange/audit/roles.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "core/exchange/policy/policy_file.hpp"

namespace garita::exchange {
namespace {

constexpr Role all_roles[] = {Role::viewer, Role::analyst, Role::supervisor, Role::auditor};

std::optional<Role> role_of(std::string_view word) {
  for (const Role role : all_roles)
    if (word == word_of(role)) return role;
  return std::nullopt;
}

// The role by which the user may: "" for none.
std::string_view role_for(const Roles& roles, const std::string& user, Act act) {
  if (roles.open) return "open";
  const auto found = roles.users.find(user);
  if (found == roles.users.end()) return "";
  for (const Role role : found->second)
    if (may(role, act)) return word_of(role);
  return "";
}

}  // namespace

std::string_view word_of(Role role) {
  static constexpr std::string_view words[] = {"viewer", "analyst", "supervisor", "auditor"};
  return words[static_cast<size_t>(role)];
}

std::string_view word_of(Act act) {
  static constexpr std::string_view words[] = {"show", "view", "export", "govern", "audit"};
  return words[static_cast<size_t>(act)];
}

bool may(Role role, Act act) {
  switch (role) {
    case Role::viewer:
      return act == Act::show || act == Act::view;
    case Role::analyst:
      return act == Act::show || act == Act::view || act == Act::export_;
    case Role::supervisor:
      return act != Act::audit;
    case Role::auditor:
      return act == Act::audit;
  }
  return false;
}

ReadRoles parse_roles(std::string_view toml, const std::string& path) {
  ReadRoles out;
  out.roles.open = false;
  PolicyFile file(path, "garita.roles/1");
  file.read(toml, [&](const toml::table& table, uint32_t line) {
    std::optional<Role> role;
    Words users;
    for (const auto& [key, node] : table) {
      if (key == "role") {
        const std::string word = file.text("role", node).value_or("");
        role = role_of(word);
        if (!role) file.problem(node, "exchange.policy_word", {{"key", "role"}, {"given", word}});
      } else if (key == "users") {
        users = file.words("users", node);
      } else {
        file.problem(node, "exchange.policy_key", {{"key", std::string(key.str())}});
      }
    }
    if (!role) file.problem(line, "exchange.policy_missing", {{"key", "role"}});
    if (users.empty()) file.problem(line, "exchange.policy_missing", {{"key", "users"}});
    if (role)
      for (const auto& [user, unused] : users) out.roles.users[user].insert(*role);
  });
  out.problems = file.take_problems();
  return out;
}

base::Result<Roles> load_roles(const std::filesystem::path& state) {
  const std::filesystem::path path = state / "roles.toml";
  auto text = base::read_text_file(path, max_policy_bytes);
  if (!text.ok() && text.error().id == "base.file_missing") return Roles{};
  if (!text.ok()) return std::move(text).error();
  ReadRoles read = parse_roles(*text, path.string());
  if (!read.problems.empty()) return std::move(read.problems.front());
  return std::move(read.roles);
}

std::string user_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16384> buffer{};
  if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return entry.pw_name;
  return "uid:" + std::to_string(getuid());
}

std::vector<std::filesystem::path> sites_of(const std::filesystem::path& file) {
  std::error_code none;
  std::vector<std::filesystem::path> sites;
  std::filesystem::path folder = std::filesystem::weakly_canonical(file, none).parent_path();
  for (bool top = false; !folder.empty() && !top; folder = folder.parent_path()) {
    // Not whether it can be read: what is there and cannot be read refuses the look.
    if (std::filesystem::exists(folder / "roles.toml", none) ||
        std::filesystem::exists(live_segment(folder / "audit"), none))
      sites.push_back(folder);
    top = folder == folder.root_path();
  }
  return sites;
}

base::Result<void> look(const std::filesystem::path& state, Act act, std::string_view package,
                        std::string_view what) {
  GARITA_TRY_ASSIGN(roles, load_roles(state));
  const std::string user = user_name();
  const std::string_view role = role_for(roles, user, act);
  GARITA_TRY_ASSIGN(log, AuditLog::open(state / "audit"));
  const nlohmann::json line = {
      {"user", user}, {"role", role}, {"act", word_of(act)}, {"package", package}, {"what", what}};
  const std::string kind = role.empty() ? "look.refused" : "look." + std::string(word_of(act));
  GARITA_TRY(log.append(kind, line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  if (!role.empty()) return {};
  return base::Error{
      base::Outcome::no, "exchange.role_missing", {{"user", user}, {"act", std::string(word_of(act))}}, 0};
}

}  // namespace garita::exchange
