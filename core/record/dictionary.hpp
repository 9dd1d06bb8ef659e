// The dictionary of the record: every field by its path, read from the descriptors and options of sdk/proto.
//
// A path names fields by dots and elements by indices: `conveyance.containers[0].number`. A pattern is the
// same with empty brackets, `conveyance.containers[].number`, and stands for every element.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.hpp"
#include "garita/v1/options.pb.h"

namespace google::protobuf {
class FieldDescriptor;
class Descriptor;
}  // namespace google::protobuf

namespace garita::record {

inline constexpr size_t max_path_bytes = 256;  // of a path in attributes; the same as an attribute's key
inline constexpr size_t max_path_depth = 8;

// What the options of one field say, with the defaults filled in.
struct FieldRule {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::string_view format, unit, en, es;
  uint32_t max_bytes = 256;
  uint32_t max_count = 1;
  bool series = false;
};
// Valid for the life of the process; cheap.
FieldRule rule_of(const google::protobuf::FieldDescriptor& field);

// One entry of the dictionary: a field that holds a value (a scalar, a list of scalars, or a series).
struct FieldInfo {
  std::string pattern;  // "conveyance.containers[].number"
  std::string type;     // "text", "bytes", "i64", "u64", "f64", "bool", "word", "series"
  uint32_t number = 0;  // of the field in its message
  bool repeated = false;
  bool driver = false;  // a driver may set it by attribute
  v1::Redaction redaction = v1::REDACTION_UNSPECIFIED;
  FieldRule rule;
  std::vector<std::string> words;  // of an enum: what may be said
  const google::protobuf::FieldDescriptor* field = nullptr;
};

// In the order of the record (depth first, by field number). Built once; from any thread.
std::span<const FieldInfo> dictionary();
// By path or pattern; nullptr where the record has no such value.
const FieldInfo* find_field(std::string_view path);

// Class of a path, of any depth, of a message or of a value ("views[0]", "site.locode"). UNSPECIFIED, which
// goes to nobody, where the record has no such field.
v1::Redaction redaction_class(std::string_view path);
std::string redaction_name(v1::Redaction redaction);                      // "cargo"
std::optional<v1::Redaction> redaction_from_name(std::string_view name);  // nullopt: no such class

// The word of an enum value: its name without the enum's prefix, in lower case. "17" for a number without a
// name.
std::string word_of(const google::protobuf::FieldDescriptor& enum_field, int number);
// The number of a word; nullopt for one that the enum does not have.
std::optional<int> number_of(const google::protobuf::FieldDescriptor& enum_field, std::string_view word);
// For people: the value's label in that language, else its word with blanks.
std::string label_of(const google::protobuf::FieldDescriptor& enum_field, int number,
                     base::Language language);

}  // namespace garita::record
