// What can be wrong with a single value, by the rule of its field. Private to core/record.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/record/dictionary.hpp"
#include "garita/v1/value.pb.h"

namespace garita::record {

using Wrong = std::optional<v1::Suspect::Reason>;  // nullopt: nothing

// UTF-8, control characters (tab, line feed and carriage return are none), length, format, in this order.
Wrong wrong_text(const google::protobuf::FieldDescriptor& field, std::string_view text);
Wrong wrong_bytes(const google::protobuf::FieldDescriptor& field, std::string_view bytes);
Wrong wrong_real(const google::protobuf::FieldDescriptor& field, double value);
// Range of the rule, of the C type (32 bits), and of the sign.
Wrong wrong_integer(const google::protobuf::FieldDescriptor& field, int64_t value);
Wrong wrong_unsigned(const google::protobuf::FieldDescriptor& field, uint64_t value);

// A time in nanoseconds since 1970: set by TIME attributes alone.
bool is_time(const google::protobuf::FieldDescriptor& field);

}  // namespace garita::record
