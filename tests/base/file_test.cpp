#include "core/base/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "core/base/testing/faulty_files.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::base {
namespace {

using testing::FaultyFileSystem;
using testing::FileCall;

class FileTest : public ::testing::Test {
 protected:
  std::string content(const std::filesystem::path& path) const { return *read_text_file(path, 1 << 20); }
  bool folder_is_empty() const { return std::filesystem::is_empty(folder_.path()); }

  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "file";
  FaultyFileSystem faulty_;
};

TEST_F(FileTest, written_bytes_are_read_back) {
  ASSERT_TRUE(write_file(path_, "content").ok());
  EXPECT_EQ(content(path_), "content");
  EXPECT_EQ(read_file(path_, 7)->size(), 7u);
}

TEST_F(FileTest, missing_file_is_named) {
  const auto read = read_file(path_, 10);
  EXPECT_EQ(read.error().id, "base.file_missing");
  EXPECT_EQ(read.error().field("path"), path_.string());
}

TEST_F(FileTest, file_above_the_limit_is_refused_and_at_the_limit_read) {
  ASSERT_TRUE(write_file(path_, "0123456789").ok());
  EXPECT_TRUE(read_file(path_, 10).ok());
  EXPECT_EQ(read_file(path_, 9).error().id, "base.file_too_large");
  EXPECT_EQ(read_file(path_, 9).error().field("limit"), "9");
}

TEST_F(FileTest, file_that_tells_no_size_is_read_to_its_end_or_limit) {
  const auto all = read_text_file("/proc/self/status", 1 << 20);
  ASSERT_TRUE(all.ok());
  EXPECT_NE(all->find("VmPeak"), std::string::npos);
  EXPECT_EQ(read_text_file("/proc/self/status", 10).error().id, "base.file_too_large");
}

TEST_F(FileTest, folder_fifo_and_device_are_no_files) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(read_file(path_, 10).error().id, "base.file_not_regular");
  EXPECT_EQ(read_file(folder_.path(), 10).error().id, "base.file_not_regular");
  EXPECT_EQ(read_file("/dev/zero", 10).error().id, "base.file_not_regular");
}

TEST_F(FileTest, read_beyond_the_end_says_how_much_was_there) {
  ASSERT_TRUE(write_file(path_, "0123456789").ok());
  const auto file = real_file_system().open(path_).value();
  std::byte buffer[8];
  EXPECT_TRUE(file->read(2, buffer).ok());
  EXPECT_EQ(static_cast<char>(buffer[0]), '2');
  const auto read = file->read(3, buffer);
  EXPECT_EQ(read.error().id, "base.file_short");
  EXPECT_EQ(read.error().outcome, Outcome::incomplete);
  EXPECT_EQ(read.error().field("found"), "7");
}

TEST_F(FileTest, offset_that_no_file_has_reads_nothing) {
  ASSERT_TRUE(write_file(path_, "0123456789").ok());
  const auto file = real_file_system().open(path_).value();
  std::byte buffer[8];
  for (const uint64_t offset : {uint64_t{10}, uint64_t{INT64_MAX}, uint64_t{INT64_MAX} + 1, UINT64_MAX}) {
    EXPECT_EQ(*file->read_some(offset, buffer), 0u);
    EXPECT_EQ(file->read(offset, buffer).error().id, "base.file_short");
  }
}

TEST_F(FileTest, reader_sees_a_file_grow) {
  auto writer = real_file_system().create(path_, 0600).value();
  const auto reader = real_file_system().open(path_).value();
  EXPECT_EQ(*reader->size_bytes(), 0u);
  ASSERT_TRUE(writer->append("grown").ok());
  EXPECT_EQ(*reader->size_bytes(), 5u);
}

TEST_F(FileTest, offsets_beyond_four_gigabytes_are_read) {
  constexpr uint64_t far = 5'000'000'000;
  auto writer = real_file_system().create(path_, 0600).value();
  ASSERT_TRUE(writer->truncate(far).ok());  // a hole: takes no room
  ASSERT_TRUE(writer->append("end").ok());
  EXPECT_EQ(writer->size_bytes(), far + 3);
  std::byte buffer[3];
  ASSERT_TRUE(real_file_system().open(path_).value()->read(far, buffer).ok());
  EXPECT_EQ(Bytes(buffer).text(), "end");
}

TEST_F(FileTest, create_takes_no_old_file_and_append_to_goes_on) {
  ASSERT_TRUE(write_file(path_, "old").ok());
  EXPECT_EQ(real_file_system().create(path_, 0600).error().id, "base.file_exists");
  auto file = real_file_system().append_to(path_, 0600).value();
  EXPECT_EQ(file->size_bytes(), 3u);
  ASSERT_TRUE(file->append("er").ok());
  EXPECT_EQ(content(path_), "older");
}

TEST_F(FileTest, folders_are_made_with_their_parents_once) {
  const auto deep = folder_ / "a/b/c";
  ASSERT_TRUE(real_file_system().create_folders(deep, 0700).ok());
  EXPECT_TRUE(real_file_system().create_folders(deep, 0700).ok());
  EXPECT_TRUE(real_file_system().create_folders(folder_ / "a/d/", 0700).ok());
  EXPECT_TRUE(std::filesystem::is_directory(folder_ / "a/d"));
  ASSERT_TRUE(write_file(path_, "").ok());
  EXPECT_FALSE(real_file_system().create_folders(path_, 0700).ok());
  EXPECT_FALSE(real_file_system().create_folders(path_ / "below", 0700).ok());
}

TEST_F(FileTest, atomic_file_appears_only_when_committed) {
  auto file = AtomicFile::create(path_).value();
  ASSERT_TRUE(file.append("new").ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(file.temporary_path().parent_path(), path_.parent_path());
  EXPECT_TRUE(file.temporary_path().filename().string().starts_with("."));
  ASSERT_TRUE(file.commit().ok());
  EXPECT_EQ(content(path_), "new");
  EXPECT_TRUE(file.temporary_path().empty());
}

TEST_F(FileTest, abandoned_atomic_file_leaves_nothing) {
  {
    auto file = AtomicFile::create(path_).value();
    ASSERT_TRUE(file.append("new").ok());
    AtomicFile moved = std::move(file);
    moved = AtomicFile::create(folder_ / "other").value();
  }
  EXPECT_TRUE(folder_is_empty());
}

TEST_F(FileTest, kept_atomic_file_stays_under_its_temporary_name) {
  std::filesystem::path temporary;
  {
    auto file = AtomicFile::create(path_).value();
    ASSERT_TRUE(file.append("evidence").ok());
    file.keep();
    temporary = file.temporary_path();
  }
  EXPECT_EQ(content(temporary), "evidence");
}

TEST_F(FileTest, old_content_survives_a_fault_at_any_step) {
  ASSERT_TRUE(write_file(path_, "old").ok());
  for (const FileCall call : {FileCall::create, FileCall::append, FileCall::sync, FileCall::rename}) {
    faulty_.fail({.call = call, .partial_bytes = 2});
    EXPECT_EQ(write_file(path_, "new", 0600, faulty_).error().id, "base.disk_full");
    EXPECT_EQ(faulty_.calls(call), 1u);
    EXPECT_EQ(content(path_), "old");
  }
  EXPECT_EQ(std::ranges::distance(std::filesystem::directory_iterator(folder_.path())), 1);
}

TEST_F(FileTest, folder_that_cannot_be_synced_is_said_though_the_file_is_there) {
  faulty_.fail({.call = FileCall::sync_folder, .code = EIO});
  const auto written = write_file(path_, "new", 0600, faulty_);
  EXPECT_EQ(written.error().id, "base.file_failed");
  EXPECT_EQ(written.error().field("code"), "EIO");
  EXPECT_EQ(content(path_), "new");
}

TEST_F(FileTest, commit_new_leaves_an_old_file_alone) {
  ASSERT_TRUE(write_file(path_, "old").ok());
  auto file = AtomicFile::create(path_).value();
  ASSERT_TRUE(file.append("new").ok());
  EXPECT_EQ(file.commit_new().error().id, "base.file_exists");
  EXPECT_EQ(content(path_), "old");
  ASSERT_TRUE(file.commit().ok());
  EXPECT_EQ(content(path_), "new");
}

TEST_F(FileTest, name_that_is_a_folder_is_refused) {
  EXPECT_EQ(AtomicFile::create(folder_.path() / "").error().id, "base.file_nameless");
  EXPECT_EQ(AtomicFile::create(folder_ / "no/such/folder").error().id, "base.file_missing");
}

TEST_F(FileTest, failed_read_names_the_system_code) {
  ASSERT_TRUE(write_file(path_, "0123456789").ok());
  faulty_.fail({.call = FileCall::read, .code = EIO});
  EXPECT_EQ(read_file(path_, 100, faulty_).error().field("code"), "EIO");
  faulty_.heal();
  EXPECT_TRUE(read_file(path_, 100, faulty_).ok());
}

TEST_F(FileTest, fault_comes_at_its_call_and_for_good_if_told_so) {
  auto file = faulty_.create(path_, 0600).value();
  faulty_.fail({.call = FileCall::append, .at = 2, .for_good = true, .partial_bytes = 1});
  EXPECT_TRUE(file->append("abc").ok());
  EXPECT_FALSE(file->append("def").ok());
  EXPECT_EQ(file->size_bytes(), 4u);
  EXPECT_FALSE(file->append("ghi").ok());
  faulty_.fail({.call = FileCall::append, .at = 1});
  EXPECT_FALSE(file->append("jkl").ok());
  EXPECT_TRUE(file->append("mno").ok());
}

TEST_F(FileTest, lock_is_taken_once_until_let_go) {
  {
    const auto lock = lock_file(path_);
    ASSERT_TRUE(lock.ok());
    EXPECT_EQ(lock_file(path_).error().id, "base.file_locked");
    EXPECT_EQ(lock_file(path_).error().field("path"), path_.string());
  }
  EXPECT_TRUE(lock_file(path_).ok());
}

TEST_F(FileTest, lock_ends_with_the_process_that_held_it) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = lock_file(path_);
    _exit(lock.ok() ? 0 : 1);  // no destructor runs
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(lock_file(path_).ok());
}

}  // namespace
}  // namespace garita::base
