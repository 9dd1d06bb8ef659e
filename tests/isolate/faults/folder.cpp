#include "tests/isolate/faults/folder.hpp"

#include <cstdlib>

namespace garita::isolate::faults {
namespace {

namespace fs = std::filesystem;

void open_to_all(const fs::path& folder) {
  constexpr auto readable = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                            fs::perms::others_read | fs::perms::others_exec;
  fs::permissions(folder, readable);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) fs::permissions(entry.path(), readable);
}

}  // namespace

std::string built_folder() {
  const char* const given = std::getenv("GARITA_FAULTS_FOLDER");
  return given && *given ? given : GARITA_BINARY_DIR;
}

PublicCopy::PublicCopy() {
  std::string name = (fs::temp_directory_path() / "garita-faults-XXXXXX").string();
  if (!mkdtemp(name.data())) return;
  try {
    const fs::path from = GARITA_BINARY_DIR, to = name;
    fs::create_directories(to / "bin");
    fs::create_directories(to / "lib/garita/test-drivers");
    fs::copy_file(from / "bin/garita-worker", to / "bin/garita-worker");
    for (const char* drivers : {"mutants", "deadly", "test-drivers/trespasser"})
      fs::copy(from / "lib/garita" / drivers, to / "lib/garita" / drivers, fs::copy_options::recursive);
    open_to_all(to);
    path_ = to;
  } catch (const fs::filesystem_error&) {
    std::error_code ignored;
    fs::remove_all(name, ignored);
  }
}

PublicCopy::~PublicCopy() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace garita::isolate::faults
