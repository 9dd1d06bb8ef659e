// The record as JSON, and the schema that it keeps.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "garita/v1/addendum.pb.h"
#include "garita/v1/inspection.pb.h"

namespace garita::record {

// Field names and order as in sdk/proto, only what is set. Numbers are numbers (64-bit ones too), bytes
// lower-case hex, enums their words; a moment with utc_ns has `utc`, the same as ISO 8601 text, in front.
// Numbers that JSON cannot say (NaN, infinities) are null. indent 0: one line.
std::string to_json(const v1::Inspection& inspection, int indent = 2);
std::string to_json(const v1::Addendum& addendum, int indent = 2);

// Reads what to_json wrote of an addendum, whoever wrote it: "record.json_malformed" {place} for anything that is not
// such an object, a member said twice, a value of the wrong type, a word that the field does not have, a `utc` beside
// another utc_ns. Members that this version does not know are passed over: a newer one wrote them.
base::Result<v1::Addendum> addendum_from_json(std::string_view text);

// JSON Schema (2020-12) of what to_json writes, made from the descriptors: types, words, ranges, lengths,
// titles; x-unit, x-format, x-redaction, x-driver beside.
std::string json_schema(int indent = 2);

}  // namespace garita::record
