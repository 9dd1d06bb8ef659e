#include "conformance/requirements/requirement.hpp"

#include <algorithm>
#include <optional>

#include "core/base/toml.hpp"

namespace garita::conformance {
namespace {

base::Error bad(std::string_view file, std::string what) {
  return {base::Outcome::usage,
          "conform.bad_requirement",
          {{"file", std::string(file)}, {"what", std::move(what)}}};
}

// Reads one table; what it does not say, the file says for all of its tables. The first thing that is wrong
// sticks.
class Reader {
 public:
  Reader(const toml::table& table, const toml::table& file, std::string name)
      : table_(table), file_(file), name_(std::move(name)) {}

  std::string text(std::string_view key) {
    const auto value = at(key).value<std::string>();
    if (!value) fail(key);
    return value.value_or("");
  }
  LocalText local(std::string_view key) {
    const toml::table* both = table_[key].as_table();
    const auto en = both ? (*both)["en"].value<std::string>() : std::nullopt;
    const auto es = both ? (*both)["es"].value<std::string>() : std::nullopt;
    if (!en || !es || en->empty() || es->empty()) fail(key);
    return {en.value_or(""), es.value_or("")};
  }
  std::vector<std::string> list(std::string_view key) {
    std::vector<std::string> own;
    const auto place = at(key);
    if (const toml::array* array = place.as_array())
      for (const toml::node& each : *array)
        if (const auto word = each.value<std::string>()) own.push_back(*word);
    return own;
  }
  int64_t number(std::string_view key) { return at(key).value<int64_t>().value_or(0); }
  bool flag(std::string_view key) { return at(key).value<bool>().value_or(false); }

  void fail(std::string_view key) {
    if (!wrong_) wrong_ = name_ + "." + std::string(key);
  }
  const std::optional<std::string>& wrong() const { return wrong_; }

 private:
  toml::node_view<const toml::node> at(std::string_view key) const {
    return table_.contains(key) ? table_[key] : file_[key];
  }

  const toml::table& table_;
  const toml::table& file_;
  const std::string name_;
  std::optional<std::string> wrong_;
};

base::Result<Requirement> requirement_of(std::string_view file, const toml::table& all,
                                         const toml::table& table) {
  Reader read(table, all, table["id"].value<std::string>().value_or("requirement"));
  Requirement own;
  own.id = read.text("id");
  const std::string force = read.text("force");
  if (force != "MUST" && force != "SHOULD") read.fail("force");
  own.must = force == "MUST";
  own.level = static_cast<int>(read.number("level"));
  if (own.level < 1 || own.level > max_level) read.fail("level");
  own.text = read.local("text");
  own.why = read.local("why");
  own.hint = read.local("hint");
  own.since = read.text("since");
  own.profiles = read.list("profiles");
  if (own.profiles.empty()) read.fail("profiles");
  own.verified_by = read.text("verified_by");
  own.place = read.text("place");
  own.faults = read.list("faults");
  if (read.wrong()) return bad(file, *read.wrong());
  return own;
}

base::Result<Capability> capability_of(std::string_view file, const toml::table& all,
                                       const toml::table& table) {
  Reader read(table, all, table["word"].value<std::string>().value_or("capability"));
  Capability own{read.text("word"), read.local("text"), read.flag("plain"), read.flag("untested")};
  if (read.wrong()) return bad(file, *read.wrong());
  return own;
}

// How closely a fault pattern fits: 0 not at all, 1 the id, 2 its event too, 3 its field too.
int fits(std::string_view pattern, const base::Error& error) {
  const size_t at = pattern.find('@');
  if (pattern.substr(0, at) != error.id) return 0;
  if (at == std::string_view::npos) return 1;
  const std::string_view where = pattern.substr(at + 1);
  const size_t colon = where.find(':');
  if (where.substr(0, colon) != error.field("event")) return 0;
  if (colon == std::string_view::npos) return 2;
  return where.substr(colon + 1) == error.field("field") ? 3 : 0;
}

template <typename T, typename Read>
base::Result<void> take(const EmbeddedFile& file, const toml::table& all, const char* name, Read read,
                        std::vector<T>& out) {
  const toml::array* tables = all[name].as_array();
  if (!tables) return {};
  for (const toml::node& node : *tables) {
    const toml::table* table = node.as_table();
    if (!table) return bad(file.name, name);
    GARITA_TRY_ASSIGN(own, read(file.name, all, *table));
    out.push_back(std::move(own));
  }
  return {};
}

}  // namespace

bool Requirement::holds_for(std::span<const std::string> driver_profiles) const {
  return std::any_of(profiles.begin(), profiles.end(), [&](const std::string& profile) {
    return profile == "all" ||
           std::find(driver_profiles.begin(), driver_profiles.end(), profile) != driver_profiles.end();
  });
}

base::Result<Catalogue> Catalogue::parse(std::span<const EmbeddedFile> files) {
  Catalogue own;
  for (const EmbeddedFile& file : files) try {
      const toml::table all = toml::parse(file.text);
      GARITA_TRY(take(file, all, "requirement", requirement_of, own.requirements_));
      GARITA_TRY(take(file, all, "capability", capability_of, own.capabilities_));
    } catch (const toml::parse_error& error) {
      return bad(file.name, std::string(error.description()));
    }
  std::sort(own.requirements_.begin(), own.requirements_.end(),
            [](const Requirement& a, const Requirement& b) { return a.id < b.id; });
  for (size_t i = 1; i < own.requirements_.size(); ++i)
    if (own.requirements_[i].id == own.requirements_[i - 1].id) return bad("*.toml", own.requirements_[i].id);
  return own;
}

const Catalogue& Catalogue::built_in() {
  static const Catalogue own = [] {
    auto parsed = parse(embedded_files());
    return parsed ? *std::move(parsed) : Catalogue();  // empty: the tests and `list` say so
  }();
  return own;
}

const Requirement* Catalogue::find(std::string_view id) const {
  const auto found =
      std::find_if(requirements_.begin(), requirements_.end(), [&](const auto& r) { return r.id == id; });
  return found == requirements_.end() ? nullptr : &*found;
}

const Capability* Catalogue::capability(std::string_view word) const {
  const auto found =
      std::find_if(capabilities_.begin(), capabilities_.end(), [&](const auto& c) { return c.word == word; });
  return found == capabilities_.end() ? nullptr : &*found;
}

const Requirement* Catalogue::owner_of(const base::Error& error) const {
  const Requirement* owner = nullptr;
  int best = 0;
  for (const Requirement& requirement : requirements_)
    for (const std::string& fault : requirement.faults)
      if (const int fit = fits(fault, error); fit > best) best = fit, owner = &requirement;
  return owner;
}

}  // namespace garita::conformance
