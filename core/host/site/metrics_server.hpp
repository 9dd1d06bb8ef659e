// HTTP on this machine alone: GET /metrics, and nothing else. Whoever is slow, large or many is cut off.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.hpp"

namespace garita::host {

struct MetricsServerLimits {
  uint32_t connections = 16;  // at a time; more are closed at once
  uint32_t header_bytes = 8u << 10;
  uint64_t request_ms = 5000;  // for a request to come, and for its answer to go
};

class MetricsServer {
 public:
  using Content = std::function<std::string()>;  // called on the server's thread

  // host: a loopback number; port 0: a free one. Errors: host.metrics_listen {address, reason}.
  static base::Result<std::unique_ptr<MetricsServer>> start(const std::string& host, uint16_t port,
                                                            Content content, MetricsServerLimits limits = {});
  ~MetricsServer();
  uint16_t port() const;

 private:
  struct Inside;
  explicit MetricsServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace garita::host
