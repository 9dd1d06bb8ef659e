#include "core/host/catalog_index.hpp"

#include "core/base/signature.hpp"

namespace garita::host {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 2s;  // a scan waits for it

base::Error left_error(const std::filesystem::path& folder, uint64_t left) {
  return {
      base::Outcome::incomplete, "catalog.left", {{"path", folder.string()}, {"left", std::to_string(left)}}};
}

// What a folder holds and the catalog lacks.
std::vector<base::Error> catch_up(catalog::Writer& writer, const std::filesystem::path& folder,
                                  const catalog::Believed& believed, catalog::ReconcileReport& sum) {
  auto report = catalog::reconcile(writer, folder, believed, {.patience = patience});
  if (!report) return {std::move(report).error()};
  sum.files += report->files;
  sum.added += report->added;
  if (report->left == 0) return {};
  return {left_error(folder, report->left)};
}

void append(std::vector<base::Error>& to, std::vector<base::Error> more) {
  for (base::Error& error : more) to.push_back(std::move(error));
}

}  // namespace

std::filesystem::path catalog_path(const std::filesystem::path& state) { return state / "catalog.db"; }

catalog::Believed believed_keys(const std::filesystem::path& state) {
  const auto key = base::SigningKey::load(state / "keys" / "site.pem");
  return key ? catalog::Believed{key->public_key().key_id()} : catalog::Believed{};
}

base::Result<OpenCatalog> open_catalog(const std::filesystem::path& state) {
  const auto path = catalog_path(state);
  auto writer = catalog::Writer::open(path);
  std::filesystem::path aside;
  if (!writer && writer.error().id == "catalog.damaged") {
    GARITA_TRY_ASSIGN(moved, catalog::set_aside(path));
    aside = moved;
    writer = catalog::Writer::open(path);
  }
  if (!writer) return std::move(writer).error();
  OpenCatalog open{std::move(*writer), {}};
  if (!open.writer.created()) return open;
  catalog::ReconcileReport sum;
  for (const auto& folder : catalog::known_folders(path))
    append(open.notes, catch_up(open.writer, folder, believed_keys(state), sum));
  if (!aside.empty())
    open.notes.insert(open.notes.begin(), {base::Outcome::incomplete,
                                           "catalog.rebuilt",
                                           {{"path", path.string()},
                                            {"aside", aside.string()},
                                            {"added", std::to_string(sum.added)},
                                            {"files", std::to_string(sum.files)}}});
  return open;
}

void CatalogIndex::tell(base::Error error) {
  if (error.id == told_) return;
  told_ = error.id;
  notes_.push_back(std::move(error));
}

void CatalogIndex::open(const std::filesystem::path& folder) {
  auto opened = open_catalog(state_);
  if (!opened) return tell(std::move(opened).error());
  writer_ = std::move(opened->writer);
  for (base::Error& note : opened->notes) tell(std::move(note));
  catalog::ReconcileReport sum;
  for (base::Error& note : catch_up(*writer_, folder, believed_keys(state_), sum)) tell(std::move(note));
}

std::vector<base::Error> CatalogIndex::stored(const v1::Inspection& record,
                                              const std::filesystem::path& package,
                                              const base::Digest& root) {
  const std::lock_guard lock(mutex_);
  notes_.clear();
  if (!writer_) open(package.has_parent_path() ? package.parent_path() : ".");
  if (writer_) {
    if (auto added = writer_->add(record, package, root); !added) {
      if (added.error().id == "catalog.damaged") writer_.reset();  // the next package finds it mended
      tell(std::move(added).error());
    }
  }
  return std::move(notes_);
}

}  // namespace garita::host
