// A device whose step is a function of the test, called through the very table that a host gets.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "garita/garita.hpp"
#include "tests/sdk/fake_host.hpp"

namespace garita::test {

class Scripted : public Device, public HandlesStored, public HandlesMessages {
 public:
  explicit Scripted(const Opening& opening) : Device(opening) {
    only = this;
    if (on_open) on_open();
  }
  ~Scripted() { only = nullptr; }

  void stored(std::string_view key, uint32_t outcome) override {
    last_stored = std::string(key) + std::to_string(outcome);
  }
  std::string message(std::string_view id, std::string_view data) override {
    if (id != "org.garita.echo") fail(GARITA_NOT_SUPPORTED, "no such message");
    return std::string(data);
  }

  inline static Scripted* only = nullptr;
  inline static std::function<void()> on_open;  // may throw
  std::function<void()> step = [] { throw Stop{GARITA_TIMEOUT}; };
  std::function<void()> on_resync = [] {};
  std::string last_stored;
  Bytes in{*this, "scanner"};
  LineScan lines{*this};

  using Device::checkpoint;

 private:
  void next() override { step(); }
  void resync() override { on_resync(); }
};

inline constexpr auto scripted_models = models("A", "B");
inline constexpr auto scripted_capabilities = texts("shape.scan");
inline constexpr Facts scripted_facts{"org.garita.scripted", "1.2.3", scripted_models, scripted_capabilities};
using ScriptedTables = Trampolines<Scripted, scripted_facts>;

class ScriptedDriver : public ::testing::Test {
 protected:
  void SetUp() override { Scripted::on_open = nullptr; }
  void TearDown() override {
    if (device_.handle != 0) close();
  }

  garita_status open(std::string_view model = "") {
    const garita_open open = host.opening(model);
    device_ = {sizeof(device_), 0, 0, nullptr};
    error_ = empty_error();
    return ScriptedTables::driver_api.open(&open, &device_, &error_);
  }
  Scripted& opened() {
    EXPECT_EQ(open(), GARITA_OK) << error_.message;
    return *Scripted::only;
  }
  garita_status next() {
    event_ = {sizeof(event_), 0, nullptr};
    error_ = empty_error();
    const garita_status status = device_.api->next(device_.handle, host.soon(), &event_, &error_);
    if (status == GARITA_CANCELLED || (status == GARITA_OK && event_.kind == GARITA_EVENT_SCAN_END))
      host.take_back_all();
    return status;
  }
  garita_status cancel() { return device_.api->cancel(device_.handle); }
  garita_status close() {
    const garita_status status = device_.api->close(device_.handle, host.soon(), &error_);
    host.take_back_all();
    device_.handle = 0;
    return status;
  }
  template <typename Body>
  const Body& body() const {
    return *static_cast<const Body*>(event_.body);
  }

  // A step that plays the given ones, one a call, then times out.
  static std::function<void()> steps(std::vector<std::function<void()>> list) {
    auto rest = std::make_shared<std::deque<std::function<void()>>>(list.begin(), list.end());
    return [rest] {
      if (rest->empty()) throw Stop{GARITA_TIMEOUT};
      const auto now = rest->front();
      rest->pop_front();
      now();
    };
  }

  static ScanBegin scan(uint32_t columns, uint32_t channels) {
    View view;
    view.columns = columns;
    view.channels.assign(channels, Channel{});
    return {.key = "K1", .views = {view}};
  }

  FakeHost host;
  garita_device device_{};
  garita_event event_{};
  garita_error error_{};
};

}  // namespace garita::test
