#include "core/trust/root.hpp"

#include <algorithm>
#include <set>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/trust/json.hpp"

namespace garita::trust {
namespace {

base::Error refusal(const char* id, const Envelope& envelope, std::vector<base::Field> fields) {
  fields.insert(fields.begin(), {"what", envelope.what});
  return {base::Outcome::no, id, std::move(fields), 0};
}

base::Result<base::PublicKey> parse_key(const Json& text, const Envelope& envelope) {
  if (text.is_string()) {
    const auto der = base::from_base64(text.get_ref<const std::string&>());
    if (der) {
      auto key = base::PublicKey::from_der(*der);
      if (key) return key;
    }
  }
  return refusal("trust.field", envelope, {{"field", "roles.keys"}});
}

base::Result<Role> parse_role(const Json& json, const Envelope& envelope, std::set<base::Digest>& seen) {
  Fields fields(json, envelope.what, "roles.");
  Role role;
  const Json& keys = fields.array("keys", max_role_keys);
  role.threshold = static_cast<uint32_t>(fields.number("threshold", 1, std::max<size_t>(keys.size(), 1)));
  GARITA_TRY(fields.end());
  for (const Json& text : keys) {
    GARITA_TRY_ASSIGN(key, parse_key(text, envelope));
    if (!seen.insert(key.key_id()).second)
      return refusal("trust.key_twice", envelope, {{"key", base::to_text(key.key_id()).substr(0, 16)}});
    role.keys.push_back(std::move(key));
  }
  if (role.keys.empty()) return refusal("trust.field", envelope, {{"field", "roles.keys"}});
  return role;
}

base::Result<void> check_all_roles(const Envelope& envelope, const Root& root) {
  for (const auto& entry : root.roles) GARITA_TRY(check_role(envelope, root, entry.first));
  return {};
}

}  // namespace

bool is_role_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Envelope to_envelope(const Root& root) {
  Json roles = Json::object();
  for (const auto& [name, role] : root.roles) {
    Json keys = Json::array();
    for (const base::PublicKey& key : role.keys) keys.push_back(base::to_base64(key.der()));
    roles[name] = {{"threshold", role.threshold}, {"keys", std::move(keys)}};
  }
  const Json json = {{"schema", "garita.root/1"},
                     {"version", root.version},
                     {"issued", base::format_utc(root.issued_ns)},
                     {"expires", base::format_utc(root.expires_ns)},
                     {"roles", std::move(roles)}};
  return {std::string(root_type), compact(json), {}, "root"};
}

base::Result<void> check_kind(const Envelope& envelope, std::string_view payload_type) {
  if (envelope.payload_type == payload_type) return {};
  return refusal("trust.other_kind", envelope, {{"kind", envelope.payload_type}});
}

base::Result<Root> parse_root(const Envelope& envelope) {
  GARITA_TRY(check_kind(envelope, root_type));
  GARITA_TRY_ASSIGN(json, parse_json(envelope.payload, envelope.what));
  Fields fields(json, envelope.what);
  Root root;
  fields.choice("schema", {"garita.root/1"});
  root.version = fields.number("version", 1, 1u << 30);
  root.issued_ns = fields.time("issued");
  root.expires_ns = fields.time("expires");
  if (root.expires_ns <= root.issued_ns) fields.fail("expires");
  const Json& roles = fields.object("roles");
  if (roles.empty() || roles.size() > max_roles) fields.fail("roles");
  GARITA_TRY(fields.end());
  std::set<base::Digest> seen;
  for (const auto& [name, role] : roles.items()) {
    if (!is_role_name(name)) return refusal("trust.field", envelope, {{"field", "roles"}});
    GARITA_TRY_ASSIGN(parsed, parse_role(role, envelope, seen));
    root.roles.emplace(name, std::move(parsed));
  }
  return root;
}

base::Result<void> check_role(const Envelope& envelope, const Root& root, const std::string& role) {
  const auto at = root.roles.find(role);
  if (at == root.roles.end()) return refusal("trust.role_unknown", envelope, {{"role", role}});
  const size_t found = count_signers(envelope, at->second.keys);
  if (found >= at->second.threshold) return {};
  return refusal(
      "trust.role_missing", envelope,
      {{"role", role}, {"found", std::to_string(found)}, {"wanted", std::to_string(at->second.threshold)}});
}

base::Result<Root> verify_first_root(const Envelope& envelope) {
  GARITA_TRY_ASSIGN(root, parse_root(envelope));
  GARITA_TRY(check_all_roles(envelope, root));
  return root;
}

base::Result<Root> verify_next_root(const Envelope& envelope, const Root& old) {
  GARITA_TRY(check_kind(envelope, root_type));
  GARITA_TRY(check_all_roles(envelope, old));
  GARITA_TRY_ASSIGN(next, parse_root(envelope));
  if (next.version != old.version + 1)
    return refusal("trust.rolled_back", envelope,
                   {{"found", std::to_string(next.version)}, {"wanted", std::to_string(old.version + 1)}});
  GARITA_TRY(check_all_roles(envelope, next));
  return next;
}

}  // namespace garita::trust
