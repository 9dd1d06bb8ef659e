// Granted connects: a library that opens its own sockets, in a closed box, is given its stream and nothing else.
#include <iostream>
#include <thread>

#include "core/isolate/box/reach.hpp"
#include "tests/broker/loopback.hpp"
#include "tests/host/run_fixture.hpp"

namespace garita::host::testing {
namespace {

class WrappedRun : public Run {
 protected:
  void SetUp() override {
    if (isolate::choose_box({}, isolate::Box::B2)) return;
    std::cout << "SKIPPED LOUDLY: box B2 cannot be reached here\n";
    GTEST_SKIP();
  }

  base::Result<void> run(const std::string& out, const std::string& source, const std::string& elsewhere = "false",
                         const std::string& driver = "wrapped") {
    options.manifest =
        load::read_manifest(GARITA_BINARY_DIR "/lib/garita/test-drivers/" + driver + "/" + driver + ".garita.json")
            .value();
    options.sources = grant_sources(options.manifest, {{"scanner", source}}).value();
    options.configuration = grant_configuration(options.manifest, {{"elsewhere", elsewhere}}).value();
    options.out = folder / out;
    options.state = folder / "state";
    options.box = isolate::Box::B2;
    options.patience_ms = 0;
    return run_scan(options, stop, seen, summary);
  }

  // A scanner that sends a scan when it is asked to, and then hangs up.
  void serve(size_t rows, size_t columns) {
    scanner_ = std::thread([this, rows, columns] {
      broker::testing::Peer peer = loopback_.accept();
      asked_ = peer.receive(3);
      peer.send("SCAN " + std::to_string(rows) + " " + std::to_string(columns) + "\n" + std::string(rows * columns, 'x'));
    });
  }

  // A scanner with a web server, as far as it goes.
  void serve_over_http(size_t rows, size_t columns) {
    scanner_ = std::thread([this, rows, columns] {
      broker::testing::Peer peer = loopback_.accept();
      for (std::string piece = "GET"; !piece.empty() && asked_.find("\r\n\r\n") == std::string::npos; asked_ += piece)
        piece = peer.receive(1);
      const std::string body = "SCAN " + std::to_string(rows) + " " + std::to_string(columns) + "\n" +
                               std::string(rows * columns, 'x');
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    });
  }

  void TearDown() override {
    loopback_.hang_up();
    if (scanner_.joinable()) scanner_.join();
  }

  const v1::StreamUsed& stream() const { return seen.scans.back().record.provenance().streams(0); }

  broker::testing::Loopback loopback_;
  std::thread scanner_;
  std::string asked_;
};

TEST_F(WrappedRun, library_that_connects_by_itself_gets_the_stream_in_the_box) {
  serve(100, 200);
  const auto gone = run("out", loopback_.address());
  ASSERT_TRUE(gone) << base::render(gone.error(), base::Language::en);
  scanner_.join();
  EXPECT_EQ(asked_, "GO\n");
  ASSERT_EQ(summary.packages, 1u);
  EXPECT_TRUE(seen.scans[0].complete()) << seen.scans[0].record.completeness().reason();
  EXPECT_EQ(stream().sent_bytes(), 3u);
  EXPECT_GE(stream().received_bytes(), 100u * 200u);
}

TEST_F(WrappedRun, megabytes_go_through) {
  serve(4000, 2000);
  ASSERT_TRUE(run("out", loopback_.address()));
  ASSERT_EQ(summary.packages, 1u);
  EXPECT_TRUE(seen.scans[0].complete()) << seen.scans[0].record.completeness().reason();
}

TEST_F(WrappedRun, its_session_is_recorded_and_replayed) {
  serve(300, 200);
  options.record = folder / "session.rec";
  ASSERT_TRUE(run("out", loopback_.address()));
  const std::string then = stream().received_sha256();
  options.record.clear();
  summary = {};
  const auto replayed = run("again", "replay:" + (folder / "session.rec").string());
  ASSERT_TRUE(replayed) << base::render(replayed.error(), base::Language::en);
  ASSERT_EQ(summary.packages, 1u);
  EXPECT_TRUE(seen.scans.back().complete());
  EXPECT_EQ(stream().received_sha256(), then);
}

TEST_F(WrappedRun, a_second_address_is_a_breach) {
  serve(100, 200);
  const auto gone = run("out", loopback_.address(), "true");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().id, "isolate.breach");
  EXPECT_EQ(gone.error().field("target"), "198.51.100.9:443");
}

TEST_F(WrappedRun, libcurl_as_it_comes_fetches_a_scan_in_the_box) {
  serve_over_http(500, 300);
  const auto gone = run("out", loopback_.address(), "false", "fetched");
  ASSERT_TRUE(gone) << base::render(gone.error(), base::Language::en);
  ASSERT_EQ(summary.packages, 1u);
  EXPECT_TRUE(seen.scans[0].complete()) << seen.scans[0].record.completeness().reason();
  EXPECT_EQ(asked_.substr(0, 15), "GET /scan HTTP/");
  EXPECT_GE(stream().received_bytes(), 500u * 300u);
}

TEST_F(WrappedRun, what_libcurl_fetched_is_recorded_and_replayed) {
  serve_over_http(500, 300);
  options.record = folder / "session.rec";
  ASSERT_TRUE(run("out", loopback_.address(), "false", "fetched"));
  const std::string then = stream().received_sha256();
  options.record.clear();
  summary = {};
  const auto replayed = run("again", "replay:" + (folder / "session.rec").string(), "false", "fetched");
  ASSERT_TRUE(replayed) << base::render(replayed.error(), base::Language::en);
  ASSERT_EQ(summary.packages, 1u);
  EXPECT_TRUE(seen.scans.back().complete());
  EXPECT_EQ(stream().received_sha256(), then);
}

TEST_F(WrappedRun, a_second_address_of_libcurl_s_is_a_breach) {
  serve_over_http(500, 300);
  const auto gone = run("out", loopback_.address(), "true", "fetched");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().id, "isolate.breach");
  EXPECT_EQ(gone.error().field("target"), "198.51.100.9:80");
}

TEST_F(WrappedRun, device_that_is_not_there_is_a_connection_that_ends) {
  const std::string address = loopback_.address();
  loopback_.stop();
  const auto gone = run("out", address);
  EXPECT_EQ(summary.packages, 0u);
  for (const base::Error& trouble : seen.troubles) EXPECT_NE(trouble.id, "isolate.breach");
}

}  // namespace
}  // namespace garita::host::testing
