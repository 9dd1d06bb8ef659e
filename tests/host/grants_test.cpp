#include "core/host/grants.hpp"

#include <gtest/gtest.h>

namespace garita::host {
namespace {

load::Manifest manifest() {
  load::Manifest manifest;
  manifest.name = "acme";
  manifest.streams = {{.name = "scanner"}, {.name = "extra", .required = false}};
  manifest.config = {{.key = "silence_ms", .type = GARITA_VALUE_I64, .default_value = image::Value{GARITA_VALUE_I64, 500}},
                     {.key = "mode", .type = GARITA_VALUE_TEXT, .choices = {"slow", "fast"}},
                     {.key = "gain", .type = GARITA_VALUE_F64, .required = true}};
  manifest.config[0].range = {1, 1000};
  return manifest;
}

std::string id_of(const auto& result) { return result ? "ok" : result.error().id; }

TEST(Grants, an_assignment_without_a_value_is_usage) {
  EXPECT_EQ(id_of(parse_assignments({"scanner"}, "--source")), "host.bad_assignment");
  EXPECT_EQ(id_of(parse_assignments({"=x"}, "--source")), "host.bad_assignment");
  EXPECT_EQ(id_of(parse_assignments({"a=1", "a=2"}, "--source")), "host.doubled_assignment");
}

TEST(Grants, a_value_may_hold_an_equals_sign) {
  const auto parsed = parse_assignments({"dir=dir:/x?settle_ms=5"}, "--source");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->front().second, "dir:/x?settle_ms=5");
}

TEST(Grants, every_required_stream_needs_a_source_and_no_other_is_taken) {
  EXPECT_EQ(id_of(grant_sources(manifest(), {})), "host.missing_stream");
  EXPECT_EQ(id_of(grant_sources(manifest(), {{"scaner", "tcp://a:1"}})), "host.unknown_stream");
  EXPECT_EQ(id_of(grant_sources(manifest(), {{"scanner", "tcp://a:1"}})), "ok");
}

TEST(Grants, configuration_is_typed_and_defaults_are_filled_in) {
  const auto granted = grant_configuration(manifest(), {{"gain", "0.5"}, {"mode", "fast"}});
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->at("silence_ms").integer, 500);
  EXPECT_EQ(granted->at("gain").real, 0.5);
}

TEST(Grants, values_outside_type_range_or_choices_are_usage) {
  EXPECT_EQ(id_of(grant_configuration(manifest(), {{"gain", "1"}, {"silence_ms", "0"}})), "host.bad_value");
  EXPECT_EQ(id_of(grant_configuration(manifest(), {{"gain", "1"}, {"silence_ms", "5x"}})), "host.bad_value");
  EXPECT_EQ(id_of(grant_configuration(manifest(), {{"gain", "nan"}})), "host.bad_value");
  EXPECT_EQ(id_of(grant_configuration(manifest(), {{"gain", "1"}, {"mode", "medium"}})), "host.bad_value");
}

TEST(Grants, undeclared_and_missing_keys_are_named) {
  EXPECT_EQ(id_of(grant_configuration(manifest(), {{"gian", "1"}})), "host.unknown_key");
  EXPECT_EQ(id_of(grant_configuration(manifest(), {})), "host.missing_key");
}

}  // namespace
}  // namespace garita::host
