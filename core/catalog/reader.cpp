#include "core/catalog/reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "core/catalog/database.hpp"

namespace garita::catalog {
namespace {

constexpr size_t min_prefix_bytes = 3;
constexpr size_t max_places = 10'000;
constexpr size_t max_merged = 64;  // places; more of them are so common that going back in time finds enough

using Value = std::variant<int64_t, std::string, base::Digest>;

bool is_prefix(const std::string& text) { return text.ends_with('*'); }
std::string without_star(const std::string& text) {
  return is_prefix(text) ? text.substr(0, text.size() - 1) : text;
}

// A SELECT in the making. Which index leads is our choice and not the planner's: that of the condition which
// the fewest packages meet. The order is known beforehand, so that no statistics have to be kept.
struct Select {
  std::string from, key, order = "p.id DESC";  // key: what is in the order of time, "" where nothing is
  std::string where;
  std::vector<Value> values;
  const std::vector<int64_t>* merged = nullptr;  // places that lead together

  void add(const std::string& condition, std::initializer_list<Value> more = {}) {
    where += (where.empty() ? " WHERE " : " AND ") + condition;
    values.insert(values.end(), more);
  }
};

Select lead_by(const char* index) {
  return {std::string("package p INDEXED BY package_") + index, "p.utc_ns", "p.utc_ns DESC, p.id DESC"};
}

Select lead_of(const Query& query, const std::vector<int64_t>& places) {
  if (query.root) return lead_by("root");
  if (!query.identifiers.empty()) return {"package p NOT INDEXED", "", "+p.id DESC"};
  if (query.category)
    return {"category c CROSS JOIN package p ON p.id = c.package", "c.package", "c.package DESC"};
  // Nearly everything is released in the end: that leads nowhere.
  if (query.decision && *query.decision != v1::Decision::VERDICT_RELEASE) return lead_by("decision");
  if (query.incomplete) return lead_by("incomplete");
  if (query.alarms != 0 || query.suspect) return lead_by("alarm");
  Select select{"package p NOT INDEXED", "p.id"};
  if (!places.empty() && places.size() <= max_merged) {
    select.from = "package p INDEXED BY package_place";
    select.merged = &places;
  }
  return select;
}

base::Result<void> add_identifier(Select& select, const Query::Wanted& wanted) {
  const bool prefix = is_prefix(wanted.value);
  const std::string value = normalized(without_star(wanted.value));
  if (value.empty() || (prefix && value.size() < min_prefix_bytes))
    return base::Error{base::Outcome::usage, "catalog.short_prefix", {{"given", wanted.value}}};
  std::string inner = "SELECT package FROM identifier WHERE ";
  inner += prefix ? "value >= ? AND value < ?" : "value = ?";
  if (wanted.kind) inner += " AND kind = " + std::to_string(static_cast<int>(*wanted.kind));
  select.add("p.id IN (" + inner + ")", {value});
  if (prefix) select.values.push_back(value + '\xff');  // no UTF-8 text has this byte
  return {};
}

// The rows of a time lie together; what is a millisecond off at the ends is sorted out by the time itself.
void add_time(Select& select, const Query& query) {
  const bool by_key = select.key == "p.id" || select.key == "c.package";
  if (query.from_utc_ns) {
    if (by_key) select.add(select.key + " >= " + std::to_string(first_id_of(*query.from_utc_ns)));
    select.add("p.utc_ns >= " + std::to_string(*query.from_utc_ns));
  }
  if (query.to_utc_ns) {
    if (by_key) select.add(select.key + " <= " + std::to_string(last_id_of(*query.to_utc_ns)));
    select.add("p.utc_ns < " + std::to_string(*query.to_utc_ns));
  }
}

void add_category(Select& select, v1::Category category) {
  const int64_t bits = packed(Categories{1u << category, 1u << category, 1u << category});
  if (select.key == "c.package")
    select.add("c.category = " + std::to_string(static_cast<int>(category)));
  else
    select.add("(p.category & " + std::to_string(bits) + ") <> 0");
}

void add_places(Select& select, const std::vector<int64_t>& places) {
  if (select.merged != nullptr || places.empty()) return;
  std::string list;
  for (const int64_t id : places) list += (list.empty() ? "" : ",") + std::to_string(id);
  select.add("p.place IN (" + list + ")");
}

base::Result<Select> select_of(const Query& query, const std::vector<int64_t>& places) {
  Select select = lead_of(query, places);
  if (query.root) select.add("p.root = ?", {*query.root});
  for (const Query::Wanted& wanted : query.identifiers) GARITA_TRY(add_identifier(select, wanted));
  add_time(select, query);
  if (query.category) add_category(select, *query.category);
  // `> 1` and `<> 0` stand apart: the indexes of the few hold nothing else, and SQLite has to see that no
  // more is asked.
  if (query.decision) select.add("p.decision = " + std::to_string(*query.decision));
  if (select.from.ends_with("package_decision")) select.add("p.decision > 1");
  if (query.incomplete) select.add("p.incomplete <> 0");
  for (const uint32_t bits : {query.alarms, query.suspect ? alarm_suspect : 0u})
    if (bits != 0) select.add("p.alarm <> 0 AND (p.alarm & " + std::to_string(bits) + ") <> 0");
  add_places(select, places);
  return select;
}

std::string sql_of(const Select& select, size_t limit) {
  const std::string last = " LIMIT " + std::to_string(limit);
  const std::string columns = std::string("SELECT ") + entry_columns + " FROM ";
  if (select.merged == nullptr)
    return columns + select.from + entry_joins + select.where + " ORDER BY " + select.order + last;
  // Some of each place, then the newest of all: each place's rows are in the order of time, those of several
  // are not.
  std::string each;
  for (const int64_t place : *select.merged)
    each += (each.empty() ? "" : " UNION ALL ") + std::string("SELECT * FROM (SELECT p.id AS id FROM ") +
            select.from + select.where + (select.where.empty() ? " WHERE" : " AND") +
            " p.place = " + std::to_string(place) + " ORDER BY p.id DESC" + last + ")";
  return columns + "(" + each + ") n CROSS JOIN package p ON p.id = n.id" + entry_joins +
         " ORDER BY p.id DESC" + last;
}

}  // namespace

class Reader::Impl {
 public:
  Impl(std::unique_ptr<SQLite::Database> handle, std::filesystem::path database)
      : database_(std::move(database)), handle_(std::move(handle)) {}

  // Ids of the places that the query speaks of.
  std::vector<int64_t> places(const Query& query) {
    std::string condition;
    std::vector<std::string> texts;
    const std::pair<const char*, const std::string&> named[] = {
        {"site", query.site}, {"lane", query.lane}, {"vendor", query.vendor}};
    for (const auto& [column, text] : named) {
      if (text.empty()) continue;
      texts.push_back(without_star(text));
      const std::string at = "?" + std::to_string(texts.size());
      condition += condition.empty() ? " WHERE " : " AND ";
      condition += is_prefix(text) ? "substr(" + std::string(column) + ", 1, length(" + at + "))" : column;
      condition += " = " + at + " COLLATE NOCASE";
    }
    SQLite::Statement rows(*handle_,
                           "SELECT id FROM place" + condition + " LIMIT " + std::to_string(max_places));
    for (size_t i = 0; i < texts.size(); ++i) rows.bind(static_cast<int>(i + 1), texts[i]);
    std::vector<int64_t> ids;
    while (rows.executeStep()) ids.push_back(rows.getColumn(0).getInt64());
    return ids;
  }

  std::vector<Entry> rows(const Select& select, size_t limit) {
    SQLite::Statement statement(*handle_, sql_of(select, limit));
    bind(statement, select.values);
    std::vector<Entry> entries;
    while (statement.executeStep()) entries.push_back(entry_of_row(statement));
    return entries;
  }

  static void bind(SQLite::Statement& statement, const std::vector<Value>& values) {
    int at = 0;
    for (const Value& value : values) {
      ++at;
      if (const auto* number = std::get_if<int64_t>(&value)) statement.bind(at, *number);
      if (const auto* text = std::get_if<std::string>(&value)) statement.bind(at, *text);
      if (const auto* root = std::get_if<base::Digest>(&value))
        statement.bind(at, root->data(), static_cast<int>(root->size()));
    }
  }

  const std::filesystem::path database_;
  std::unique_ptr<SQLite::Database> handle_;
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

base::Result<Reader> Reader::open(const std::filesystem::path& database) {
  GARITA_TRY_ASSIGN(open, open_database(database, Access::read));
  return Reader(std::make_unique<Impl>(std::move(open.handle), database));
}

base::Result<FindResult> Reader::find(const Query& query, size_t limit) {
  limit = std::min(limit, max_limit);
  std::vector<int64_t> places;
  if (!query.site.empty() || !query.lane.empty() || !query.vendor.empty()) {
    GARITA_TRY_ASSIGN(known, guarded(impl_->database_, [&] { return impl_->places(query); }));
    if (known.empty()) return FindResult{};
    places = std::move(known);
  }
  GARITA_TRY_ASSIGN(select, select_of(query, places));
  GARITA_TRY_ASSIGN(entries, guarded(impl_->database_, [&] { return impl_->rows(select, limit + 1); }));
  FindResult result{std::move(entries), false};
  result.more = result.entries.size() > limit;
  if (result.more) result.entries.pop_back();
  return result;
}

base::Result<void> Reader::each(const std::function<bool(const Entry&)>& visit) {
  return guarded(impl_->database_, [&] {
    SQLite::Statement rows(*impl_->handle_, std::string("SELECT ") + entry_columns +
                                                " FROM package p NOT INDEXED" + entry_joins +
                                                "ORDER BY p.id");
    while (rows.executeStep())
      if (!visit(entry_of_row(rows))) return;
  });
}

base::Result<Totals> Reader::totals() {
  return guarded(impl_->database_, [&] {
    SQLite::Statement row(*impl_->handle_, "SELECT count(*), coalesce(sum(size_bytes), 0) FROM package");
    row.executeStep();
    return Totals{static_cast<uint64_t>(row.getColumn(0).getInt64()),
                  static_cast<uint64_t>(row.getColumn(1).getInt64())};
  });
}

base::Result<void> Reader::check() {
  GARITA_TRY_ASSIGN(said, guarded(impl_->database_, [&] {
                      return impl_->handle_->execAndGet("PRAGMA integrity_check(1)").getString();
                    }));
  if (said == "ok") return {};
  return base::Error{base::Outcome::not_loaded, "catalog.damaged", {{"path", impl_->database_.string()}}};
}

}  // namespace garita::catalog
