// Manifests: what the schema asks is held, and nothing hostile gets further than the parser.
#include "core/load/manifest.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "core/base/text.hpp"

namespace garita::load {
namespace {

namespace fs = std::filesystem;

const std::string digest(64, 'a');

// A manifest that is right, with `from` replaced by `to`.
std::string manifest_text(const std::string& from = "", const std::string& to = "") {
  std::string text = R"({
  "schema": "garita.manifest/1", "id": "org.garita.portal", "name": "portal", "vendor": "Garita", "version": "1.2.3",
  "licence": "Apache-2.0", "abi": {"min": "1.0", "max": "1.0"}, "models": ["P-1", "P-2"], "profiles": ["dual_energy"],
  "capabilities": ["shape.scan", "row.dose"], "extensions": ["garita.stored/1"],
  "streams": [{"name": "scanner", "kind": "bytes", "direction": "inout",
               "text": {"en": "The portal.", "es": "El portal."}},
              {"name": "inbox", "kind": "objects", "direction": "in", "required": false, "pattern": ["*.img"],
               "siblings": [{"pattern": "{stem}.xml", "required": false}]}],
  "config": [{"key": "line_pitch_um", "type": "i64", "default": 4000, "range": [100, 10000], "unit": "um"},
             {"key": "side", "type": "text", "default": "left", "range": ["left", "right"]},
             {"key": "since", "type": "time", "default": "2025-01-31T12:00:00Z"},
             {"key": "password", "type": "text", "secret": true, "required": true}],
  "limits": {"max_call_ms": 3000, "decode_ms": 500, "held_strips": 12},
  "files": [{"path": "data/table.bin", "sha256": "DIGEST"}],
  "driver": {"file": "portal.so", "sha256": "DIGEST"}})";
  for (size_t at; (at = text.find("DIGEST")) != std::string::npos;) text.replace(at, 6, digest);
  if (!from.empty()) {
    EXPECT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
  }
  return text;
}

// The id of the error that the change brings, and the field it names: "manifest_form version".
std::string fault_of(const std::string& from, const std::string& to) {
  const base::Result<Manifest> manifest = parse_manifest(manifest_text(from, to), "m.json");
  if (manifest) return "none";
  EXPECT_EQ(manifest.error().field("path"), "m.json");
  EXPECT_EQ(base::render(manifest.error(), base::Language::es).find('{'), std::string::npos);
  return manifest.error().id.substr(5) + " " + std::string(manifest.error().field("field"));
}

TEST(Manifest, a_right_one_is_read_whole) {
  const base::Result<Manifest> read = parse_manifest(manifest_text(), "m.json");
  ASSERT_TRUE(read.ok()) << base::render(read.error(), base::Language::en);
  const Manifest& own = *read;
  EXPECT_EQ(own.id, "org.garita.portal");
  EXPECT_EQ(own.abi_max, GARITA_ABI_1_0);
  EXPECT_EQ(own.models, (std::vector<std::string>{"P-1", "P-2"}));
  EXPECT_EQ(own.stream("scanner")->direction, Direction::inout);
  EXPECT_EQ(own.stream("scanner")->text.es, "El portal.");
  EXPECT_FALSE(own.stream("inbox")->siblings.at(0).required);
  EXPECT_EQ(own.stream("outbox"), nullptr);
  EXPECT_EQ(own.limits.max_call_ms, 3000u);
  EXPECT_EQ(own.limits.max_scan_rows, 1000000u);
  EXPECT_EQ(own.files.at(0).path, "data/table.bin");
  EXPECT_EQ(base::to_text(own.driver.sha256), digest);
}

TEST(Manifest, configuration_keys_have_their_defaults_by_type) {
  const Manifest own = *parse_manifest(manifest_text(), "m.json");
  EXPECT_EQ(own.key("line_pitch_um")->default_value->integer, 4000);
  EXPECT_EQ((*own.key("line_pitch_um")->range)[1], 10000);
  EXPECT_EQ(own.key("side")->choices.size(), 2u);
  EXPECT_EQ(own.key("since")->default_value->integer, 1738324800000000000);
  EXPECT_TRUE(own.key("password")->secret);
  EXPECT_FALSE(own.key("password")->default_value.has_value());
}

TEST(Manifest, fields_that_this_host_does_not_know_are_passed_over) {
  EXPECT_EQ(fault_of("\"vendor\"", "\"colour\": {\"deep\": [1, 2]}, \"vendor\""), "none");
}

TEST(Manifest, a_field_that_must_be_there_is_missed_by_name) {
  for (const char* field :
       {"schema", "id", "name", "vendor", "version", "licence", "abi", "models", "capabilities", "driver"})
    EXPECT_EQ(fault_of("\"" + std::string(field) + "\":", "\"x_" + std::string(field) + "\":"),
              "manifest_missing " + std::string(field));
}

TEST(Manifest, another_schema_is_refused) {
  EXPECT_EQ(fault_of("manifest/1", "manifest/2"), "manifest_schema schema");
}

TEST(Manifest, a_wrong_type_is_named) {
  EXPECT_EQ(fault_of("\"1.2.3\"", "123"), "manifest_type version");
  EXPECT_EQ(fault_of("[\"P-1\", \"P-2\"]", "\"P-1\""), "manifest_type models");
  EXPECT_EQ(fault_of("\"P-2\"", "null"), "manifest_type models[1]");
  EXPECT_EQ(fault_of("\"default\": 4000", "\"default\": \"4000\""), "manifest_type config[0].default");
  EXPECT_EQ(fault_of("\"required\": false, \"pattern\"", "\"required\": 0, \"pattern\""),
            "manifest_type streams[1].required");
}

TEST(Manifest, a_wrong_form_is_named) {
  EXPECT_EQ(fault_of("1.2.3", "1.2"), "manifest_form version");
  EXPECT_EQ(fault_of("org.garita.portal", "portal"), "manifest_form id");
  EXPECT_EQ(fault_of("\"name\": \"portal\"", "\"name\": \"../portal\""), "manifest_form name");
  EXPECT_EQ(fault_of("\"max\": \"1.0\"", "\"max\": \"01.0\""), "manifest_form abi.max");
  EXPECT_EQ(fault_of("\"max\": \"1.0\"", "\"max\": \"0.9\""), "manifest_form abi");
  EXPECT_EQ(fault_of("shape.scan", "Shape Scan"), "manifest_form capabilities[0]");
  EXPECT_EQ(fault_of("stored/1", "stored/0"), "manifest_form extensions[0]");
  EXPECT_EQ(fault_of("\"bytes\"", "\"usb\""), "manifest_form streams[0].kind");
  EXPECT_EQ(fault_of("2025-01-31T", "2025-13-31T"), "manifest_form config[2].default");
  EXPECT_EQ(fault_of("[100, 10000]", "[10000, 100]"), "manifest_form config[0].range");
  EXPECT_EQ(fault_of("\"Garita\"", "\"a\\u0007b\""), "manifest_form vendor");
}

TEST(Manifest, a_path_that_leaves_the_folder_is_refused) {
  for (const char* path : {"../x.so", "/x.so", "a/../x.so", "a//x.so", "./x.so", "a/", "", "a\\\\b", ".."})
    EXPECT_EQ(fault_of("portal.so", path), "manifest_form driver.file") << path;
  EXPECT_EQ(fault_of("portal.so", "lib/..portal.so"), "none");
}

TEST(Manifest, a_digest_that_is_cut_or_in_capitals_is_refused) {
  EXPECT_EQ(fault_of(digest + "\"}}", digest.substr(1) + "\"}}"), "manifest_form driver.sha256");
  EXPECT_EQ(fault_of(digest + "\"}}", std::string(64, 'A') + "\"}}"), "manifest_form driver.sha256");
}

TEST(Manifest, a_number_outside_its_range_is_named) {
  EXPECT_EQ(fault_of("3000", "60001"), "manifest_range limits.max_call_ms");
  EXPECT_EQ(fault_of("3000", "-1"), "manifest_range limits.max_call_ms");
  EXPECT_EQ(fault_of("500", "3001"), "manifest_range limits.decode_ms");
  EXPECT_EQ(fault_of("4000", "99"), "manifest_range config[0].default");
  EXPECT_EQ(fault_of("\"default\": \"left\"", "\"default\": \"up\""), "manifest_range config[1].default");
  EXPECT_EQ(fault_of("4000", "9223372036854775808"), "manifest_range config[0].default");
}

TEST(Manifest, what_must_be_unique_is_refused_where_it_is_repeated) {
  EXPECT_EQ(fault_of("P-2", "P-1"), "manifest_doubled models[1]");
  EXPECT_EQ(fault_of("\"name\": \"inbox\"", "\"name\": \"scanner\""), "manifest_doubled streams[1].name");
  EXPECT_EQ(fault_of("\"key\": \"side\"", "\"key\": \"line_pitch_um\""), "manifest_doubled config[1].key");
  EXPECT_EQ(fault_of("data/table.bin", "portal.so"), "manifest_doubled files[0].path");
}

TEST(Manifest, lists_have_their_limits) {
  EXPECT_EQ(fault_of("[\"P-1\", \"P-2\"]", "[]"), "manifest_count models");
  std::string many;
  for (int i = 0; i < 65; ++i) many += std::string(i ? "," : "") + "\"x" + std::to_string(i) + "/1\"";
  EXPECT_EQ(fault_of("\"garita.stored/1\"", many), "manifest_count extensions");
}

TEST(Manifest, a_key_twice_is_refused_at_any_depth) {
  EXPECT_EQ(fault_of("\"vendor\"", "\"id\": \"org.evil.x\", \"vendor\""), "manifest_key_twice id");
  EXPECT_EQ(fault_of("\"file\"", "\"file\": \"a\", \"file\""), "manifest_key_twice file");
}

TEST(Manifest, json_that_ends_early_is_refused_at_any_byte) {
  const std::string whole = manifest_text();
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_manifest(whole.substr(0, size), "m.json").ok()) << size;
}

TEST(Manifest, depth_and_size_have_their_limits) {
  EXPECT_EQ(fault_of("\"Garita\"", std::string(100000, '[')), "manifest_depth ");
  EXPECT_EQ(parse_manifest(std::string(max_manifest_bytes + 1, ' '), "m.json").error().id,
            "load.manifest_too_large");
}

TEST(Manifest, numbers_and_bytes_that_json_does_not_have_are_refused) {
  EXPECT_EQ(fault_of("3000", "1e999"), "manifest_json ");
  EXPECT_EQ(fault_of("\"Garita\"", "\"\xFF\""), "manifest_json ");
  EXPECT_FALSE(parse_manifest("[]", "m.json").ok());
  EXPECT_FALSE(parse_manifest("", "m.json").ok());
}

// A folder of manifests that goes away.
class Catalogue : public ::testing::Test {
 protected:
  Catalogue() {
    root_ = fs::path(::testing::TempDir()) / ("garita-manifests-" + std::to_string(getpid()));
    fs::create_directories(root_);
  }
  ~Catalogue() override { fs::remove_all(root_); }

  void put(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  std::string renamed(const std::string& name, const std::string& id) {
    std::string text = manifest_text("\"name\": \"portal\"", "\"name\": \"" + name + "\"");
    return text.replace(text.find("org.garita.portal"), 17, id);
  }
  std::vector<Found> find() { return find_drivers(std::vector<fs::path>{root_}); }

  fs::path root_;
};

TEST_F(Catalogue, drivers_are_found_in_the_folder_and_one_below) {
  put("portal/portal.garita.json", manifest_text());
  put("other.garita.json", renamed("other", "org.garita.other"));
  put("a/b/deep.garita.json", renamed("deep", "org.garita.deep"));
  const std::vector<Found> found = find();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].manifest->name, "other");
  EXPECT_EQ(found[1].manifest->binary(), root_ / "portal" / "portal.so");
}

TEST_F(Catalogue, a_manifest_that_cannot_be_read_is_listed_with_the_reason) {
  put("portal/portal.garita.json", "{");
  put("x/x.garita.json", manifest_text());
  const std::vector<Found> found = find();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].manifest.error().id, "load.manifest_json");
  EXPECT_EQ(found[1].manifest.error().id, "load.manifest_name");
}

TEST_F(Catalogue, two_drivers_of_one_id_or_name_are_both_refused) {
  put("a/portal.garita.json", manifest_text());
  put("b/other.garita.json", renamed("other", "org.garita.portal"));
  for (const Found& found : find()) EXPECT_EQ(found.manifest.error().id, "load.two_drivers_one_id");
  put("b/other.garita.json", renamed("other", "org.garita.other"));
  put("c/other.garita.json", renamed("other", "org.garita.third"));
  EXPECT_TRUE(find()[0].manifest.ok());
  EXPECT_EQ(find()[2].manifest.error().id, "load.two_drivers_one_name");
}

TEST_F(Catalogue, a_driver_is_found_by_name_or_by_path) {
  put("portal/portal.garita.json", manifest_text());
  const std::vector<fs::path> here = {root_, root_};
  EXPECT_TRUE(find_driver("portal", here).ok());
  EXPECT_TRUE(find_driver((root_ / "portal" / "portal.garita.json").string(), {}).ok());
  EXPECT_EQ(find_driver("portals", here).error().id, "load.driver_not_found");
}

TEST_F(Catalogue, a_folder_that_is_not_there_holds_no_drivers) {
  EXPECT_TRUE(find_drivers(std::vector<fs::path>{root_ / "nowhere"}).empty());
}

}  // namespace
}  // namespace garita::load
