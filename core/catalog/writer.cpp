#include "core/catalog/writer.hpp"

#include <sqlite3.h>

#include <map>
#include <mutex>
#include <set>

#include "core/catalog/checkpointer.hpp"
#include "core/catalog/database.hpp"
#include "core/catalog/rebuild.hpp"
#include "core/catalog/shared_adds.hpp"

namespace garita::catalog {
namespace {

constexpr size_t max_cached_names = 10'000;
constexpr int max_ids_tried = 1'000'000;

// A prepared statement that is left ready for its next use, whatever happens.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  ~Use() {
    statement_.tryReset();
    try {
      statement_.clearBindings();
    } catch (const SQLite::Exception&) {  // a statement without parameters
    }
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  SQLite::Statement* operator->() { return &statement_; }

 private:
  SQLite::Statement& statement_;
};

// Ids of texts that stand once in a table of their own.
class Names {
 public:
  Names(SQLite::Database& handle, const std::string& table, const std::vector<std::string>& columns)
      : find_(handle, "SELECT id FROM " + table + " WHERE " + joined(columns, " = ? AND ") + " = ?"),
        add_(handle, "INSERT INTO " + table + " (" + joined(columns, ", ") + ") VALUES (?" +
                         repeated(columns.size() - 1) + ")"),
        handle_(handle) {}

  using Texts = std::vector<std::string>;

  int64_t find(const Texts& texts) {  // 0: not there
    const auto known = ids_.find(texts);
    if (known != ids_.end()) return known->second;
    Use find(find_);
    bind(find, texts);
    return find->executeStep() ? remember(texts, find->getColumn(0).getInt64()) : 0;
  }
  int64_t find_or_add(const Texts& texts) {
    if (const int64_t id = find(texts); id != 0) return id;
    Use add(add_);
    bind(add, texts);
    add->exec();
    return remember(texts, handle_.getLastInsertRowid());
  }
  void forget() { ids_.clear(); }  // what a transaction that did not hold may have added

 private:
  static std::string joined(const Texts& texts, const char* between) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
    return all;
  }
  static std::string repeated(size_t count) {
    std::string all;
    for (size_t i = 0; i < count; ++i) all += ", ?";
    return all;
  }
  static void bind(Use& statement, const Texts& texts) {
    for (size_t i = 0; i < texts.size(); ++i) statement->bind(static_cast<int>(i + 1), texts[i]);
  }
  int64_t remember(const Texts& texts, int64_t id) {
    if (ids_.size() >= max_cached_names) ids_.clear();
    return ids_[texts] = id;
  }

  SQLite::Statement find_, add_;
  SQLite::Database& handle_;
  std::map<Texts, int64_t> ids_;
};

// The numbers of the categories that bits stand for.
template <typename Act>
void each_category(const Categories& categories, Act act) {
  for (int category = 1; category < 20; ++category)
    if (categories.all() & (1u << category)) act(category);
}

std::string folder_of(const Entry& entry) { return entry.path.parent_path().lexically_normal().string(); }

}  // namespace

class Writer::Impl {
 public:
  Impl(OpenDatabase open, std::filesystem::path database)
      : database_(std::move(database)),
        created_(open.created),
        handle_(std::move(open.handle)),
        checkpointer_(database_, *handle_),
        folders_(*handle_, "folder", {"path"}),
        places_(*handle_, "place", {"site", "lane", "vendor", "model"}),
        insert_(*handle_,
                "INSERT INTO package (id, root, folder, name, size_bytes, utc_ns, inspection, scan_key, "
                "place, alarm, "
                "incomplete, category, identifiers, decision, found, addenda_bytes) "
                "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"),
        insert_identifier_(*handle_,
                           "INSERT OR IGNORE INTO identifier (value, kind, package) VALUES (?,?,?)"),
        insert_category_(*handle_, "INSERT OR IGNORE INTO category (category, package) VALUES (?,?)"),
        delete_(*handle_, "DELETE FROM package WHERE id = ?"),
        delete_identifier_(*handle_, "DELETE FROM identifier WHERE value = ? AND kind = ? AND package = ?"),
        delete_category_(*handle_, "DELETE FROM category WHERE category = ? AND package = ?"),
        by_root_(*handle_, std::string("SELECT ") + entry_columns + ", p.id FROM package p" + entry_joins +
                               "WHERE p.root = ?"),
        by_name_(*handle_, std::string("SELECT ") + entry_columns + ", p.id FROM package p" + entry_joins +
                               "WHERE p.name = ? AND p.folder = ?"),
        known_(*handle_, "SELECT root, addenda_bytes FROM package WHERE name = ? AND folder = ?") {}

  template <typename Act>
  auto transact(Act act) -> base::Result<decltype(act())> {
    const std::lock_guard lock(mutex_);
    auto done = guarded(database_, [&] {
      SQLite::Transaction transaction(*handle_, SQLite::TransactionBehavior::IMMEDIATE);
      if constexpr (std::is_void_v<decltype(act())>) {
        act();
        transaction.commit();
      } else {
        auto value = act();
        transaction.commit();
        return value;
      }
    });
    if (!done) folders_.forget(), places_.forget();
    checkpointer_.after_commit();
    return done;
  }

  // The same, and on the disk when it returns.
  template <typename Act>
  auto transact_durably(Act act) -> base::Result<decltype(act())> {
    GARITA_TRY(synchronous("FULL"));
    auto done = transact(act);
    GARITA_TRY(synchronous("NORMAL"));
    return done;
  }

  void add(const Entry& entry) {
    const int64_t id = id_of(entry);
    if (insert(entry, id)) return;
    erase(row_of(entry.root));
    erase(row_at(entry));
    int64_t next = id;
    for (int tries = 0; tries < max_ids_tried; ++tries) {
      if (insert(entry, next)) return;
      if (__builtin_add_overflow(next, int64_t{1}, &next)) break;
    }
    throw SQLite::Exception("no free row", SQLITE_CONSTRAINT);
  }

  bool erase(const base::Digest& root) { return erase(row_of(root)); }

  std::optional<Entry> find(const base::Digest& root) {
    const auto row = row_of(root);
    return row ? std::optional(row->entry) : std::nullopt;
  }

  std::optional<Known> known(const std::filesystem::path& package) {
    const int64_t folder = folders_.find({package.parent_path().lexically_normal().string()});
    if (folder == 0) return std::nullopt;
    Use row(known_);
    row->bindNoCopy(1, name_ = package.filename().string());
    row->bind(2, folder);
    if (!row->executeStep()) return std::nullopt;
    Known known{{}, static_cast<uint64_t>(row->getColumn(1).getInt64())};
    const SQLite::Column root = row->getColumn(0);
    if (static_cast<size_t>(root.getBytes()) == known.root.size())
      std::copy_n(static_cast<const uint8_t*>(root.getBlob()), known.root.size(), known.root.begin());
    return known;
  }

  bool set_removing(const base::Digest& root, bool removing) {
    SQLite::Statement update(*handle_, "UPDATE package SET removing = ? WHERE root = ? AND decision <> ?");
    update.bind(1, removing ? 1 : 0);
    update.bind(2, root.data(), static_cast<int>(root.size()));
    update.bind(3, removing ? static_cast<int>(v1::Decision::VERDICT_HOLD) : -1);
    return update.exec() == 1;
  }

  std::vector<Entry> removing() {
    SQLite::Statement rows(*handle_, std::string("SELECT ") + entry_columns + " FROM package p" +
                                         entry_joins + "WHERE p.removing <> 0 LIMIT 100");
    std::vector<Entry> entries;
    while (rows.executeStep()) entries.push_back(entry_of_row(rows));
    return entries;
  }

  // The folder's name outlives the database; once a program is enough.
  base::Result<void> remember(const std::string& folder) {
    const std::lock_guard lock(remembered_mutex_);
    if (remembered_.contains(folder)) return {};
    GARITA_TRY(remember_folder(database_, folder));
    if (remembered_.size() < max_cached_names) remembered_.insert(folder);
    return {};
  }

  const std::filesystem::path database_;
  const bool created_;
  SharedAdds shared_{database_.string(), [this](std::span<const Entry* const> entries) {
    return transact([&] {
      for (const Entry* entry : entries) add(*entry);
    });
  }};

 private:
  struct Row {
    int64_t id = 0;
    Entry entry;
  };

  base::Result<void> synchronous(const char* how) {
    const std::lock_guard lock(mutex_);
    return guarded(database_, [&] { (void)handle_->exec(std::string("PRAGMA synchronous = ") + how); });
  }

  // False: the root, the name or the id is there already.
  bool insert(const Entry& entry, int64_t id) {
    Use row(insert_);
    const std::string name = entry.path.filename().string(), identifiers = packed(entry.identifiers);
    row->bind(1, id);
    row->bindNoCopy(2, entry.root.data(), static_cast<int>(entry.root.size()));
    row->bind(3, folders_.find_or_add({folder_of(entry)}));
    row->bindNoCopy(4, name);
    row->bind(5, static_cast<int64_t>(entry.size_bytes));
    row->bind(6, entry.utc_ns);
    row->bindNoCopy(7, entry.inspection_id);
    row->bindNoCopy(8, entry.scan_key);
    row->bind(9, places_.find_or_add({entry.site, entry.lane, entry.vendor, entry.model}));
    row->bind(10, entry.alarms);
    row->bind(11, entry.incomplete ? 1 : 0);
    row->bind(12, packed(entry.categories));
    row->bindNoCopy(13, identifiers);
    row->bind(14, static_cast<int>(entry.decision));
    row->bind(15, entry.found ? 1 : 0);
    row->bind(16, static_cast<int64_t>(entry.addenda_bytes));
    if (row->exec() == 0) return false;
    index(entry, id);
    return true;
  }

  void index(const Entry& entry, int64_t id) {
    for (const Identifier& each : entry.identifiers) {
      Use row(insert_identifier_);
      row->bindNoCopy(1, each.value);
      row->bind(2, static_cast<int>(each.kind));
      row->bind(3, id);
      row->exec();
    }
    each_category(entry.categories, [&](int category) {
      Use row(insert_category_);
      row->bind(1, category);
      row->bind(2, id);
      row->exec();
    });
  }

  bool erase(const std::optional<Row>& row) {
    if (!row) return false;
    for (const Identifier& each : row->entry.identifiers) {
      Use gone(delete_identifier_);
      gone->bindNoCopy(1, each.value);
      gone->bind(2, static_cast<int>(each.kind));
      gone->bind(3, row->id);
      gone->exec();
    }
    each_category(row->entry.categories, [&](int category) {
      Use gone(delete_category_);
      gone->bind(1, category);
      gone->bind(2, row->id);
      gone->exec();
    });
    Use gone(delete_);
    gone->bind(1, row->id);
    return gone->exec() == 1;
  }

  static constexpr int id_column = 18;  // behind entry_columns

  std::optional<Row> row_of(const base::Digest& root) {
    Use row(by_root_);
    row->bind(1, root.data(), static_cast<int>(root.size()));
    if (!row->executeStep()) return std::nullopt;
    return Row{row->getColumn(id_column).getInt64(), entry_of_row(by_root_)};
  }

  std::optional<Row> row_at(const Entry& entry) {
    Use row(by_name_);
    row->bind(1, entry.path.filename().string());
    row->bind(2, folders_.find_or_add({folder_of(entry)}));
    if (!row->executeStep()) return std::nullopt;
    return Row{row->getColumn(id_column).getInt64(), entry_of_row(by_name_)};
  }

  std::mutex mutex_, remembered_mutex_;
  std::set<std::string> remembered_;
  std::unique_ptr<SQLite::Database> handle_;
  Checkpointer checkpointer_;
  Names folders_, places_;
  SQLite::Statement insert_, insert_identifier_, insert_category_, delete_, delete_identifier_,
      delete_category_, by_root_, by_name_, known_;
  std::string name_;  // what known() binds
};

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

base::Result<Writer> Writer::open(const std::filesystem::path& database) {
  GARITA_TRY_ASSIGN(open, open_database(database, Access::write));
  GARITA_TRY_ASSIGN(impl,
                    guarded(database, [&] { return std::make_unique<Impl>(std::move(open), database); }));
  return Writer(std::move(impl));
}

bool Writer::created() const { return impl_->created_; }
const std::filesystem::path& Writer::database() const { return impl_->database_; }

base::Result<void> Writer::add(const v1::Inspection& inspection, const std::filesystem::path& package,
                               const base::Digest& root) {
  std::error_code error;
  const auto path = std::filesystem::absolute(package, error);
  const auto size_bytes = std::filesystem::file_size(package, error);
  return add(entry_of(inspection, error ? package : path, root, error ? 0 : size_bytes));
}

base::Result<void> Writer::add(const Entry& entry) {
  GARITA_TRY(impl_->remember(folder_of(entry)));
  return impl_->shared_.add(entry);
}

base::Result<void> Writer::add(std::span<const Entry> entries) {
  for (const Entry& entry : entries) GARITA_TRY(impl_->remember(folder_of(entry)));
  return impl_->transact([&] {
    for (const Entry& entry : entries) impl_->add(entry);
  });
}

base::Result<void> Writer::update(const Entry& entry) {
  return impl_->transact_durably([&] { impl_->add(entry); });
}

base::Result<std::vector<Entry>> Writer::begin_removal(std::span<const base::Digest> roots) {
  return impl_->transact_durably([&] {
    std::vector<Entry> begun;
    for (const base::Digest& root : roots) {
      auto entry = impl_->find(root);
      if (entry && impl_->set_removing(root, true)) begun.push_back(std::move(*entry));
    }
    return begun;
  });
}

base::Result<void> Writer::abandon_removal(const base::Digest& root) {
  return impl_->transact_durably([&] { impl_->set_removing(root, false); });
}

base::Result<void> Writer::remove(const base::Digest& root) {
  return impl_->transact([&] { impl_->erase(root); });
}

base::Result<std::vector<Entry>> Writer::removals_begun() {
  return impl_->transact([&] { return impl_->removing(); });
}

base::Result<std::optional<Writer::Known>> Writer::known(const std::filesystem::path& package) {
  return impl_->transact([&] { return impl_->known(package); });
}

}  // namespace garita::catalog
