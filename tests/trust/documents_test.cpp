// Envelopes, JSON, roots and lists: what is signed has one meaning, and what is older does not come back.
#include <nlohmann/json.hpp>

#include "core/trust/json.hpp"
#include "core/trust/witness.hpp"
#include "tests/trust/trust_fixture.hpp"

namespace garita::trust {
namespace {

std::string read(std::string_view json) { return answer_of(parse_json(json, "x")); }

TEST(StrictJson, what_has_more_than_one_meaning_is_refused) {
  EXPECT_EQ(read(R"({"a":1,"b":{"a":2}})"), "right");
  EXPECT_EQ(read(R"({"a":1,"a":1})"), "trust.json_duplicate");
  EXPECT_EQ(read(R"({"b":[{"a":1,"\u0061":1}]})"), "trust.json_duplicate");
  EXPECT_EQ(read(R"({"":1,"":1})"), "trust.json_duplicate");
}

TEST(StrictJson, what_is_no_whole_plain_object_is_refused) {
  for (const char* text :
       {"", " {}", "[]", "{", "{} {}", R"({"a":1.0})", R"({"a":1e3})", "{\"a\":\"\xff\"}", "\xEF\xBB\xBF{}"})
    EXPECT_EQ(read(text), "trust.json_malformed") << text;
}

TEST(StrictJson, depth_and_size_have_an_end) {
  const auto nested = [](size_t depth) {
    return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(read(nested(max_document_depth - 1)), "right");
  EXPECT_EQ(read(nested(max_document_depth)), "trust.json_malformed");
  const std::string full = R"({"a":")" + std::string(max_document_bytes - 8, 'x') + "\"}";
  EXPECT_EQ(read(full), "right");
  EXPECT_EQ(read(full + " "), "trust.too_large");
}

TEST(StrictJson, an_unknown_critical_field_refuses_and_an_unknown_other_does_not) {
  const auto end_of = [](const char* text) {
    const Json json = *parse_json(text, "x");
    Fields fields(json, "x");
    (void)fields.text("a");
    return answer_of(fields.end());
  };
  EXPECT_EQ(end_of(R"({"a":"1","new":1})"), "right");
  EXPECT_EQ(end_of(R"({"a":"1","new":1,"critical":["a"]})"), "right");
  EXPECT_EQ(end_of(R"({"a":"1","new":1,"critical":["new"]})"), "trust.critical_unknown");
  EXPECT_EQ(end_of(R"({"a":"1","critical":"new"})"), "trust.field");
}

TEST_F(Trust, signed_bytes_are_those_of_the_specification) {
  EXPECT_EQ(signed_bytes({"http://example.com/HelloWorld", "hello world", {}, ""}),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST_F(Trust, an_envelope_written_and_read_still_verifies) {
  const Envelope envelope = sign(to_envelope(root), {&mx, &us});
  const auto again = parse_envelope(to_json(envelope), "root.json");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id(), envelope.id());
  EXPECT_TRUE(verify_first_root(*again));
}

TEST_F(Trust, a_key_signs_an_envelope_once) {
  Envelope envelope = sign(to_envelope(root), {&mx});
  EXPECT_EQ(answer_of(add_signature(envelope, mx)), "trust.signed_already");
}

TEST_F(Trust, a_signature_of_another_type_does_not_count) {
  Envelope envelope = sign(to_envelope(certificate), {&mx});
  envelope.payload_type = status_type;
  EXPECT_EQ(count_signers(envelope, root.roles["mx"].keys), 0u);
}

TEST_F(Trust, damaged_envelopes_are_refused) {
  const std::string text = to_json(to_envelope(root));
  EXPECT_EQ(answer_of(parse_envelope(text.substr(0, text.size() / 2), "x")), "trust.json_malformed");
  EXPECT_EQ(answer_of(parse_envelope(R"({"payload":"e3","payloadType":"a","signatures":[]})", "x")),
            "trust.field");
  EXPECT_EQ(answer_of(parse_envelope(R"({"payload":"e30=","payloadType":"a"})", "x")), "trust.field");
  EXPECT_EQ(answer_of(parse_envelope(std::string(max_envelope_bytes + 1, ' '), "x")), "trust.too_large");
}

TEST_F(Trust, a_certificate_written_and_read_is_the_same) {
  const auto again = parse_certificate(to_envelope(certificate));
  ASSERT_TRUE(again);
  EXPECT_EQ(to_envelope(*again).payload, to_envelope(certificate).payload);
  EXPECT_EQ(again->waivers[0].requirement, "GAR-IMG-012");
  EXPECT_EQ(again->sbom, certificate.sbom);
}

TEST_F(Trust, a_certificate_with_a_field_missing_or_a_subject_twice_is_refused) {
  const Json whole = Json::parse(to_envelope(certificate).payload);
  for (const auto& item : whole["predicate"].items()) {
    if (item.key() == "sbom_sha256") continue;
    Json less = whole;
    less["predicate"].erase(item.key());
    EXPECT_EQ(answer_of(parse_certificate({std::string(statement_type), less.dump(), {}, "x"})),
              "trust.field")
        << item.key();
  }
  certificate.subjects.push_back(certificate.subjects[0]);
  EXPECT_EQ(answer_of(parse_certificate(to_envelope(certificate))), "trust.field");
}

TEST_F(Trust, a_certificate_with_an_unknown_critical_field_is_refused) {
  Json json = Json::parse(to_envelope(certificate).payload);
  json["predicate"]["only_on_sundays"] = true;
  EXPECT_EQ(answer_of(parse_certificate({std::string(statement_type), json.dump(), {}, "x"})), "right");
  json["predicate"]["critical"] = {"only_on_sundays"};
  EXPECT_EQ(answer_of(parse_certificate({std::string(statement_type), json.dump(), {}, "x"})),
            "trust.critical_unknown");
}

TEST_F(Trust, a_first_root_needs_every_role_of_its_own) {
  EXPECT_EQ(answer_of(verify_first_root(sign(to_envelope(root), {&mx, &us}))), "right");
  EXPECT_EQ(answer_of(verify_first_root(sign(to_envelope(root), {&mx, &mx2}))), "trust.role_missing");
}

TEST_F(Trust, a_key_that_stands_in_two_roles_is_refused) {
  root.roles["us"].keys.push_back(mx.public_key());
  EXPECT_EQ(answer_of(parse_root(to_envelope(root))), "trust.key_twice");
}

TEST_F(Trust, a_threshold_that_nobody_can_reach_is_refused) {
  root.roles["us"].threshold = 2;
  EXPECT_EQ(answer_of(parse_root(to_envelope(root))), "trust.field");
}

TEST_F(Trust, a_root_is_rotated_by_the_thresholds_of_the_old_and_the_new) {
  Root next = root;
  next.version = 2;
  next.roles["us"].keys = {stranger.public_key()};
  const auto try_with = [&](std::initializer_list<const base::SigningKey*> keys) {
    return answer_of(verify_next_root(sign(to_envelope(next), keys), root));
  };
  EXPECT_EQ(try_with({&mx, &us, &stranger}), "right");
  EXPECT_EQ(try_with({&mx, &us}), "trust.role_missing");
  EXPECT_EQ(try_with({&mx, &stranger}), "trust.role_missing");
  next.version = 3;
  EXPECT_EQ(try_with({&mx, &us, &stranger}), "trust.rolled_back");
}

TEST_F(Trust, a_status_list_is_signed_by_its_own_role_alone) {
  EXPECT_EQ(answer_of(verify_status_list(sign(to_envelope(list_of("us")), {&us}), root, 1)), "right");
  EXPECT_EQ(answer_of(verify_status_list(sign(to_envelope(list_of("us")), {&mx}), root, 1)),
            "trust.role_missing");
  EXPECT_EQ(answer_of(verify_status_list(sign(to_envelope(list_of("ca")), {&us}), root, 1)),
            "trust.role_unknown");
  EXPECT_EQ(answer_of(verify_status_list(sign(to_envelope(list_of("us", 4)), {&us}), root, 5)),
            "trust.rolled_back");
}

TEST_F(Trust, a_status_list_that_would_live_too_long_is_refused) {
  StatusList list = list_of("us");
  list.expires_ns = list.issued_ns + max_status_life_ns;
  EXPECT_EQ(answer_of(parse_status_list(to_envelope(list))), "right");
  list.expires_ns += 1'000'000'000;
  EXPECT_EQ(answer_of(parse_status_list(to_envelope(list))), "trust.field");
}

TEST_F(Trust, times_that_no_document_can_have_are_refused) {
  for (const char* time : {"1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "soon"}) {
    Json json = Json::parse(to_envelope(root).payload);
    json["issued"] = time;
    EXPECT_EQ(answer_of(parse_root({std::string(root_type), json.dump(), {}, "x"})), "trust.field") << time;
  }
}

TEST_F(Trust, a_labs_word_counts_under_its_own_key_alone) {
  const Witness witness{
      base::sha256("recording"), base::sha256("object"), "A-6", "17", "4.2", "Calexico", now};
  const Envelope envelope = sign(to_envelope(witness), {&mx2});
  EXPECT_EQ(verify_witness(envelope, mx2.public_key())->recording, witness.recording);
  EXPECT_EQ(answer_of(verify_witness(envelope, mx.public_key())), "trust.lab_missing");
  EXPECT_EQ(answer_of(verify_witness(sign(to_envelope(root), {&mx2}), mx2.public_key())), "trust.other_kind");
}

}  // namespace
}  // namespace garita::trust
