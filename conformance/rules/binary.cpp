#include "conformance/rules/binary.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace garita::conformance {
namespace {

using Version = std::array<unsigned, 3>;

// What Debian 12 has: the oldest system that a site runs.
constexpr Version newest_glibc = {2, 36, 0}, newest_libstdcxx = {3, 4, 30};
constexpr const char* system_libraries[] = {"libc.so.6",      "libm.so.6",           "libgcc_s.so.1",
                                            "libstdc++.so.6", "libpthread.so.0",     "libdl.so.2",
                                            "librt.so.1",     "ld-linux-x86-64.so.2"};

// "GLIBC_2.34" -> 2.34.0; nullopt: of another kind, such as GLIBC_PRIVATE.
std::optional<Version> version_of(const std::string& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  Version own{};
  const char* at = text.data() + prefix.size();
  const char* const end = text.data() + text.size();
  for (unsigned& part : own) {
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc()) return std::nullopt;
    if (next == end) break;
    at = next + 1;
  }
  return own;
}

std::string newer_than_the_floor(const Build& build) {
  for (const std::string& version : build.versions) {
    const auto glibc = version_of(version, "GLIBC_"), libstdcxx = version_of(version, "GLIBCXX_");
    if ((glibc && *glibc > newest_glibc) || (libstdcxx && *libstdcxx > newest_libstdcxx)) return version;
  }
  return {};
}

std::string library_of_nobody(const Build& build, const load::Manifest& manifest) {
  for (const std::string& library : build.libraries) {
    const bool listed =
        std::any_of(manifest.files.begin(), manifest.files.end(), [&](const load::PackageFile& file) {
          return std::filesystem::path(file.path).filename() == library;
        });
    const bool system = std::find(std::begin(system_libraries), std::end(system_libraries), library) !=
                        std::end(system_libraries);
    if (!listed && !system) return library;
  }
  return {};
}

}  // namespace

std::vector<BinaryFault> faults_of(const Build& build, const load::Manifest& manifest) {
  std::vector<BinaryFault> found;
  const auto check = [&](bool right, std::string_view requirement, const char* what, std::string value,
                         const char* allowed) {
    if (!right) found.push_back({requirement, what, std::move(value), allowed});
  };
  const std::string newer = newer_than_the_floor(build), strange = library_of_nobody(build, manifest);
  check(build.relro, "GAR-BIN-001", "PT_GNU_RELRO", "none", "present");
  check(build.bind_now, "GAR-BIN-002", "DT_FLAGS", "lazy", "BIND_NOW");
  check(!build.executable_stack, "GAR-BIN-003", "PT_GNU_STACK", "RWE", "RW");
  check(build.search_path.empty() || build.search_path == "$ORIGIN", "GAR-BIN-004", "DT_RUNPATH", build.search_path,
        "none, $ORIGIN");
  check(!build.text_relocations, "GAR-BIN-005", "DT_TEXTREL", "present", "none");
  check(newer.empty(), "GAR-BIN-006", "DT_VERNEED", newer, "<= GLIBC_2.36, GLIBCXX_3.4.30");
  check(strange.empty(), "GAR-BIN-007", "DT_NEEDED", strange,
        "libc, libm, libgcc_s, libstdc++, manifest.files");
  check(!build.writable_code, "GAR-BIN-008", "PT_LOAD", "RWE", "R E, RW");
  check(build.build_id, "GAR-BIN-009", "NT_GNU_BUILD_ID", "none", "present");
  return found;
}

}  // namespace garita::conformance
