// Any bytes as the live segment of a log: what is found whole can be gone on with and is whole then; what is
// not is told, and nothing is exported of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/clock.hpp"
#include "core/exchange/audit/audit_log.hpp"
#include "core/exchange/audit/verify.hpp"

namespace {

namespace fs = std::filesystem;
using namespace garita;

// In memory where there is such a place.
struct Folder {
  fs::path path;
  Folder() {
    std::error_code none;
    const fs::path memory = "/dev/shm";
    std::string name =
        (fs::is_directory(memory, none) ? memory : fs::temp_directory_path()) / "garita-fuzz-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~Folder() {
    std::error_code none;
    fs::remove_all(path, none);
  }
  const fs::path& emptied() const {
    fs::remove_all(path);
    fs::create_directory(path);
    return path;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const base::ManualClock clock(1'772'000'000'000'000'000);
  static const Folder own;
  const fs::path& folder = own.emptied();
  std::ofstream(exchange::live_segment(folder), std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  const auto before = exchange::verify_audit(folder);
  const auto told = exchange::export_audit(folder, "", [](std::string_view) { return base::Result<void>(); });
  if (told.ok() != before.faults.empty() || (told && *told != before.entries)) std::abort();
  auto log = exchange::AuditLog::open(folder, clock);
  const bool written = log && log->append("fuzz", "{}");
  if (!before.faults.empty()) return 0;
  const auto after = exchange::verify_audit(folder);
  const uint64_t more = before.torn_bytes > 0 ? 2 : 1;  // the line of the tail that was cut
  if (!written || !after.faults.empty() || after.entries != before.entries + more) std::abort();
  return 0;
}
