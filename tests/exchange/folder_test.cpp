// folder: a share that both see, and a medium that is carried.
#include <fstream>

#include "core/exchange/transport/folder_transport.hpp"
#include "tests/exchange/ways.hpp"

namespace garita::exchange {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class ByFolder : public OnAWay {
 protected:
  ByFolder() { plug_in(); }
  void plug_in(uint64_t max_bytes = uint64_t{1} << 30) {
    fs::create_directories(medium_);
    at_mx_ = std::make_unique<FolderTransport>(
        FolderOptions{.folder = medium_, .own = "mx", .peer = "us", .max_bytes = max_bytes, .poll_ms = 1});
    at_us_ = std::make_unique<FolderTransport>(
        FolderOptions{.folder = medium_, .own = "us", .peer = "mx", .poll_ms = 1});
    mx_.connect(*at_mx_, quick());
    us_.connect(*at_us_, quick());
  }
  void turns(Site& site, int count = 50) {
    for (int i = 0; i < count; ++i) EXPECT_TRUE(site.courier->turn(0).ok());
  }
  size_t files(const char* to) const {
    std::error_code error;
    size_t count = 0;
    for (fs::directory_iterator at(medium_ / to, error), end; !error && at != end; at.increment(error))
      ++count;
    return count;
  }

  fs::path medium_ = folder_ / "medium";
  std::unique_ptr<FolderTransport> at_mx_, at_us_;
};

TEST_F(ByFolder, alone_everything_arrives_once_and_nothing_is_left_there) {
  put(20, chunk_bytes + 100);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  turns(us_, 5);
  turns(mx_, 5);
  EXPECT_EQ(files("to-us"), 0u);
  EXPECT_EQ(files("to-mx"), 0u);
}

TEST_F(ByFolder, a_medium_is_carried_there_and_its_receipts_back) {
  put(3, chunk_bytes + 100);
  turns(mx_);
  EXPECT_EQ(files("to-us"), 9u);
  turns(us_);
  EXPECT_EQ(files("to-us"), 0u);
  EXPECT_EQ(files("to-mx"), 3u);
  EXPECT_EQ(mx_.waiting(), 3u);
  turns(mx_);
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByFolder, a_medium_that_is_lost_is_written_again) {
  put(3, chunk_bytes + 100);
  turns(mx_);
  fs::remove_all(medium_);
  turns(mx_);  // nothing is plugged in
  fs::create_directories(medium_);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByFolder, what_was_cut_changed_or_put_there_by_others_is_noticed) {
  put(3, 2 * chunk_bytes + 100);
  turns(mx_);
  int i = 0;
  for (const auto& file : fs::directory_iterator(medium_ / "to-us")) {
    if (++i % 3 == 0) fs::resize_file(file, fs::file_size(file) / 2);
    if (i % 3 == 1) std::fstream(file.path(), std::ios::in | std::ios::out).seekp(200).put('!');
  }
  std::ofstream(medium_ / "to-us/README.txt") << "not ours";
  std::ofstream(medium_ / ("to-us/" + std::string(64, 'a') + ".c00000000")) << bytes_of(1, 3 << 20);
  std::ofstream(medium_ / ("to-us/" + std::string(64, 'b') + ".m00")) << "garbage";
  fs::create_symlink("/etc/passwd", medium_ / ("to-us/" + std::string(64, 'c') + ".c00000000"));
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  EXPECT_TRUE(fs::exists(medium_ / "to-us/README.txt"));
}

TEST_F(ByFolder, a_small_medium_takes_what_fits_and_the_rest_next_time) {
  plug_in(4 * chunk_bytes);
  put(10, chunk_bytes - 5'000);
  turns(mx_);
  EXPECT_LE(files("to-us"), 8u);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByFolder, receipts_may_return_by_another_way) {
  const fs::path back = folder_ / "back";
  fs::create_directories(back);
  FolderTransport mx_back({.folder = back, .own = "mx", .peer = "us", .poll_ms = 1});
  FolderTransport us_back({.folder = back, .own = "us", .peer = "mx", .poll_ms = 1});
  mx_.connect(*at_mx_, mx_back, quick());
  us_.connect(*at_us_, us_back, quick());
  put(3, 1'000);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  EXPECT_EQ(files("to-mx"), 0u);
}

}  // namespace
}  // namespace garita::exchange
