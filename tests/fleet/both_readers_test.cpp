// examples/read_package.py and `garita verify --planes` print the same lines for packages of every family, as
// the demo makes them, kept as canonical images and as raw data alone; and for the demo's own, where they lie
// in build/demo/packages. Pure Python takes seconds for a million pixels: all but one with GARITA_LONG=1.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "core/host/open_package.hpp"
#include "tests/cli/program.hpp"
#include "tests/fleet/families.hpp"

namespace garita::fleet {
namespace {

namespace fs = std::filesystem;

struct Case {
  Family family;
  std::string keep;
  friend void PrintTo(const Case& each, std::ostream* out) { *out << each.family.name << " " << each.keep; }
};

class BothReaders : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("python3 -c 1 2>/dev/null && zstd --version >/dev/null 2>&1") == 0) return;
    std::cerr << "\n*** python3 or zstd is missing: examples/read_package.py is NOT tested ***\n\n";
    GTEST_SKIP() << "python3 or zstd is missing";
  }

  // Exit code and standard output; what it says on standard error stands in errors.txt.
  std::pair<int, std::string> lines(const std::string& command) {
    const std::string out = folder / "lines.txt", errors = folder / "errors.txt";
    const int status = std::system((command + " >'" + out + "' 2>'" + errors + "'").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, *base::read_text_file(out, 1 << 20)};
  }

  // Both say the same of this file; returns how many lines.
  size_t agreed(const fs::path& file) {
    const auto first = lines(GARITA_BIN_DIR "/garita verify --planes '" + file.string() + "'");
    EXPECT_EQ(first.first, 0) << file << *base::read_text_file(folder / "errors.txt", 1 << 20);
    const auto second =
        lines("python3 '" GARITA_SOURCE_DIR "/examples/read_package.py' '" + file.string() + "'");
    EXPECT_EQ(second.first, 0) << file << *base::read_text_file(folder / "errors.txt", 1 << 20);
    EXPECT_EQ(second.second, first.second) << file;
    return static_cast<size_t>(std::count(first.second.begin(), first.second.end(), '\n'));
  }

  base::testing::TemporaryFolder folder;
};

class BothReadersOfFamilies : public BothReaders, public ::testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    BothReaders::SetUp();
    const bool brief = GetParam().family.name == "portal" && GetParam().keep == "raw";
    if (!brief && !std::getenv("GARITA_LONG")) GTEST_SKIP() << "only with GARITA_LONG=1";
  }

  fs::path scan() {
    const Family& family = GetParam().family;
    std::ofstream(folder / "site.toml")
        << "schema = \"garita.site/1\"\n[site]\nname = \"Test\"\n[policy]\nbox = \"B1\"\n"
        << "keep = \"" << GetParam().keep << "\"\n";
    const auto outcome = cli_test::run(
        folder,
        "bash -c 'export SCENE=object SEED=31; rm -f port; " + family.simulator +
            " >sim.txt 2>&1 & for i in $(seq 600); do [ -s port ] && break; sleep 0.05; done; garita scan "
            "--policy site.toml --driver " +
            family.driver + " --source " + family.source +
            " --out out --state state --count 1; code=$?; kill %1 2>/dev/null; wait; exit $code'");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err << *base::read_text_file(folder / "sim.txt", 1u << 20);
    for (const auto& entry : fs::directory_iterator(folder / "out")) return entry.path();
    return {};
  }
};

TEST_P(BothReadersOfFamilies, print_the_same_lines) {
  const fs::path file = scan();
  ASSERT_FALSE(file.empty());
  EXPECT_GE(agreed(file), GetParam().family.views.size());
  auto package = host::open_package(file);
  ASSERT_TRUE(package.ok());
  size_t by_hash = 0, raw = 0;
  for (const package::PlaneInfo& plane : package->reader.planes()) {
    by_hash += plane.spec.by_hash;
    raw += plane.spec.role == package::RasterRole::raw;
  }
  if (GetParam().keep == "canonical") {
    EXPECT_EQ(by_hash, 0u);
  } else if (GetParam().family.name == "portal") {
    EXPECT_EQ(by_hash, 2u);
  }
  EXPECT_EQ(lines(GARITA_BIN_DIR "/garita view --out '" + (folder / "pictures").string() + "' '" +
                  file.string() + "'")
                .first,
            0);
  EXPECT_EQ(lines(GARITA_BIN_DIR "/garita export --to npy --out '" + (folder / "npy").string() + "' '" +
                  file.string() + "'")
                .first,
            0);
  EXPECT_EQ(lines(GARITA_BIN_DIR "/garita verify --rederive '" + file.string() + "'").first, raw > 0 ? 0 : 4);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Family& family : families())
    for (const char* keep : {"canonical", "raw"}) all.push_back({family, keep});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Families, BothReadersOfFamilies, ::testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.family.name + "_" + each.param.keep; });

TEST_F(BothReaders, print_the_same_lines_for_every_package_of_the_demo) {
  if (!std::getenv("GARITA_LONG")) GTEST_SKIP() << "only with GARITA_LONG=1";
  const char* given = std::getenv("GARITA_DEMO_PACKAGES");
  const fs::path packages = given ? given : GARITA_SOURCE_DIR "/build/demo/packages";
  if (!fs::exists(packages)) GTEST_SKIP() << "no demo was run: " << packages << " is not there";
  size_t files = 0, planes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(packages))
    if (entry.path().extension() == ".garita") ++files, planes += agreed(entry.path());
  EXPECT_GT(planes, 0u);
  std::cout << files << " packages, " << planes << " planes\n";
}

}  // namespace
}  // namespace garita::fleet
