// kill -9 while a package is written: whatever is left is whole, or says by its name and its end that it is
// not, and what it proves is what was scanned. GARITA_LONG=1: 200 moments; GARITA_SEED repeats one run.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

using base::testing::TemporaryFolder;

constexpr uint32_t columns = 100;
constexpr uint64_t strip_rows = 50, strips = 40;

class KillTest : public ::testing::Test {
 protected:
  KillTest()
      : seed_(std::getenv("GARITA_SEED") ? static_cast<unsigned>(std::atoi(std::getenv("GARITA_SEED")))
                                         : std::random_device()()),
        random_(seed_) {}

  // Strips 0 … strips of the plane, those from `strips` on of the raw one; made once.
  static const std::vector<std::byte>& strip(uint64_t number) {
    static const auto all = [] {
      std::vector<std::vector<std::byte>> made;
      for (uint32_t i = 0; i < 2 * strips; ++i) made.push_back(noise(strip_rows * columns * 2, i));
      return made;
    }();
    return all.at(number);
  }

  // All of a scan: two planes, an attachment, checkpoints. In a process of its own, without what a fork may
  // not do.
  void write(const std::filesystem::path& path) {
    WriterOptions options;
    options.checkpoint_bytes = 40'000;
    options.predictive = random_() % 2 == 0;
    options.coding_threads = static_cast<unsigned>(random_() % 3);
    auto writer = *Writer::create(base::real_file_system(), path, test_key(), base::system_clock(), options);
    const uint32_t high = *writer.add_plane({.view = "side", .channel = "high", .columns = columns});
    const uint32_t raw =
        *writer.add_plane({.view = "side", .channel = "high", .role = RasterRole::raw, .columns = columns});
    const uint32_t photo = *writer.add_attachment({.media_type = "image/jpeg"});
    for (uint64_t i = 0; i < strips; ++i) {
      if (!writer.append_rows(high, strip(i), strip_rows) ||
          !writer.append_rows(raw, strip(i + strips), strip_rows))
        ::_exit(1);
      if (i % 10 == 0 && !writer.append_attachment(photo, strip(i))) ::_exit(1);
    }
    if (!writer.finish(std::vector<Leaf>{{"site.lane", "t7"}})) ::_exit(1);
  }

  // In memory where that can be: on a busy disk most moments would lie in the last sync, which no kill ends.
  static std::filesystem::path fast() {
    return std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
  }

  // Ends by itself, or is killed after `us`. True where it was killed.
  bool write_and_kill(const std::filesystem::path& path, std::optional<unsigned> us) {
    const pid_t child = ::fork();
    if (child == 0) {
      write(path);
      ::_exit(0);
    }
    if (us) {
      std::this_thread::sleep_for(std::chrono::microseconds(*us));
      ::kill(child, SIGKILL);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
  }

  // What it shows of planes is what was scanned, however much that is. The number of rows.
  static uint64_t rows_shown(const std::filesystem::path& path) {
    auto reader = Reader::open(path, {.allow_torn = true});
    if (!reader) return 0;
    uint64_t shown = 0;
    for (const PlaneInfo& plane : reader->planes()) {
      const auto pixels = all_rows(*reader, plane);
      const uint64_t first = plane.spec.role == RasterRole::raw ? strips : 0;
      for (uint64_t at = 0; at < plane.rows; at += strip_rows) {
        const auto& right = strip(first + at / strip_rows);
        const size_t size = std::min<uint64_t>(strip_rows, plane.rows - at) * columns * 2;
        EXPECT_TRUE(std::equal(right.begin(), right.begin() + static_cast<ptrdiff_t>(size),
                               pixels.begin() + static_cast<ptrdiff_t>(at * columns * 2)))
            << path << " row " << at;
      }
      shown += plane.rows;
    }
    return shown;
  }

  static std::vector<std::byte> all_rows(Reader& reader, const PlaneInfo& plane) {
    std::vector<std::byte> out(plane.rows * plane.spec.columns * 2);
    EXPECT_TRUE(reader.read_rows(plane, 0, plane.rows, out).ok());
    return out;
  }

  // Whole under its name, or torn under another: what is left of one writer.
  void judge(const TemporaryFolder& folder, const std::filesystem::path& path) {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      const VerifyReport report = verify(entry.path());
      if (entry.path() == path) {
        ++whole_;
        EXPECT_FALSE(report.fault) << entry.path() << " seed " << seed_ << ' ' << report.fault->id;
        EXPECT_EQ(rows_shown(path), 2 * strips * strip_rows);
        continue;
      }
      ++torn_;
      EXPECT_EQ(entry.path(), path.string() + ".partial");
      // Between its last byte and its name it may be whole already.
      EXPECT_TRUE(!report.fault || report.outcome() == base::Outcome::incomplete)
          << "seed " << seed_ << ' ' << report.fault->id << ' ' << report.fault->field("place");
      if (report.fault) {
        EXPECT_EQ(Reader::open(entry.path()).error().id, "package.torn");
      }
      proved_ += rows_shown(entry.path()) > 0;
      std::filesystem::remove(entry.path());
    }
  }

  const unsigned seed_;
  std::mt19937 random_;
  int whole_ = 0, torn_ = 0, proved_ = 0;
};

TEST_F(KillTest, whatever_is_left_is_whole_or_marked_and_proves_what_was_scanned) {
  const int moments = std::getenv("GARITA_LONG") ? 200 : 20;
  const TemporaryFolder folder(fast());
  const auto path = folder / "a.garita";
  (void)test_key(), (void)strip(0);  // made before the fork
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_FALSE(write_and_kill(path, std::nullopt));
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
  judge(folder, path);
  ASSERT_EQ(whole_, 1);
  int killed = 0;
  for (int tries = 0; killed < moments && tries < 20 * moments; ++tries) {
    std::filesystem::remove(path);
    killed +=
        write_and_kill(path, static_cast<unsigned>(random_() % static_cast<uint64_t>(took.count() + 1)));
    judge(folder, path);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_EQ(killed, moments);
  EXPECT_GT(torn_, 0);
  std::cout << killed << " killed: " << torn_ << " torn, " << proved_ << " of them proved in part; seed "
            << seed_ << '\n';
}

}  // namespace
}  // namespace garita::package::testing
