#include "core/catalog/reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "core/catalog/database.hpp"

namespace garita::catalog {
namespace {

constexpr size_t min_prefix_bytes = 3;
constexpr size_t max_words = 1000;  // that one text with a * may stand for

using Value = std::variant<int64_t, std::string, base::Digest>;

bool is_prefix(const std::string& text) { return text.ends_with('*'); }
std::string without_star(const std::string& text) {
  return is_prefix(text) ? text.substr(0, text.size() - 1) : text;
}

// The ids of the names that the query's texts stand for.
struct Words {
  std::vector<int64_t> site, lane, vendor;
};

// Which index leads is our choice and not the planner's: that of the condition which the fewest packages
// meet. The order is known beforehand, so that no statistics have to be kept.
struct Lead {
  std::string from, order, time = "p.utc_ns";
};

Lead lead_of(const Query& query, const Words& words) {
  const auto by = [](const char* index) {
    return Lead{std::string("package p INDEXED BY package_") + index, "p.utc_ns DESC, p.id DESC"};
  };
  const bool decided = query.decision.has_value();
  if (query.root) return by("root");
  if (!query.identifiers.empty()) return {"package p NOT INDEXED", "+p.utc_ns DESC, p.id DESC"};
  if (query.category)
    return {"category c CROSS JOIN package p ON p.id = c.package", "c.utc_ns DESC, c.package DESC",
            "c.utc_ns"};
  // Nearly everything is released in the end: that leads only where nothing else does.
  if (decided && *query.decision != v1::Decision::VERDICT_RELEASE) return by("decision");
  if (query.incomplete) return by("incomplete");
  if (query.alarms != 0) return by("alarm");
  if (words.lane.size() == 1) return by("lane");
  if (words.site.size() == 1) return by("site");
  if (words.vendor.size() == 1) return by("vendor");
  return by(decided ? "decision" : "time");
}

// A SELECT in the making.
struct Select {
  Lead lead;
  std::string where;
  std::vector<Value> values;

  void add(const std::string& condition, std::initializer_list<Value> more = {}) {
    where += (where.empty() ? " WHERE " : " AND ") + condition;
    values.insert(values.end(), more);
  }
  void add_any(const char* column, const std::vector<int64_t>& ids) {
    std::string list;
    for (const int64_t id : ids) list += (list.empty() ? "" : ",") + std::to_string(id);
    if (!ids.empty()) add(std::string("p.") + column + " IN (" + list + ")");
  }
};

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

void add_category(Select& select, v1::Category category) {
  const int64_t bit = packed(Categories{1u << category, 1u << category, 1u << category});
  if (select.lead.time == "c.utc_ns")
    select.add("c.category = " + std::to_string(static_cast<int>(category)));
  else
    select.add("(p.category & " + std::to_string(bit) + ") <> 0");
}

base::Result<Select> select_of(const Query& query, const Words& words) {
  Select select;
  select.lead = lead_of(query, words);
  if (query.root) select.add("p.root = ?", {*query.root});
  for (const Query::Wanted& wanted : query.identifiers) GARITA_TRY(add_identifier(select, wanted));
  if (query.from_utc_ns) select.add(select.lead.time + " >= ?", {*query.from_utc_ns});
  if (query.to_utc_ns) select.add(select.lead.time + " < ?", {*query.to_utc_ns});
  if (query.category) add_category(select, *query.category);
  // `<> 0` stands apart: the indexes of the few hold nothing else, and SQLite has to see that the query asks
  // for no more.
  if (query.decision) select.add("p.decision <> 0 AND p.decision = " + std::to_string(*query.decision));
  if (query.incomplete) select.add("p.incomplete <> 0");
  if (query.alarms != 0) select.add("p.alarm <> 0 AND (p.alarm & " + std::to_string(query.alarms) + ") <> 0");
  select.add_any("lane", words.lane);
  select.add_any("site", words.site);
  select.add_any("vendor", words.vendor);
  return select;
}

}  // namespace

class Reader::Impl {
 public:
  Impl(std::unique_ptr<SQLite::Database> handle, std::filesystem::path database)
      : database_(std::move(database)), handle_(std::move(handle)) {}

  std::vector<int64_t> words(const std::string& text) {
    const std::string condition = is_prefix(text) ? "substr(text, 1, length(?1)) = ?1" : "text = ?1";
    SQLite::Statement rows(*handle_, "SELECT id FROM word WHERE " + condition + " COLLATE NOCASE LIMIT " +
                                         std::to_string(max_words));
    rows.bind(1, without_star(text));
    std::vector<int64_t> ids;
    while (rows.executeStep()) ids.push_back(rows.getColumn(0).getInt64());
    return ids;
  }

  std::vector<Entry> rows(const Select& select, size_t limit) {
    SQLite::Statement statement(*handle_, std::string("SELECT ") + entry_columns + " FROM " +
                                              select.lead.from + entry_joins + select.where + " ORDER BY " +
                                              select.lead.order + " LIMIT " + std::to_string(limit));
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
  Words words;
  using Named = std::pair<const std::string&, std::vector<int64_t>&>;
  for (const auto& [text, ids] :
       {Named{query.site, words.site}, Named{query.lane, words.lane}, Named{query.vendor, words.vendor}}) {
    if (text.empty()) continue;
    GARITA_TRY_ASSIGN(found,
                      guarded(impl_->database_, [&wanted = text, this] { return impl_->words(wanted); }));
    if (found.empty()) return FindResult{};
    ids = std::move(found);
  }
  GARITA_TRY_ASSIGN(select, select_of(query, words));
  GARITA_TRY_ASSIGN(entries, guarded(impl_->database_, [&] { return impl_->rows(select, limit + 1); }));
  FindResult result{std::move(entries), false};
  result.more = result.entries.size() > limit;
  if (result.more) result.entries.pop_back();
  return result;
}

base::Result<void> Reader::each(const std::function<bool(const Entry&)>& visit) {
  return guarded(impl_->database_, [&] {
    SQLite::Statement rows(*impl_->handle_, std::string("SELECT ") + entry_columns +
                                                " FROM package p INDEXED BY package_time" + entry_joins +
                                                "WHERE p.utc_ns >= ? ORDER BY p.utc_ns, p.id");
    rows.bind(1, std::numeric_limits<int64_t>::min());
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
