#include "core/host/site/metrics_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <thread>

namespace garita::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

// One connection: a request, its answer, and the end.
class Visit : public std::enable_shared_from_this<Visit> {
 public:
  Visit(tcp::socket socket, const MetricsServer::Content& content, const MetricsServerLimits& limits,
        uint32_t& open)
      : stream_(std::move(socket)),
        content_(content),
        limits_(limits),
        open_(open),
        buffer_(limits.header_bytes) {
    ++open_;
  }
  ~Visit() { --open_; }

  void begin() {
    parser_.header_limit(limits_.header_bytes);
    parser_.body_limit(std::uint64_t{0});
    stream_.expires_after(std::chrono::milliseconds(limits_.request_ms));
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](beast::error_code error, size_t) {
                              if (!error) self->answer();
                            });
  }

 private:
  void answer() {
    const auto& request = parser_.get();
    response_.version(11);
    response_.set(http::field::server, "garita");
    response_.set(http::field::cache_control, "no-store");
    response_.keep_alive(false);
    const bool asks = request.method() == http::verb::get || request.method() == http::verb::head;
    if (!asks) {
      response_.result(http::status::method_not_allowed);
      response_.set(http::field::allow, "GET, HEAD");
    } else if (request.target() != "/metrics") {
      response_.result(http::status::not_found);
    } else {
      response_.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
      response_.body() = content_();
    }
    response_.prepare_payload();
    if (request.method() == http::verb::head) response_.body().clear();
    stream_.expires_after(std::chrono::milliseconds(limits_.request_ms));
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code, size_t) {
      beast::error_code ignored;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  beast::tcp_stream stream_;
  const MetricsServer::Content& content_;
  const MetricsServerLimits& limits_;
  uint32_t& open_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
};

}  // namespace

struct MetricsServer::Inside {
  Inside(Content given, MetricsServerLimits bounds) : content(std::move(given)), limits(bounds) {}

  void accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return accept_later();  // no descriptor free: not at once again
      if (open < limits.connections)
        std::make_shared<Visit>(std::move(socket), content, limits, open)->begin();
      accept();
    });
  }

  void accept_later() {
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([this](beast::error_code error) {
      if (!error) accept();
    });
  }

  const Content content;
  const MetricsServerLimits limits;
  uint32_t open = 0;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer pause{io};
  std::thread thread;
};

MetricsServer::MetricsServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

MetricsServer::~MetricsServer() {
  inside_->io.stop();
  if (inside_->thread.joinable()) inside_->thread.join();
}

uint16_t MetricsServer::port() const { return inside_->acceptor.local_endpoint().port(); }

base::Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const std::string& host, uint16_t port,
                                                                  Content content,
                                                                  MetricsServerLimits limits) {
  auto inside = std::make_unique<Inside>(std::move(content), limits);
  beast::error_code error;
  const auto address = asio::ip::make_address(host, error);
  const tcp::endpoint endpoint(address, port);
  if (!error) inside->acceptor.open(endpoint.protocol(), error);
  if (!error) inside->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) inside->acceptor.bind(endpoint, error);
  if (!error) inside->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return base::Error{base::Outcome::usage,
                       "host.metrics_listen",
                       {{"address", host + ':' + std::to_string(port)}, {"reason", error.message()}}};
  inside->accept();
  inside->thread = std::thread([io = &inside->io] { io->run(); });
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(inside)));
}

}  // namespace garita::host
