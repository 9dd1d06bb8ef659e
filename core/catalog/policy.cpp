
#include <limits>

#include "core/base/clock.hpp"
#include "core/base/toml.hpp"
#include "core/catalog/retention.hpp"

namespace garita::catalog {
namespace {

constexpr size_t max_legal_holds = 10'000;
constexpr int64_t max_days = 36'500;
constexpr double min_gigabytes = 0.001, max_gigabytes = 1e9;
constexpr std::array<std::string_view, retention_classes> class_names = {"routine", "incomplete", "detection",
                                                                         "alarm", "finding"};

// The first thing that is not understood; all else is then left alone.
class Parser {
 public:
  explicit Parser(std::string path) : path_(std::move(path)) {}

  base::Result<RetentionPolicy> parse(const toml::table& table) {
    for (const auto& [key, node] : table) {
      if (key == "max_gb")
        max_gigabytes_of(node);
      else if (key == "days" && node.is_table())
        days(*node.as_table());
      else if (key == "legal_hold" && node.is_array())
        legal_holds(*node.as_array());
      else
        refuse(node, key.str());
    }
    if (error_) return *error_;
    return std::move(policy_);
  }

  base::Error error_at(uint32_t line, std::string_view what) const {
    return {base::Outcome::usage,
            "catalog.policy",
            {{"path", path_}, {"line", std::to_string(line)}, {"what", "'" + std::string(what) + "'"}}};
  }

 private:
  void refuse(const toml::node& node, std::string_view what) {
    if (!error_) error_ = error_at(node.source().begin.line, what);
  }

  void max_gigabytes_of(const toml::node& node) {
    const auto given = node.value<double>();
    if (!given || !(*given >= min_gigabytes && *given <= max_gigabytes)) return refuse(node, "max_gb");
    policy_.max_bytes = static_cast<uint64_t>(*given * 1e9);
  }

  void days(const toml::table& table) {
    for (const auto& [key, node] : table) {
      const auto name = std::find(class_names.begin(), class_names.end(), key.str());
      const auto given = node.value_exact<int64_t>();
      if (name == class_names.end() || !given || *given < 1 || *given > max_days)
        return refuse(node, key.str());
      policy_.days[static_cast<size_t>(name - class_names.begin())] = static_cast<uint32_t>(*given);
    }
  }

  void legal_holds(const toml::array& array) {
    if (array.size() > max_legal_holds) return refuse(array, "legal_hold");
    for (const toml::node& node : array) {
      if (!node.is_table()) return refuse(node, "legal_hold");
      LegalHold hold;
      size_t conditions = 0;
      for (const auto& [key, value] : *node.as_table()) {
        const auto text = value.value_exact<std::string>();
        if (!text || text->empty()) return refuse(value, key.str());
        if (key == "reason")
          hold.reason = *text;
        else if (condition(hold.query, key.str(), *text))
          ++conditions;
        else
          return refuse(value, key.str());
      }
      if (conditions == 0 || hold.reason.empty()) return refuse(node, "legal_hold");
      policy_.legal_holds.push_back(std::move(hold));
    }
  }

  static bool condition(Query& query, std::string_view key, const std::string& text) {
    const auto time = [&](std::optional<int64_t>& to) { return (to = base::parse_utc(text)).has_value(); };
    if (key == "from") return time(query.from_utc_ns);
    if (key == "to") return time(query.to_utc_ns);
    if (key == "root") return (query.root = base::parse_digest(text)).has_value();
    if (key == "site") return query.site = text, true;
    if (key == "lane") return query.lane = text, true;
    const auto kind = identifier_kind_of(key == "bag" ? "bag_tag" : key);
    if (!kind || normalized(text).empty()) return false;
    query.identifiers.push_back({kind, text});
    return true;
  }

  const std::string path_;
  RetentionPolicy policy_;
  std::optional<base::Error> error_;
};

}  // namespace

std::string_view name_of(RetentionClass retention_class) {
  return class_names.at(static_cast<size_t>(retention_class));
}

base::Result<RetentionPolicy> parse_policy(std::string_view toml, const std::string& path) {
  Parser parser(path);
  try {
    return parser.parse(base::parse_toml(toml));
  } catch (const toml::parse_error& error) {
    return parser.error_at(error.source().begin.line, error.description());
  }
}

}  // namespace garita::catalog
