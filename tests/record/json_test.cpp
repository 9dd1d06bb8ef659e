#include "core/record/json.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <set>

#include "core/record/validate.hpp"
#include "tests/record/random_record.hpp"
#include "tests/record/sample.hpp"

namespace garita::record {
namespace {

using Json = nlohmann::json;

// As much of JSON Schema as json_schema() uses; "" or what is wrong, with its place. A keyword it does not
// know is wrong.
class Checker {
 public:
  explicit Checker(const Json& schema) : root_(schema) {}
  std::string check(const Json& value) { return check(root_, value, "$"); }

 private:
  static bool has_type(const std::string& type, const Json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == "null" && value.is_null();
  }

  static bool has_type(const Json& types, const Json& value) {
    if (types.is_string()) return has_type(types.get<std::string>(), value);
    return std::any_of(types.begin(), types.end(),
                       [&](const Json& t) { return has_type(t.get<std::string>(), value); });
  }

  static bool known(const std::string& keyword) {
    static const std::set<std::string> all = {
        "$schema", "$ref",       "$defs",    "title",     "type",
        "enum",    "properties", "items",    "required",  "additionalProperties",
        "minimum", "maximum",    "maxItems", "maxLength", "pattern",
        "format"};
    return all.contains(keyword) || keyword.starts_with("x-");
  }

  std::string check(const Json& schema, const Json& value, const std::string& at) {
    for (const auto& [keyword, unused] : schema.items())
      if (!known(keyword)) return at + ": schema keyword " + keyword;
    if (schema.contains("$ref")) {
      const std::string error = check(root_["$defs"][schema["$ref"].get<std::string>().substr(8)], value, at);
      if (!error.empty()) return error;
    }
    if (schema.contains("type") && !has_type(schema["type"], value)) return at + ": type";
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return at + ": enum";
    if (value.is_number() && schema.contains("minimum") && value < schema["minimum"]) return at + ": minimum";
    if (value.is_number() && schema.contains("maximum") && value > schema["maximum"]) return at + ": maximum";
    if (value.is_string()) return check_text(schema, value.get<std::string>(), at);
    if (value.is_array()) return check_array(schema, value, at);
    return value.is_object() && schema.contains("properties") ? check_object(schema, value, at) : "";
  }

  std::string check_text(const Json& schema, const std::string& value, const std::string& at) {
    if (schema.contains("maxLength") && value.size() > schema["maxLength"].get<size_t>())
      return at + ": maxLength";
    if (schema.contains("pattern") &&
        !std::regex_search(value, std::regex(schema["pattern"].get<std::string>())))
      return at + ": pattern";
    return "";
  }

  std::string check_array(const Json& schema, const Json& value, const std::string& at) {
    if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<size_t>())
      return at + ": maxItems";
    for (size_t i = 0; i < value.size(); ++i)
      if (std::string error = check(schema["items"], value[i], at + "[" + std::to_string(i) + "]");
          !error.empty())
        return error;
    return "";
  }

  std::string check_object(const Json& schema, const Json& value, const std::string& at) {
    if (schema.contains("required"))
      for (const Json& name : schema["required"])
        if (!value.contains(name.get<std::string>())) return at + ": required " + name.get<std::string>();
    for (const auto& [name, member] : value.items()) {
      if (!schema["properties"].contains(name)) return at + ": additional " + name;
      if (std::string error = check(schema["properties"][name], member, at + "." + name); !error.empty())
        return error;
    }
    return "";
  }

  const Json root_;
};

std::string check(const Json& value) { return Checker(Json::parse(json_schema())).check(value); }

TEST(Json, a_record_reads_as_its_fields) {
  const Json json = Json::parse(to_json(sample_record()));
  EXPECT_EQ(json["conveyance"]["containers"][0]["number"], "CSQU3054383");
  EXPECT_EQ(json["conveyance"]["kind"], "truck");
  EXPECT_EQ(json["conveyance"]["speed_mps"], 2.5);
  EXPECT_EQ(json["time"]["started"]["utc_ns"], 1772368496500000000);
  EXPECT_EQ(json["time"]["started"]["utc"], "2026-03-01T12:34:56.500Z");
  EXPECT_EQ(json["device"]["driver_sha256"],
            "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
  EXPECT_EQ(json["views"][0]["channels"][0]["lost_lines"][0], (Json{{"first_row", 0}, {"rows", 3}}));
  EXPECT_EQ(json["vendor_attributes"][0]["value"]["text"], "fast");
}

TEST(Json, the_same_record_gives_the_same_text) {
  EXPECT_EQ(to_json(sample_record()), to_json(sample_record()));
  EXPECT_EQ(to_json(sample_record(), 0).find('\n'), std::string::npos);
  EXPECT_LT(to_json(sample_record()).find("\"identity\""), to_json(sample_record()).find("\"views\""));
}

TEST(Json, a_good_record_keeps_the_schema) {
  EXPECT_EQ(check(Json::parse(to_json(sample_record()))), "");
  EXPECT_EQ(check(Json::parse(to_json(v1::Inspection()))), "");
}

TEST(Json, any_record_that_validates_keeps_the_schema) {
  const uint64_t seed = std::random_device{}();
  for (uint64_t i = 0; i < 60; ++i) {
    v1::Inspection record = RandomRecord(seed + i).make();
    const auto problems = validate(record);
    const std::string wrong = check(Json::parse(to_json(record)));
    EXPECT_TRUE(wrong.empty() || !problems.empty()) << wrong << ", seed " << seed + i;
  }
}

TEST(Json, the_schema_refuses_what_is_no_record) {
  Json json = Json::parse(to_json(sample_record()));
  const auto with = [&](const char* pointer, Json value) {
    Json changed = json;
    changed[Json::json_pointer(pointer)] = std::move(value);
    return check(changed);
  };
  EXPECT_EQ(with("/colour", "red"), "$: additional colour");
  EXPECT_EQ(with("/conveyance/kind", "airship"), "$.conveyance.kind: enum");
  EXPECT_EQ(with("/conveyance/speed_mps", "fast"), "$.conveyance.speed_mps: type");
  EXPECT_EQ(with("/conveyance/speed_mps", -1), "$.conveyance.speed_mps: minimum");
  EXPECT_EQ(with("/views/0/rows", 1.5), "$.views[0].rows: type");
  EXPECT_EQ(with("/views/0/channels/0/lost_lines/0", Json::object()),
            "$.views[0].channels[0].lost_lines[0]: required first_row");
  EXPECT_EQ(with("/device/driver_sha256", "xyz"), "$.device.driver_sha256: pattern");
  EXPECT_EQ(with("/identity", 5), "$.identity: type");
}

TEST(Json, numbers_that_json_cannot_say_are_null) {
  v1::Inspection record;
  record.add_readings()->add_values(std::nan(""));
  record.mutable_conveyance()->set_speed_mps(std::numeric_limits<double>::infinity());
  const Json json = Json::parse(to_json(record));
  EXPECT_TRUE(json["readings"][0]["values"][0].is_null());
  EXPECT_TRUE(json["conveyance"]["speed_mps"].is_null());
  EXPECT_EQ(check(json), "");
}

TEST(Json, big_integers_are_exact_and_bad_text_is_mended) {
  v1::Inspection record;
  record.mutable_provenance()->set_recording_bytes(UINT64_MAX);
  record.mutable_device()->set_model("A\xFF");
  const Json json = Json::parse(to_json(record));
  EXPECT_EQ(json["provenance"]["recording_bytes"].get<uint64_t>(), UINT64_MAX);
  EXPECT_EQ(json["device"]["model"], "A\xEF\xBF\xBD");
}

TEST(Json, the_schema_says_units_formats_and_classes) {
  const Json schema = Json::parse(json_schema());
  const Json& conveyance = schema["$defs"]["Conveyance"]["properties"];
  EXPECT_EQ(conveyance["speed_mps"]["x-unit"], "m/s");
  EXPECT_EQ(conveyance["vin"]["x-format"], "vin");
  EXPECT_EQ(conveyance["containers"]["x-redaction"], "cargo");
  EXPECT_EQ(conveyance["containers"]["maxItems"], 64);
  EXPECT_TRUE(schema["$defs"].contains("Completeness.Extent"));
}

}  // namespace
}  // namespace garita::record
