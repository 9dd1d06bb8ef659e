// Two sites as an operator sets them up: keys, policies and exchange.toml of both in one folder, a line
// between them, and what each of them says while it runs.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/digest.hpp"
#include "core/exchange/testing/link_proxy.hpp"
#include "core/host/exchange/exchange_run.hpp"

namespace garita::bench {

using Instant = std::chrono::steady_clock::time_point;

// When the receiver had something to show, and when the sender had its receipt.
class Heard final : public host::ExchangeObserver {
 public:
  void opened(const host::Handled& handled) override;
  void sent(const std::string&, const exchange::Entry&) override {}
  void received(const std::string&, const exchange::Receipt&) override {}
  void trouble(const std::string& where, const base::Error& error) override;

  // The moment at which so many packages were stored and in the catalog; nullopt after `most`.
  std::optional<Instant> stored(size_t count, std::chrono::seconds most);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Instant> stored_;
};

class TwoNations {
 public:
  // `signer`: of the packages of mx, which us believes.
  TwoNations(const std::filesystem::path& folder, const base::Digest& signer,
             exchange::testing::LineFaults line);
  ~TwoNations();

  exchange::testing::LinkProxy& line() { return *line_; }
  Heard& us() { return at_us_; }
  // What `garita exchange send` does. Returns the size of all that has to be carried.
  uint64_t send(const std::filesystem::path& package);
  // All that was sent has been signed for.
  bool settled(std::chrono::seconds most);

 private:
  void write_site(const std::string& own, const std::string& peer, const std::string& way,
                  const std::string& pin, const std::string& more) const;
  void start(const std::string& site, Heard& heard);

  const std::filesystem::path folder_;
  std::unique_ptr<exchange::testing::LinkProxy> line_;
  Heard at_mx_, at_us_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> running_;
};

}  // namespace garita::bench
