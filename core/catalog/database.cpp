#include "core/catalog/database.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/file.hpp"
#include "core/catalog/schema.hpp"

namespace garita::catalog {
namespace {

constexpr int busy_ms = 10'000;
constexpr int64_t id_mask = (1 << 20) - 1;  // a millisecond
constexpr int category_bits = 20;
constexpr uint32_t category_mask = (1u << category_bits) - 1;

// From whatever version it has to ours, in one transaction; two programs that do it at once take turns.
bool migrate(SQLite::Database& handle) {
  SQLite::Transaction transaction(handle, SQLite::TransactionBehavior::IMMEDIATE);
  const int from = database::pragma(handle, "user_version");
  const auto steps = schema_steps();
  for (size_t step = static_cast<size_t>(from); step < steps.size(); ++step) handle.exec(steps[step]);
  database::stamp(handle, catalog_kind);
  transaction.commit();
  return from == 0;
}

// WAL: readers never wait for the writer, nor it for them. Checkpoints are the writer's (checkpointer.hpp).
void set_up(SQLite::Database& handle, Access access) {
  handle.exec("PRAGMA journal_mode = WAL");
  handle.exec("PRAGMA synchronous = NORMAL");
  handle.exec("PRAGMA cache_size = -32768");
  handle.exec("PRAGMA temp_store = MEMORY");
  if (access == Access::read) handle.exec("PRAGMA query_only = 1");
}

base::Result<OpenDatabase> open_checked(const std::filesystem::path& path, Access access) {
  OpenDatabase open;
  open.handle = std::make_unique<SQLite::Database>(path.string(), SQLite::OPEN_READWRITE, busy_ms);
  SQLite::Database& handle = *open.handle;
  GARITA_TRY_ASSIGN(version, database::version_of(handle, path, catalog_kind));
  if (version == 0) handle.exec("PRAGMA page_size = 4096");
  if (version < schema_version) open.created = migrate(handle);
  set_up(handle, access);
  return open;
}

Identifier identifier_of(std::string_view line) {
  int kind = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), kind);
  const size_t used = static_cast<size_t>(end - line.data());
  if (error != std::errc{} || used + 1 > line.size()) return {};
  return {static_cast<IdentifierKind>(kind), std::string(line.substr(used + 1))};
}

std::vector<Identifier> unpacked(std::string_view text) {
  std::vector<Identifier> identifiers;
  while (!text.empty() && identifiers.size() < max_identifiers) {
    const size_t end = std::min(text.find('\n'), text.size());
    identifiers.push_back(identifier_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return identifiers;
}

Categories unpacked(int64_t bits) {
  const auto part = [&](int shift) {
    return static_cast<uint32_t>(static_cast<uint64_t>(bits) >> shift) & category_mask;
  };
  return {part(0), part(category_bits), part(2 * category_bits)};
}

}  // namespace

base::Result<OpenDatabase> open_database(const std::filesystem::path& path, Access access) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    if (access == Access::read)
      return base::Error{base::Outcome::not_loaded, "catalog.missing", {{"path", path.string()}}};
    // Only its owner may read who passed; SQLite gives its other files the same mode.
    GARITA_TRY(base::real_file_system().append_to(path, 0600));
  }
  try {
    return database::patiently(std::chrono::milliseconds(busy_ms),
                               [&] { return open_checked(path, access); });
  } catch (const SQLite::Exception& exception) {
    return database::error_of(exception, path, catalog_kind);
  }
}

const char* const entry_columns =
    "p.root, f.path, p.name, p.size_bytes, p.utc_ns, p.inspection, p.scan_key, l.site, l.lane, l.vendor, "
    "l.model, "
    "p.alarm, p.incomplete, p.category, p.identifiers, p.decision, p.found, p.addenda_bytes";
const char* const entry_joins = " JOIN folder f ON f.id = p.folder JOIN place l ON l.id = p.place ";

int64_t first_id_of(int64_t utc_ns) { return utc_ns & ~id_mask; }
int64_t last_id_of(int64_t utc_ns) { return utc_ns | id_mask; }

int64_t id_of(const Entry& entry) {
  int64_t bits = 0;
  for (size_t i = 0; i < 3; ++i) bits = bits << 8 | entry.root[i];
  return first_id_of(entry.utc_ns) | (bits & id_mask);
}

Entry entry_of_row(SQLite::Statement& row) {
  Entry entry;
  const SQLite::Column root = row.getColumn(0);
  if (static_cast<size_t>(root.getBytes()) == entry.root.size())
    std::copy_n(static_cast<const uint8_t*>(root.getBlob()), entry.root.size(), entry.root.begin());
  entry.path = std::filesystem::path(row.getColumn(1).getString()) / row.getColumn(2).getString();
  entry.size_bytes = static_cast<uint64_t>(row.getColumn(3).getInt64());
  entry.utc_ns = row.getColumn(4).getInt64();
  entry.inspection_id = row.getColumn(5).getString();
  entry.scan_key = row.getColumn(6).getString();
  entry.site = row.getColumn(7).getString();
  entry.lane = row.getColumn(8).getString();
  entry.vendor = row.getColumn(9).getString();
  entry.model = row.getColumn(10).getString();
  entry.alarms = row.getColumn(11).getUInt();
  entry.incomplete = row.getColumn(12).getInt() != 0;
  entry.categories = unpacked(row.getColumn(13).getInt64());
  entry.identifiers = unpacked(row.getColumn(14).getString());
  const int decision = row.getColumn(15).getInt();
  if (v1::Decision::Verdict_IsValid(decision)) entry.decision = static_cast<v1::Decision::Verdict>(decision);
  entry.found = row.getColumn(16).getInt() != 0;
  entry.addenda_bytes = static_cast<uint64_t>(row.getColumn(17).getInt64());
  return entry;
}

std::string packed(const std::vector<Identifier>& identifiers) {
  std::string text;
  for (const Identifier& each : identifiers)
    text += std::to_string(static_cast<int>(each.kind)) + ' ' + each.value + '\n';
  return text;
}

int64_t packed(const Categories& categories) {
  const auto part = [](uint32_t bits, int shift) {
    return static_cast<uint64_t>(bits & category_mask) << shift;
  };
  return static_cast<int64_t>(part(categories.machine, 0) | part(categories.operator_, category_bits) |
                              part(categories.finding, 2 * category_bits));
}

}  // namespace garita::catalog
