// The site's catalog while packages come: each goes into it when it is durable. A catalog that is missing or
// damaged is made anew, and no trouble with it ever costs a scan: the packages are the truth, and what is not
// in the catalog today is put there by the next run.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/catalog/rebuild.hpp"
#include "core/catalog/writer.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::host {

std::filesystem::path catalog_path(const std::filesystem::path& state);  // catalog.db
// Whose decisions the site believes, beside those of who signed the package: its own key, if it has one yet.
catalog::Believed believed_keys(const std::filesystem::path& state);

struct OpenCatalog {
  catalog::Writer writer;
  std::vector<base::Error> notes;  // what was wrong and was mended
};
// A damaged one is set aside and made anew from the folders that it knew, as far as that goes in two seconds
// ("catalog.left" says what is missing). Errors: as catalog::Writer has them.
base::Result<OpenCatalog> open_catalog(const std::filesystem::path& state);

// One for all lanes of a program; any thread.
class CatalogIndex {
 public:
  explicit CatalogIndex(std::filesystem::path state) : state_(std::move(state)) {}

  // A package that is durable. The first one opens the catalog and adds what its folder holds and the catalog
  // lacks. Returns what a person should know; the same trouble is told once.
  std::vector<base::Error> stored(const v1::Inspection& record, const std::filesystem::path& package,
                                  const base::Digest& root);

 private:
  void open(const std::filesystem::path& folder);
  void tell(base::Error error);

  const std::filesystem::path state_;
  std::mutex mutex_;
  std::optional<catalog::Writer> writer_;
  std::vector<base::Error> notes_;
  std::string told_;  // id of the last trouble
};

}  // namespace garita::host
