#include "core/freshness/history.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

namespace garita::freshness {
namespace {

constexpr std::string_view suffix = ".print";
constexpr size_t digits = 12;

std::optional<uint64_t> number_of(const std::string& name) {
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + digits, number);
  if (error != std::errc() || end != name.data() + digits) return std::nullopt;
  return number;
}

}  // namespace

History::History(const std::filesystem::path& state, const std::string& device, base::FileSystem& files)
    : folder_(state / "freshness" / base::to_text(base::sha256(device)).substr(0, 16)), files_(files) {}

std::vector<std::filesystem::path> History::paths() const {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error))
    if (number_of(entry.path().filename())) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<ScanPrint> History::load() const {
  std::vector<ScanPrint> prints;
  for (const std::filesystem::path& path : paths()) {
    const auto bytes = base::read_file(path, max_print_bytes, files_);
    if (!bytes) continue;
    if (auto print = parse_print(*bytes)) prints.push_back(std::move(print).value());
    if (prints.size() > max_history) prints.erase(prints.begin());
  }
  return prints;
}

base::Result<void> History::add(const ScanPrint& print) const {
  GARITA_TRY(files_.create_folders(folder_, 0700));
  const auto before = paths();
  const uint64_t number = before.empty() ? 1 : *number_of(before.back().filename()) + 1;
  char name[32];
  std::snprintf(name, sizeof name, "%012llu", static_cast<unsigned long long>(number));
  const std::filesystem::path path = folder_ / (name + std::string(suffix)), part = folder_ / "next.part";
  (void)files_.remove(part);
  GARITA_TRY_ASSIGN(file, files_.create(part, 0600));
  GARITA_TRY(file->append(to_bytes(print)));
  file.reset();
  GARITA_TRY(files_.rename(part, path));
  for (size_t i = 0; i + max_history < before.size() + 1; ++i) (void)files_.remove(before[i]);
  return {};
}

}  // namespace garita::freshness
