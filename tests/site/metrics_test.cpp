// /metrics: the numbers that Prometheus reads, and a server that nobody can hold up.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "core/host/site/metrics.hpp"
#include "core/host/site/metrics_server.hpp"

namespace garita::host {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

TEST(MetricsText, has_a_line_for_each_number_of_each_device) {
  SiteStatus status;
  status.devices.push_back({.lane = "north",
                            .device = "portal",
                            .driver = "portal",
                            .version = "1.0.0",
                            .state = DeviceState::running,
                            .scans = 7,
                            .incomplete = 2,
                            .suspects = 1,
                            .last_scan_utc_ns = 5'000'000'000});
  const std::string text = metrics_text(status, 8'000'000'000);
  EXPECT_NE(text.find("garita_scans_total{lane=\"north\",device=\"portal\",driver=\"portal\"} 7\n"),
            text.npos)
      << text;
  EXPECT_NE(
      text.find("garita_scans_incomplete_total{lane=\"north\",device=\"portal\",driver=\"portal\"} 2\n"),
      text.npos);
  EXPECT_NE(text.find("garita_scans_suspect_total{lane=\"north\",device=\"portal\",driver=\"portal\"} 1\n"),
            text.npos);
  EXPECT_NE(text.find("garita_last_scan_age_seconds{lane=\"north\",device=\"portal\",driver=\"portal\"} 3\n"),
            text.npos);
  EXPECT_NE(text.find("state=\"running\"} 1\n"), text.npos);
  EXPECT_NE(text.find("state=\"failed\"} 0\n"), text.npos);
  EXPECT_NE(text.find("# TYPE garita_scans_total counter\n"), text.npos);
}

TEST(MetricsText, of_a_device_without_a_scan_gives_no_age) {
  SiteStatus status;
  status.devices.push_back({.lane = "a", .device = "b", .driver = "c"});
  EXPECT_NE(
      metrics_text(status, 1).find("garita_last_scan_age_seconds{lane=\"a\",device=\"b\",driver=\"c\"} -1\n"),
      std::string::npos);
}

class Server : public ::testing::Test {
 protected:
  void start(MetricsServerLimits limits = {}) {
    auto started = MetricsServer::start(
        "127.0.0.1", 0, [] { return std::string("garita_up 1\n"); }, limits);
    ASSERT_TRUE(started.ok());
    server_ = std::move(*started);
  }

  tcp::socket connect() {
    tcp::socket socket(io_);
    socket.connect({asio::ip::make_address("127.0.0.1"), server_->port()});
    return socket;
  }

  // All that comes until the server closes.
  static std::string answer(tcp::socket& socket) {
    std::string text;
    boost::system::error_code error;
    asio::read(socket, asio::dynamic_buffer(text, 1u << 20), error);
    return text;
  }

  std::string ask(const std::string& request) {
    tcp::socket socket = connect();
    boost::system::error_code error;
    asio::write(socket, asio::buffer(request), error);
    return answer(socket);
  }

  asio::io_context io_;
  std::unique_ptr<MetricsServer> server_;
};

TEST_F(Server, gives_metrics_and_nothing_else) {
  start();
  const std::string good = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(good.starts_with("HTTP/1.1 200")) << good;
  EXPECT_TRUE(good.ends_with("\r\n\r\ngarita_up 1\n")) << good;
  EXPECT_TRUE(ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("\r\n\r\n"));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(
      ask("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").starts_with("HTTP/1.1 405"));
}

TEST_F(Server, cuts_off_what_is_no_request_or_too_large_a_one) {
  start({.request_ms = 60'000});
  EXPECT_EQ(ask("\x16\x03\x01 hello\r\n\r\n").find("200"), std::string::npos);
  EXPECT_EQ(ask("GET /metrics HTTP/1.1\r\nX: " + std::string(100'000, 'a')).find("200"), std::string::npos);
  EXPECT_TRUE(ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_F(Server, does_not_wait_for_who_says_nothing) {
  start({.request_ms = 50});
  tcp::socket silent = connect();
  EXPECT_EQ(answer(silent), "");
}

TEST_F(Server, closes_connections_beyond_its_limit_at_once_and_serves_again_when_they_are_gone) {
  start({.connections = 2, .request_ms = 60'000});
  {
    tcp::socket one = connect(), two = connect();
    tcp::socket three = connect();
    EXPECT_EQ(answer(three), "");
  }
  std::string after;
  for (int i = 0; i < 100 && after.empty(); ++i) after = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(after.starts_with("HTTP/1.1 200"));
}

TEST_F(Server, that_cannot_listen_says_so) {
  start();
  const auto second = MetricsServer::start("127.0.0.1", server_->port(), [] { return std::string(); });
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().id, "host.metrics_listen");
}

}  // namespace
}  // namespace garita::host
