// The root of trust: which authorities there are, and whose keys speak for each.
//
//   {"schema": "garita.root/1", "version": 1, "issued": time, "expires": time,
//    "roles": {"NAME": {"threshold": k, "keys": [base64 of SubjectPublicKeyInfo, …]}, …}}
//
// in a DSSE envelope of type root_type. A key stands in one role only, so that nobody fills another's seat. A
// root is signed by k of n of every role in it; its successor, of the next version, by those of the old and
// of the new.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/signature.hpp"
#include "core/trust/dsse.hpp"

namespace garita::trust {

inline constexpr size_t max_roles = 8;
inline constexpr size_t max_role_keys = 16;

// 1 to 32 of a-z, 0-9 and '-': also part of a file's name.
bool is_role_name(std::string_view name);

struct Role {
  uint32_t threshold = 1;             // of keys: at least 1, at most as many as there are
  std::vector<base::PublicKey> keys;  // distinct
};

struct Root {
  uint64_t version = 1;
  int64_t issued_ns = 0, expires_ns = 0;  // UTC
  std::map<std::string, Role> roles;
};

Envelope to_envelope(const Root& root);  // unsigned
// The content alone; says nothing about signatures. "trust.key_twice" {key}, "trust.other_kind".
base::Result<Root> parse_root(const Envelope& envelope);

// "trust.role_missing" {role, found, wanted} unless k of n of that role have signed.
base::Result<void> check_role(const Envelope& envelope, const Root& root, const std::string& role);

// A first root: signed by all its own roles. Whether it is the right one is for people to compare.
base::Result<Root> verify_first_root(const Envelope& envelope);
// "trust.rolled_back" {found, wanted} unless of the very next version.
base::Result<Root> verify_next_root(const Envelope& envelope, const Root& old);

// "trust.other_kind" {what, kind} where the envelope holds something else.
base::Result<void> check_kind(const Envelope& envelope, std::string_view payload_type);

}  // namespace garita::trust
