#include "core/host/exchange/teller.hpp"

#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"

namespace garita::host {
namespace {

using nlohmann::json;

constexpr uint64_t max_file_bytes = 1u << 20;

std::filesystem::path file_in(const std::filesystem::path& folder) { return folder / "troubles.json"; }

bool is_power_of_ten(uint64_t number) {
  while (number % 10 == 0) number /= 10;
  return number == 1;
}

json to_json(const Trouble& trouble) {
  json fields = json::object();
  for (const base::Field& field : trouble.error.fields) fields[field.name] = field.value;
  return {{"where", trouble.where},
          {"since", trouble.since_utc_ns},
          {"id", trouble.error.id},
          {"fields", fields},
          {"count", trouble.count}};
}

std::optional<Trouble> read(const json& said) {
  const auto is_text = [&](const char* key) { return said.contains(key) && said[key].is_string(); };
  if (!said.is_object() || !is_text("where") || !is_text("id") || !said.value("fields", json()).is_object())
    return std::nullopt;
  if (!said.value("since", json()).is_number_integer() || !said.value("count", json()).is_number_unsigned())
    return std::nullopt;
  Trouble trouble{
      said["where"], {base::Outcome::incomplete, said["id"], {}, 0}, said["since"], said["count"]};
  for (const auto& [name, value] : said["fields"].items())
    if (value.is_string()) trouble.error.fields.push_back({name, value});
  return trouble;
}

}  // namespace

std::vector<Trouble> troubles_of(const std::filesystem::path& folder) {
  std::vector<Trouble> all;
  const auto text = base::read_text_file(file_in(folder), max_file_bytes);
  const json said = text ? json::parse(*text, nullptr, false) : json();
  if (!said.is_array()) return all;
  for (const json& each : said)
    if (auto trouble = read(each); trouble && all.size() < max_troubles) all.push_back(*std::move(trouble));
  return all;
}

Teller::Teller(ExchangeObserver& observer, const std::filesystem::path& folder)
    : observer_(observer), file_(file_in(folder)) {
  write_down();
}

Teller::~Teller() { (void)base::real_file_system().remove(file_); }

void Teller::trouble(const std::string& where, const base::Error& error) {
  const std::lock_guard lock(mutex_);
  const bool is_new =
      standing_.try_emplace({where, error.id}, Trouble{where, error, base::system_clock().utc_ns()}).second;
  if (!is_new) return;
  write_down();
  observer_.trouble(where, error);
}

void Teller::over(const std::string& where) {
  const std::lock_guard lock(mutex_);
  if (std::erase_if(standing_, [&](const auto& each) { return each.first.first == where; }) > 0) write_down();
}

void Teller::refused(const std::string& where, const base::Error& error) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] =
      refused_.try_emplace({where, error.id}, Trouble{where, error, base::system_clock().utc_ns()});
  if (!is_new) ++at->second.count;
  if (!is_power_of_ten(at->second.count)) return;
  write_down();
  observer_.trouble(where, error);
}

// A disk that is full is one of the troubles: what cannot be written down was said all the same.
void Teller::write_down() const {
  json all = json::array();
  for (const auto* some : {&standing_, &refused_})
    for (const auto& [key, trouble] : *some)
      if (all.size() < max_troubles) all.push_back(to_json(trouble));
  const std::string text = all.dump(-1, ' ', false, json::error_handler_t::replace);
  (void)base::write_file(file_, base::Bytes(text), 0600);
}

}  // namespace garita::host
