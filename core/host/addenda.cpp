#include "core/host/addenda.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/state.hpp"
#include "core/host/catalog_index.hpp"
#include "core/host/evidence.hpp"
#include "core/host/open_package.hpp"
#include "core/record/json.hpp"

namespace garita::host {
namespace {

constexpr int patience = 100;  // looks at a state folder that another program uses
constexpr auto pause = std::chrono::milliseconds(50);

base::Result<base::SigningKey> site_key(const std::filesystem::path& folder) {
  for (int look = 0;; ++look) {
    auto state = base::StateFolder::open(folder);
    if (state) return state->site_key();
    if (state.error().id != "base.state_locked" || look == patience) return std::move(state).error();
    std::this_thread::sleep_for(pause);
  }
}

const char* kind_of(const v1::Addendum& addendum) {
  if (addendum.has_decision()) return "addendum.decision";
  return addendum.has_finding() ? "addendum.finding" : "addendum.correction";
}

std::string log_line(const std::filesystem::path& package, const base::Digest& root,
                     const v1::Addendum& content) {
  const nlohmann::json line = {{"package", package.filename().string()},
                               {"root", base::to_text(root)},
                               {"addendum", nlohmann::json::parse(record::to_json(content, 0))}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<std::vector<base::Error>> tell_catalog(const std::filesystem::path& state,
                                                    const std::filesystem::path& package) {
  std::error_code error;
  GARITA_TRY_ASSIGN(catalog, open_catalog(state));
  GARITA_TRY_ASSIGN(entry,
                    catalog::read_entry(std::filesystem::absolute(package, error), believed_keys(state)));
  GARITA_TRY(catalog.writer.update(entry));
  return std::move(catalog.notes);
}

}  // namespace

base::Result<AddendumWritten> add_addendum(const std::filesystem::path& state,
                                           const std::filesystem::path& package, const v1::Addendum& content,
                                           const base::Clock& clock) {
  GARITA_TRY_ASSIGN(opened, open_package(package));
  const base::Digest root = opened.reader.root();
  GARITA_TRY(package::check_addendum(content));
  GARITA_TRY_ASSIGN(key, site_key(state));
  GARITA_TRY(append_audit(state, kind_of(content), log_line(package, root, content)));
  GARITA_TRY_ASSIGN(written, package::append_addendum(package, root, content, key, clock));
  AddendumWritten result{std::move(written), {}};
  auto told = tell_catalog(state, package);
  result.notes = told ? std::move(*told) : std::vector{std::move(told).error()};
  return result;
}

}  // namespace garita::host
