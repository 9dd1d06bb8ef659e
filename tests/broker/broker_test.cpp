#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "tests/broker/broker_fixture.hpp"

namespace garita::broker::testing {
namespace {

class FileStream : public BrokerTest {
 protected:
  FileStream() {
    std::string name = (std::filesystem::temp_directory_path() / "garita-broker-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~FileStream() override { std::filesystem::remove_all(folder); }

  std::string file(std::string_view content) const {
    std::ofstream(folder / "source.bin", std::ios::binary) << content;
    return "file:" + (folder / "source.bin").string();
  }

  std::filesystem::path folder;
};

TEST_F(FileStream, delivers_the_file_and_then_end) {
  use({{"scanner", file("all of it")}});
  const uint32_t id = open("scanner");
  EXPECT_EQ(read_all(id, 100), "all of it");
  EXPECT_EQ(last.status, GARITA_END);
  EXPECT_EQ(totals("scanner").read_sha256, hash("all of it"));
}

TEST_F(FileStream, of_an_empty_file_is_end_at_once) {
  use({{"scanner", file("")}});
  const uint32_t id = open("scanner");
  EXPECT_EQ(wait({id}, patient()), GARITA_OK);
  read(id);
  EXPECT_EQ(last.status, GARITA_END);
}

TEST_F(FileStream, larger_than_the_queue_arrives_whole) {
  std::string content(10'000'001, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i % 251);
  use({{"scanner", file(content)}});
  const uint32_t id = open("scanner");
  EXPECT_TRUE(read_all(id, content.size() + 1) == content);
  EXPECT_EQ(last.status, GARITA_END);
}

TEST_F(FileStream, begins_anew_at_every_opening) {
  use({{"scanner", file("again")}});
  for (int round = 0; round < 3; ++round) {
    const uint32_t id = open("scanner");
    EXPECT_EQ(read_all(id, 5), "again");
    broker->close(id);
  }
  EXPECT_EQ(totals("scanner").openings, 3u);
  EXPECT_EQ(totals("scanner").read_sha256, hash("againagainagain"));
}

TEST_F(FileStream, of_a_missing_file_is_not_configured_and_named) {
  use({{"scanner", "file:" + (folder / "missing.bin").string()}});
  const Answer answer = open_fails("scanner", patient());
  EXPECT_EQ(answer.status, GARITA_NOT_CONFIGURED);
  EXPECT_NE(sentence(answer).find("missing.bin"), std::string::npos) << sentence(answer);
}

TEST_F(FileStream, of_a_folder_or_a_pipe_is_refused_without_waiting) {
  const auto pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  use({{"folder", "file:" + folder.string()}, {"pipe", "file:" + pipe.string()}});
  EXPECT_EQ(open_fails("folder", patient()).status, GARITA_NOT_CONFIGURED);
  EXPECT_EQ(open_fails("pipe", patient()).status, GARITA_NOT_CONFIGURED);
}

TEST_F(FileStream, cannot_be_written_to) {
  use({{"scanner", file("x")}});
  EXPECT_EQ(write(open("scanner"), "y").status, GARITA_NOT_SUPPORTED);
  EXPECT_EQ(written, 0u);
}

// ---- names, kinds, handles
// -----------------------------------------------------------------------------------------

class Grants : public FileStream {};

TEST_F(Grants, stream_that_the_site_does_not_name_is_not_configured) {
  use({});
  const Answer answer = open_fails("camera", patient());
  EXPECT_EQ(answer.status, GARITA_NOT_CONFIGURED);
  EXPECT_NE(sentence(answer).find("'camera'"), std::string::npos);
}

TEST_F(Grants, kind_that_is_unknown_is_refused_with_the_known_ones) {
  Broker::Sources sources;
  sources.emplace("scanner", Address::parse("pigeon://10.0.0.1:7").value());
  const auto made = Broker::create(std::move(sources));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().id, "broker.unknown_kind");
  EXPECT_EQ(made.error().outcome, base::Outcome::usage);
  EXPECT_NE(made.error().field("known").find("tcp://host:port"), std::string_view::npos);
  EXPECT_NE(made.error().field("known").find("dir:PATH"), std::string_view::npos);
}

TEST_F(Grants, kind_in_the_form_of_another_is_refused) {
  for (const char* text : {"tcp:/dev/null", "file://host:7"}) {
    Broker::Sources sources;
    sources.emplace("scanner", Address::parse(text).value());
    const auto made = Broker::create(std::move(sources));
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().id, "broker.wrong_form") << text;
  }
}

TEST_F(Grants, stream_that_is_open_cannot_be_opened_twice) {
  use({{"scanner", file("x")}});
  open("scanner");
  EXPECT_EQ(open_fails("scanner", patient()).status, GARITA_WRONG_STATE);
}

TEST_F(Grants, more_streams_than_the_limit_are_refused) {
  Limits limits;
  limits.open_streams = 1;
  use({{"a", file("x")}, {"b", file("x")}}, limits);
  const uint32_t a = open("a");
  EXPECT_EQ(open_fails("b", patient()).status, GARITA_HOST_LIMIT);
  broker->close(a);
  EXPECT_NE(open("b"), 0u);
}

TEST_F(Grants, handle_of_a_closed_stream_stays_stale_when_it_is_opened_again) {
  use({{"scanner", file("x")}});
  const uint32_t first = open("scanner");
  EXPECT_TRUE(broker->close(first).ok());
  EXPECT_NE(open("scanner"), first);
  EXPECT_EQ(broker->close(first).status, GARITA_STALE_HANDLE);
  EXPECT_EQ(write(first, "x").status, GARITA_STALE_HANDLE);
  read(first);
  EXPECT_EQ(last.status, GARITA_STALE_HANDLE);
}

TEST_F(Grants, read_into_nothing_is_the_callers_fault) {
  use({{"scanner", file("x")}});
  const uint32_t id = open("scanner");
  EXPECT_EQ(broker->read(id, {}, patient(), read_info).status, GARITA_INVALID_ARGUMENT);
}

TEST_F(Grants, broker_goes_away_with_streams_open_and_bytes_unread) {
  Loopback loopback;
  use({{"scanner", loopback.address()}, {"file", file(std::string(1 << 20, 'x'))}});
  open("scanner");
  open("file");
  Peer peer = loopback.accept();
  broker.reset();
  EXPECT_EQ(peer.receive(1), "");  // it closed the connection
}

// ---- Tap
// -----------------------------------------------------------------------------------------------------------

class Notes final : public Tap {
 public:
  void opened(std::string_view name, const Address&, const StreamInfo&, uint64_t) override {
    note("opened " + std::string(name));
  }
  void passed(std::string_view name, Direction direction, std::span<const std::byte> bytes, uint64_t,
              int64_t) override {
    note(std::string(name) + (direction == Direction::from_device ? " > " : " < ") +
         std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  void ended(std::string_view name, garita_status status, uint64_t) override {
    note("ended " + std::string(name) + " " + std::to_string(status));
  }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

 private:
  void note(std::string text) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(text));
  }
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

TEST_F(Grants, tap_sees_opening_bytes_both_ways_and_the_end) {
  Notes notes;
  Loopback loopback;
  use({{"scanner", loopback.address()}}, {}, &notes);
  const uint32_t id = open("scanner");
  Peer peer = loopback.accept();
  write(id, "hello");
  ASSERT_EQ(peer.receive(5), "hello");
  peer.send("scan");
  read_all(id, 4);
  peer.finish();
  read(id);
  broker->close(id);
  EXPECT_EQ(notes.all(), (std::vector<std::string>{"opened scanner", "scanner < hello", "scanner > scan",
                                                   "ended scanner 3", "ended scanner 0"}));
}

}  // namespace
}  // namespace garita::broker::testing
