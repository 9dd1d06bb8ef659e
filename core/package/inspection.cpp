#include "core/package/inspection.hpp"

namespace garita::package {

base::Result<Sealed> finish(Writer& writer, const v1::Inspection& inspection) {
  std::vector<Leaf> leaves;
  for (record::Leaf& leaf : record::leaves(inspection))
    leaves.push_back({std::move(leaf.path), std::move(leaf.value)});
  return writer.finish(leaves);
}

base::Result<StoredInspection> read_inspection(Reader& reader) {
  GARITA_TRY_ASSIGN(fields, reader.read_record());
  StoredInspection stored;
  std::vector<record::Leaf> leaves;
  for (FieldInfo& field : fields) {
    if (field.value_withheld) {
      stored.withheld.push_back(std::move(field.path));
    } else {
      leaves.push_back({std::move(field.path), std::move(field.value)});
    }
  }
  GARITA_TRY_ASSIGN(decoded, record::decode_leaves(leaves));
  stored.inspection = std::move(decoded.inspection);
  stored.unknown = std::move(decoded.unknown);
  return stored;
}

}  // namespace garita::package
