#include "core/trust/status.hpp"

#include <algorithm>

#include "core/base/clock.hpp"
#include "core/trust/json.hpp"

namespace garita::trust {

const Revocation* StatusList::find(const base::Digest& sha256) const {
  const auto at = std::ranges::find(revoked, sha256, &Revocation::sha256);
  return at == revoked.end() ? nullptr : &*at;
}

Envelope to_envelope(const StatusList& list) {
  Json revoked = Json::array();
  for (const Revocation& one : list.revoked)
    revoked.push_back({{"sha256", base::to_text(one.sha256)}, {"reason", one.reason}});
  const Json json = {{"schema", "garita.status/1"},
                     {"role", list.role},
                     {"number", list.number},
                     {"issued", base::format_utc(list.issued_ns)},
                     {"expires", base::format_utc(list.expires_ns)},
                     {"revoked", std::move(revoked)}};
  return {std::string(status_type), compact(json), {}, "status list"};
}

base::Result<StatusList> parse_status_list(const Envelope& envelope) {
  GARITA_TRY(check_kind(envelope, status_type));
  GARITA_TRY_ASSIGN(json, parse_json(envelope.payload, envelope.what));
  Fields fields(json, envelope.what);
  StatusList list;
  fields.choice("schema", {"garita.status/1"});
  list.role = fields.text("role", 32);
  if (!is_role_name(list.role)) fields.fail("role");
  list.number = fields.number("number", 1, 1u << 30);
  list.issued_ns = fields.time("issued");
  list.expires_ns = fields.time("expires");
  if (list.expires_ns <= list.issued_ns || list.expires_ns - list.issued_ns > max_status_life_ns)
    fields.fail("expires");
  for (const Json& item : fields.array("revoked", max_revoked)) {
    Fields one(item, envelope.what, "revoked.");
    Revocation revocation;
    revocation.sha256 = one.digest("sha256");
    revocation.reason = one.text("reason", 256);
    fields.take(one.end());
    list.revoked.push_back(std::move(revocation));
  }
  GARITA_TRY(fields.end());
  return list;
}

base::Result<StatusList> verify_status_list(const Envelope& envelope, const Root& root,
                                            uint64_t lowest_number) {
  GARITA_TRY_ASSIGN(list, parse_status_list(envelope));
  GARITA_TRY(check_role(envelope, root, list.role));
  if (list.number >= lowest_number) return list;
  return base::Error{base::Outcome::no,
                     "trust.rolled_back",
                     {{"what", envelope.what},
                      {"found", std::to_string(list.number)},
                      {"wanted", std::to_string(lowest_number)}},
                     0};
}

}  // namespace garita::trust
