#include "core/host/open_package.hpp"

#include "core/base/bytes.hpp"
#include "core/record/leaf.hpp"

namespace garita::host {

base::Result<OpenPackage> open_package(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(reader, package::Reader::open(path));
  GARITA_TRY_ASSIGN(fields, reader.read_record());
  std::vector<record::Leaf> leaves;
  std::vector<std::string> withheld;
  for (const package::FieldInfo& field : fields) {
    if (field.value_withheld || field.name_withheld)
      withheld.push_back(field.name_withheld ? "?" : field.path);
    else
      leaves.push_back({field.path, std::string(base::Bytes(field.value).text())});
  }
  GARITA_TRY_ASSIGN(record, record::from_leaves(leaves));
  return OpenPackage{std::move(reader), std::move(record), std::move(withheld)};
}

}  // namespace garita::host
