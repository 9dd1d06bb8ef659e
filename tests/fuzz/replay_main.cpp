// Plays files through a fuzz target where there is no libFuzzer: fuzz_NAME FILE-OR-FOLDER…
//
// Prints how many it played; fails if it found none, for a test without input would always pass.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return {path};
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file(error)) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool play(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) return false;
  std::cerr << path.string()
            << std::endl;  // flushed before the call: if it crashes, this is the input that did it
  // An allocation of just that size: a sanitizer then sees a read one byte beyond it.
  const std::vector<uint8_t> bytes(content.begin(), content.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  size_t played = 0;
  for (int i = 1; i < count; ++i) {
    if (arguments[i][0] == '-') continue;  // an option of libFuzzer
    const auto files = files_in(arguments[i]);
    if (files.empty()) std::cerr << arguments[i] << ": no files here\n";
    for (const fs::path& file : files) {
      if (!play(file)) {
        std::cerr << file.string() << ": cannot be read\n";
        return 1;
      }
      ++played;
    }
  }
  std::cout << played << " inputs played\n";
  return played > 0 ? 0 : 1;
}
