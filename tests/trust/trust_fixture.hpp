// Two nations, a driver of three files, its certificate, lists of both: all right, until a test breaks one
// thing.
#pragma once

#include <gtest/gtest.h>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/trust/admit.hpp"

namespace garita::trust {

inline constexpr int64_t day_ns = 86400ll * 1'000'000'000;

inline base::SigningKey new_key() {
  return base::SigningKey::generate(base::SignatureAlgorithm::ed25519).value();
}

// The error's id, once it is sure that there is a sentence for it in both languages and nothing is left open.
inline std::string id_with_sentence(const base::Error& error) {
  for (const auto language : {base::Language::en, base::Language::es}) {
    const std::string said = base::render(error, language);
    EXPECT_EQ(said.find('{'), said.npos) << said;
    EXPECT_EQ(said.find(error.id), said.npos) << said;
  }
  return error.id;
}

template <typename T>
std::string answer_of(const base::Result<T>& result) {
  return result ? "right" : id_with_sentence(result.error());
}

class Trust : public ::testing::Test {
 protected:
  Trust() {
    root.issued_ns = now - 30 * day_ns;
    root.expires_ns = now + 300 * day_ns;
    root.roles["mx"] = {1, {mx.public_key(), mx2.public_key()}};
    root.roles["us"] = {1, {us.public_key()}};
    candidate.driver = "org.example.acme";
    candidate.abi = "1.0";
    candidate.box = 2;
    candidate.files = {{"acme.so", base::sha256("so")},
                       {"acme.garita.json", base::sha256("json")},
                       {"lut.bin", base::sha256("lut")}};
    certificate = right_certificate();
    policy.open = false;
    policy.roles = {"mx", "us"};
    policy.level = 2;
    policy.profiles = {"dual_energy"};
    policy.box = 2;
    policy.pilot = true;
  }

  Certificate right_certificate() const {
    Certificate own;
    own.subjects = candidate.files;
    own.driver = candidate.driver, own.version = "1.2.3", own.abi = "1.0", own.profile = "dual_energy";
    own.level = 2, own.truth = Truth::twin, own.simulated_device = true;
    own.devices = {{"A-6", {"4.1", "4.2"}}};
    own.suite = "0.1.0", own.suite_accepted_until_ns = now + 200 * day_ns;
    own.box = 2, own.policy = base::sha256("policy"), own.evidence = base::sha256("evidence"),
    own.sbom = base::sha256("sbom");
    own.waivers = {{"GAR-IMG-012", "old detector", "A. Person", now + 100 * day_ns}};
    own.issued_ns = now - 10 * day_ns, own.expires_ns = now + 100 * day_ns;
    return own;
  }

  static Envelope sign(Envelope envelope, std::initializer_list<const base::SigningKey*> keys) {
    for (const base::SigningKey* key : keys) EXPECT_TRUE(add_signature(envelope, *key));
    return envelope;
  }

  StatusList list_of(const std::string& role, uint64_t number = 1) const {
    return {role, number, now - day_ns, now + 13 * day_ns, {}};
  }

  // Everything signed as it should be.
  Documents documents() const {
    return {root,
            {{"mx", mx_list.value_or(list_of("mx"))}, {"us", us_list.value_or(list_of("us"))}},
            {sign(to_envelope(certificate), {&mx, &us})},
            {}};
  }
  base::Result<Admission> ask() const { return admit(policy, candidate, documents(), now); }
  static std::string id_of(const base::Result<Admission>& result) {
    return result ? "admitted" : id_with_sentence(result.error());
  }
  std::string answer() const { return id_of(ask()); }

  int64_t now = *base::parse_utc("2026-06-01T12:00:00Z");
  base::SigningKey mx = new_key(), mx2 = new_key(), us = new_key(), stranger = new_key();
  Root root;
  Candidate candidate;
  Certificate certificate;
  Policy policy;
  std::optional<StatusList> mx_list, us_list;
};

}  // namespace garita::trust
