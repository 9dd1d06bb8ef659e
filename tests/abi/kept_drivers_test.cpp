// Driver binaries of every released version, and today's, run by today's hosts: the page-long one and
// core/load.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/load/in_process.hpp"
#include "core/load/library.hpp"
#include "core/load/manifest.hpp"
#include "core/load/testing/memory_services.hpp"

namespace {

namespace fs = std::filesystem;
using garita::load::Library;
using garita::load::Manifest;
using garita::load::Next;
using garita::load::Session;

fs::path kept_folder() { return GARITA_SOURCE_DIR "/tests/abi/drivers"; }

// Manifests of the drivers under test; a kept one is called by its version.
std::vector<fs::path> manifests() {
  std::vector<fs::path> found;
  for (const char* name : {"minimal_c", "minimal_cpp"})
    found.push_back(fs::path(GARITA_DRIVER_DIR) / name / (std::string(name) + ".garita.json"));
  for (const auto& version : fs::directory_iterator(kept_folder()))
    found.push_back(version.path() / "minimal_c" / "minimal_c.garita.json");
  return found;
}

// Two columns, dark 100, air 1000, three rows.
std::string scan() {
  std::string bytes = "GMIN";
  for (uint16_t n : {2, 3, 100, 100, 1000, 1000, 1, 2, 3, 4, 5, 6})
    bytes += {static_cast<char>(n & 0xFF), static_cast<char>(n >> 8)};
  return bytes;
}

class Drivers : public ::testing::TestWithParam<fs::path> {
 protected:
  std::unique_ptr<Session> open() {
    auto manifest = garita::load::read_manifest(GetParam());
    EXPECT_TRUE(manifest.ok()) << manifest.error().id;
    if (!manifest) return nullptr;
    auto library = Library::load(*manifest);
    EXPECT_TRUE(library.ok()) << library.error().id;
    if (!library) return nullptr;
    auto session = garita::load::open_in_process(*library, services, "minimal", "lane 1", soon());
    EXPECT_TRUE(session.ok()) << session.error().id;
    return session ? std::move(*session) : nullptr;
  }
  uint64_t soon() { return services.now_ns() + 5'000'000'000; }

  // The kinds of events as the variant numbers them, until a status that is not OK, which is appended.
  std::string events(Session& session) {
    std::string all;
    for (int i = 0; i < 100; ++i) {
      const Next next = session.next(soon());
      if (next.status == GARITA_WORKING) continue;
      if (next.status != GARITA_OK) return all + "status " + std::to_string(next.status);
      all += names[next.event.index()] + " ";
      if (const auto* strip = std::get_if<garita::image::Strip>(&next.event)) rows += strip->rows;
      if (const auto* end = std::get_if<garita::image::ScanEnd>(&next.event)) outcome = end->outcome;
    }
    return all + "no end";
  }
  const std::vector<std::string> names = {"nothing",   "begin",      "calibration", "strip", "reading",
                                          "detection", "attributes", "attachment",  "end",   "health"};
  garita::load::testing::MemoryServices services;
  uint32_t rows = 0;
  uint32_t outcome = 0;

  void SetUp() override { services.configuration["pitch_um"] = {GARITA_VALUE_I64, 4000, 0, {}}; }
};

TEST_P(Drivers, deliver_a_whole_scan_through_the_host) {
  services.streams["scanner"].bytes = scan();
  auto session = open();
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(events(*session), "calibration calibration begin strip end status 3");
  EXPECT_EQ(rows, 3u);
  EXPECT_EQ(outcome, GARITA_SCAN_COMPLETE);
}

TEST_P(Drivers, end_a_scan_whose_stream_ends_as_fault_at_every_byte) {
  for (size_t size = 16; size < scan().size(); ++size) {
    rows = 0;
    services.streams["scanner"].bytes = scan().substr(0, size);
    auto session = open();
    ASSERT_NE(session, nullptr);
    const std::string seen = events(*session);
    EXPECT_EQ(seen,
              std::string("calibration calibration begin ") + (rows > 0 ? "strip " : "") + "end status 3")
        << size;
    EXPECT_EQ(rows, (size - 16) / 4);
    EXPECT_EQ(outcome, GARITA_SCAN_FAULT);
  }
}

TEST_P(Drivers, answer_cancel_once_end_the_scan_and_deliver_the_next_one) {
  services.streams["scanner"].ends = false;
  services.streams["scanner"].bytes = scan().substr(0, 22);  // into the second row
  auto session = open();
  ASSERT_NE(session, nullptr);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(session->next(soon()).status, GARITA_OK);
  EXPECT_EQ(session->next(services.now_ns() + 100'000'000).status, GARITA_TIMEOUT);
  session->cancel();
  EXPECT_EQ(session->next(soon()).status, GARITA_CANCELLED);
  services.streams["scanner"].bytes += scan().substr(22) + scan();
  services.streams["scanner"].ends = true;
  EXPECT_EQ(events(*session), "end calibration calibration begin strip end status 3");
  EXPECT_EQ(rows, 3u);
}

TEST_P(Drivers, run_in_the_host_that_fits_on_a_page) {
  const std::string binary = GetParam().parent_path() / (GetParam().stem().stem().string() + ".so");
  const fs::path input =
      fs::path(::testing::TempDir()) / ("garita_abi_" + std::to_string(getpid()) + ".gmin");
  std::ofstream(input, std::ios::binary) << scan();
  FILE* pipe =
      popen((std::string(GARITA_BIN_DIR) + "/minimal_host " + binary + " " + input.string()).c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer;
  for (size_t got; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), got);
  EXPECT_EQ(pclose(pipe), 0);
  fs::remove(input);
  EXPECT_NE(out.find("row 2: 5 6\nscan ends, outcome 1, code 0 \nclosed\n"), std::string::npos) << out;
}

std::string name_of(const ::testing::TestParamInfo<fs::path>& info) {
  const fs::path folder = info.param.parent_path();
  const bool kept = folder.parent_path().parent_path() == kept_folder();
  std::string name =
      folder.filename().string() + (kept ? "_kept_" + folder.parent_path().filename().string() : "_today");
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Each, Drivers, ::testing::ValuesIn(manifests()), name_of);

TEST(KeptDrivers, are_small_and_there_for_the_first_version) {
  const fs::path first = kept_folder() / "1.0" / "minimal_c" / "minimal_c.so";
  ASSERT_TRUE(fs::exists(first));
  EXPECT_LT(fs::file_size(first), 50'000u);
}

}  // namespace
