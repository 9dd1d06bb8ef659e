// The record in and out of a package, as core/record has it.
#pragma once

#include "core/base/result.hpp"
#include "core/package/reader.hpp"
#include "core/package/writer.hpp"
#include "core/record/leaf.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::package {

// Writer::finish() with every value that is set.
base::Result<Sealed> finish(Writer& writer, const v1::Inspection& inspection);

struct StoredInspection {
  v1::Inspection inspection;
  std::vector<record::Leaf> unknown;  // fields that this version does not have
  std::vector<std::string>
      withheld;  // names of the fields that are not shown; "" where the name is withheld too
};
// What the file shows of its record. Errors of Reader::read_record and record::decode_leaves.
base::Result<StoredInspection> read_inspection(Reader& reader);

}  // namespace garita::package
