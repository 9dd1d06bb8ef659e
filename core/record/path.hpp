// Paths of fields, taken apart. Private to core/record.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/record/dictionary.hpp"

namespace garita::record {

struct Step {
  std::string_view name;
  bool indexed = false;
  bool any = false;  // "[]": a pattern's every element
  uint32_t index = 0;
};

// nullopt: not a path (empty names, letters that no field has, leading zeros, more than 8 steps).
std::optional<std::vector<Step>> parse_path(std::string_view path);

// One field on the way down, with the element it goes through.
struct Hop {
  const google::protobuf::FieldDescriptor* field;
  Step step;
};

// The fields that a path goes through from the root; nullopt where one is not there, or an index stands on a
// field that is no list. The last may be a list without an index.
std::optional<std::vector<Hop>> resolve(std::string_view path);

bool is_message(const google::protobuf::FieldDescriptor& field);
// A list of numbers, or of messages stored as one series: one value as a whole.
bool is_series(const google::protobuf::FieldDescriptor& field);
// May a driver set it? The innermost field that says so decides.
bool driver_may_set(const std::vector<Hop>& hops);
v1::Redaction redaction_of(const std::vector<Hop>& hops);

std::string element_path(std::string_view path, int index);  // "seals[2]"
std::string child_path(std::string_view path, std::string_view name);

}  // namespace garita::record
