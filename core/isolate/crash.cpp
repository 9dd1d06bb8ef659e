#include "core/isolate/crash.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "core/base/text.hpp"

namespace garita::isolate {
namespace {

constexpr int max_signal = 64;
constexpr int first_file_fd = 5;  // of the driver, then of the listed files, where they are found by number

// As the dynamic linker knows a file in a worker -> as its vendor does.
std::string name_of_module(const char (&given)[max_module_name_bytes], const load::Manifest& manifest) {
  const std::string_view name(given, strnlen(given, sizeof given));
  if (name.empty()) return "garita-worker";
  constexpr std::string_view by_number = "/proc/self/fd/";
  if (name.starts_with(by_number)) {
    const size_t place = static_cast<size_t>(std::atoi(std::string(name.substr(by_number.size())).c_str())) - first_file_fd;
    if (place == 0) return manifest.driver.path;
    if (place <= manifest.files.size()) return manifest.files[place - 1].path;
  }
  return base::printable(name.substr(name.rfind('/') + 1), 80);
}

std::string hex(const uint8_t* bytes, size_t count) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < count; ++i) text += {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
  return text;
}

}  // namespace

CheckedTrace check_trace(const Trace& shared, const load::Manifest& manifest) {
  // One copy, so that nobody writes to it while it is looked at.
  const auto bytes = std::make_unique<std::byte[]>(sizeof(Trace));
  std::memcpy(bytes.get(), static_cast<const void*>(&shared), sizeof(Trace));
  const Trace& own = *reinterpret_cast<const Trace*>(bytes.get());
  const uint32_t modules = Untrusted(own.module_count).clamped(max_modules);
  CheckedTrace checked;
  for (uint32_t i = 0; i < modules; ++i) {
    const uint32_t size = Untrusted(own.modules[i].build_id_bytes).clamped(max_build_id_bytes);
    checked.files.push_back({name_of_module(own.modules[i].name, manifest), hex(own.modules[i].build_id, size)});
  }
  const auto state = Untrusted(own.state.load()).checked([](uint32_t given) { return given != Trace::nothing; });
  const auto signal =
      Untrusted(own.signal).checked([](int number) { return number > 0 && number <= max_signal; });
  if (!state || !signal) return checked;
  Struck& struck = checked.struck.emplace();
  struck.signal = *signal;
  struck.code = own.code;
  if (own.code > 0 && (*signal == SIGSEGV || *signal == SIGBUS)) struck.address = own.address;
  const uint32_t frames = Untrusted(own.frame_count).clamped(max_frames);
  for (uint32_t i = 0; i < frames; ++i) {
    const uint64_t address = own.frames[i];
    Frame frame{"", address};
    for (uint32_t m = 0; m < modules && frame.file.empty(); ++m)
      if (address >= own.modules[m].begin && address < own.modules[m].end && address >= own.modules[m].base)
        frame = {checked.files[m].file, address - own.modules[m].base};
    struck.frames.push_back(std::move(frame));
  }
  return checked;
}

}  // namespace garita::isolate
