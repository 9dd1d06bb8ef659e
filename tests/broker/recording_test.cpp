// The file of a recording: what it keeps, and what becomes of damage.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "core/base/testing/faulty_files.hpp"
#include "tests/broker/recordings.hpp"

namespace garita::broker::testing {
namespace {

class Recording : public ReplayTest {
 protected:
  // What happens in the file, in words; the error's id behind them where it is damaged.
  std::vector<std::string> story() const {
    std::vector<std::string> words;
    auto reader = RecordingReader::open(file());
    if (!reader) return {reader.error().id};
    for (;;) {
      const auto record = reader->next();
      if (!record) return words.push_back(record.error().id), words;
      if (!*record) return words;
      static const char* const names[] = {"",        "start", "stream", "opened", "from",  "to",
                                          "dropped", "ended", "object", "file",   "piece", "finish"};
      const Record& r = **record;
      std::string text = names[static_cast<int>(r.kind)];
      if (r.kind == RecordKind::from_device || r.kind == RecordKind::to_device || r.kind == RecordKind::piece)
        text += ' ' + std::string(reinterpret_cast<const char*>(r.body.data()), r.body.size());
      if (!r.name.empty()) text += ' ' + std::string(r.name);
      words.push_back(text);
    }
  }
  RecordingEnd end() const { return summarize_recording(file()).value().end; }

  void record_a_scan(RecorderLimits limits = {}) {
    Recorded session(file(), limits);
    session.opened("scanner").after(second).came("scanner", "abc").went("scanner", "go");
    session.after(second).came("scanner", "def").ended("scanner", GARITA_END);
    ASSERT_TRUE(session.finish());
  }
};

TEST_F(Recording, keeps_everything_in_order) {
  record_a_scan();
  EXPECT_EQ(story(), (std::vector<std::string>{"start", "stream scanner", "opened", "from abc", "to go", "from def",
                                               "ended", "finish"}));
  EXPECT_EQ(end(), RecordingEnd::whole);
}

TEST_F(Recording, tells_streams_addresses_and_times) {
  record_a_scan();
  const RecordingSummary summary = summarize_recording(file()).value();
  ASSERT_EQ(summary.streams.size(), 1u);
  EXPECT_EQ(summary.streams[0].address, "tcp://scanner.lane3:7001");
  EXPECT_EQ(summary.start_ns, Recorded::start_ns);
  EXPECT_EQ(summary.last_ns, Recorded::start_ns + 2 * second);
  EXPECT_EQ(summary.start_utc_ns, Recorded::utc_ns);
}

TEST_F(Recording, is_plain_zstd_behind_its_header) {
  record_a_scan();
  const std::string command = "zstd -dcq '" + file().string() + "' 2>/dev/null | grep -aq scanner.lane3";
  if (::system("command -v zstd >/dev/null") != 0) GTEST_SKIP() << "SKIPPED LOUDLY: no zstd program here";
  EXPECT_EQ(::system(command.c_str()), 0);
}

TEST_F(Recording, never_overwrites_a_file) {
  write_bytes(file(), "precious");
  EXPECT_EQ(Recorder::create(file()).error().id, "base.file_exists");
  EXPECT_EQ(bytes_of(file()), "precious");
}

TEST_F(Recording, keeps_objects_with_their_siblings) {
  Recorded session(file());
  session.opened("in", {GARITA_STREAM_OBJECTS, 0}).object("in", {{"a.dcs", "pixels"}, {"a.xml", ""}});
  ASSERT_TRUE(session.finish());
  EXPECT_EQ(story(), (std::vector<std::string>{"start", "stream in", "opened", "object", "file a.dcs", "piece pixels",
                                               "file a.xml", "finish"}));
}

TEST_F(Recording, its_digest_names_the_content_and_not_how_it_was_cut_into_frames) {
  record_a_scan();
  const base::Digest first = summarize_recording(file()).value().digest;
  std::filesystem::remove(file());
  record_a_scan({.frame_bytes = 1});
  EXPECT_EQ(summarize_recording(file()).value().digest, first);
}

// ---- Killed, too slow, damaged

TEST_F(Recording, that_was_cut_anywhere_gives_a_prefix_of_its_records) {
  record_a_scan({.frame_bytes = 1});  // a frame a record
  const auto whole = story();
  const std::string bytes = bytes_of(file());
  size_t seen = 0;
  for (size_t size = recording_header_bytes; size < bytes.size(); ++size) {
    write_bytes(file(), bytes.substr(0, size));
    const auto left = story();
    ASSERT_LE(left.size(), whole.size());
    EXPECT_TRUE(std::equal(left.begin(), left.end(), whole.begin())) << "cut at " << size;
    seen = std::max(seen, left.size());
  }
  EXPECT_EQ(seen, whole.size() - 1);
}

TEST_F(Recording, with_a_flipped_bit_is_damaged_or_the_same) {
  record_a_scan({.frame_bytes = 1});
  const auto whole = story();
  const std::string bytes = bytes_of(file());
  size_t told = 0;
  for (size_t at = recording_header_bytes; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    write_bytes(file(), flipped);
    auto left = story();
    if (!left.empty() && left.back() == "broker.recording_damaged") left.pop_back(), ++told;
    ASSERT_LE(left.size(), whole.size());
    EXPECT_TRUE(std::equal(left.begin(), left.end(), whole.begin())) << "flipped at " << at;
  }
  EXPECT_GT(told, bytes.size() / 2);
}

TEST_F(Recording, of_a_killed_process_is_readable_up_to_then) {
  const pid_t child = ::fork();
  if (child == 0) {
    Recorded session(file(), {.flush_ms = 1});
    session.opened("scanner").came("scanner", "abc");
    for (int i = 0; i < 5000; ++i) {  // until it is on the disk: only then is it killed
      std::error_code ignored;
      if (std::filesystem::file_size(file(), ignored) > recording_header_bytes + 20) ::raise(SIGKILL);
      ::usleep(2000);
    }
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_GE(story().size(), 1u);
  EXPECT_EQ(story().front(), "start");
  EXPECT_EQ(end(), RecordingEnd::none);
}

TEST_F(Recording, that_the_disk_is_too_slow_for_ends_there_and_says_so) {
  Recorded session(file(), {.queued_bytes = 100});
  session.opened("scanner").came("scanner", std::string(200, 'x')).came("scanner", "later");
  const auto finished = session.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().id, "broker.recording_overflow");
  EXPECT_EQ(end(), RecordingEnd::overflow);
  for (const std::string& word : story()) EXPECT_EQ(word.find("later"), std::string::npos);
}

TEST_F(Recording, on_a_full_disk_says_so_at_its_end_and_stays_readable) {
  base::testing::FaultyFileSystem files;
  const base::ManualClock clock(Recorded::utc_ns, start);
  auto recorder = Recorder::create(file(), clock, {.frame_bytes = 1}, files).value();
  files.fail({.call = base::testing::FileCall::append, .at = 2, .for_good = true});
  recorder->opened("scanner", Address::parse("tcp://a:1").value(), {}, start);
  recorder->ended("scanner", GARITA_END, start);
  const auto finished = recorder->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().id, "base.disk_full");
  EXPECT_EQ(story(), (std::vector<std::string>{"start", "stream scanner"}));
}

TEST_F(Recording, other_files_are_refused_by_name) {
  write_bytes(file(), "no recording, but long enough to be looked at");
  EXPECT_EQ(story(), (std::vector<std::string>{"broker.recording_other"}));
  write_bytes(file(), "");
  EXPECT_EQ(story(), (std::vector<std::string>{"broker.recording_other"}));
}

TEST_F(Recording, of_a_later_version_is_refused) {
  record_a_scan();
  std::string bytes = bytes_of(file());
  bytes[16] = 9;
  write_bytes(file(), bytes);
  EXPECT_EQ(story(), (std::vector<std::string>{"broker.recording_version"}));
}

TEST_F(Recording, tap_of_real_streams_is_kept_whole) {
  auto recorder = Recorder::create(file()).value();
  Loopback loopback;
  use({{"scanner", loopback.address()}}, {}, recorder.get());
  uint32_t id = BrokerTest::open("scanner");
  Peer peer = loopback.accept();
  write(id, "hello");
  ASSERT_EQ(peer.receive(5), "hello");
  peer.send("scan");
  ASSERT_EQ(read_all(id, 4), "scan");
  broker->close(id);
  ASSERT_TRUE(recorder->finish());
  EXPECT_EQ(story(), (std::vector<std::string>{"start", "stream scanner", "opened", "to hello", "from scan", "ended",
                                               "finish"}));
}

}  // namespace
}  // namespace garita::broker::testing
