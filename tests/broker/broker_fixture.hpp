#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/broker/broker.hpp"
#include "tests/broker/loopback.hpp"

namespace garita::broker::testing {

class BrokerTest : public ::testing::Test {
 protected:
  static constexpr uint64_t second = 1'000'000'000;
  static constexpr uint64_t now = 0;  // a deadline in the past: do not wait

  static uint64_t in(uint64_t ns) { return base::system_clock().monotonic_ns() + ns; }
  static uint64_t soon() { return in(second / 50); }
  static uint64_t patient() { return in(60 * second); }  // for what must happen: never a verdict on speed

  void use(const std::vector<std::pair<std::string, std::string>>& sources, Limits limits = {},
           Tap* tap = nullptr) {
    Broker::Sources parsed;
    for (const auto& [name, text] : sources) parsed.emplace(name, Address::parse(text).value());
    broker = Broker::create(std::move(parsed), base::system_clock(), limits, tap).value();
  }

  uint32_t open(std::string_view name) {
    uint32_t id = 0;
    const Answer answer = broker->open(name, patient(), info, id);
    EXPECT_TRUE(answer.ok()) << sentence(answer);
    return id;
  }

  Answer open_fails(std::string_view name, uint64_t deadline_ns) {
    uint32_t id = 0;
    return broker->open(name, deadline_ns, info, id);
  }

  // What one read gives, at most `capacity` bytes.
  std::string read(uint32_t id, size_t capacity = 1 << 16, uint64_t deadline_ns = 0) {
    std::string bytes(capacity, '\0');
    last = broker->read(id, std::as_writable_bytes(std::span(bytes)), deadline_ns ? deadline_ns : patient(),
                        read_info);
    bytes.resize(last.ok() ? read_info.size_bytes : 0);
    return bytes;
  }

  // Reads on until so many bytes are there, or an answer is not OK.
  std::string read_all(uint32_t id, size_t size) {
    std::string bytes;
    while (bytes.size() < size) {
      bytes += read(id, size - bytes.size());
      if (!last.ok()) break;
    }
    return bytes;
  }

  Answer write(uint32_t id, std::string_view bytes, uint64_t deadline_ns = 0) {
    return broker->write(id, std::as_bytes(std::span(bytes)), deadline_ns ? deadline_ns : patient(), written);
  }

  garita_status wait(const std::vector<uint32_t>& ids, uint64_t deadline_ns) {
    oldest.assign(ids.size(), 99);
    return broker->wait(ids, deadline_ns, ready, oldest).status;
  }

  StreamTotals totals(std::string_view name) const {
    for (StreamTotals& each : broker->totals())
      if (each.name == name) return each;
    return {};
  }

  static std::string sentence(const Answer& answer) { return base::render(answer.error, base::Language::en); }
  static base::Digest hash(std::string_view bytes) { return base::sha256(std::as_bytes(std::span(bytes))); }

  std::unique_ptr<Broker> broker;
  StreamInfo info;
  ReadInfo read_info;
  Answer last;
  uint32_t written = 0;
  uint64_t ready = 0;
  std::vector<uint64_t> oldest;
};

}  // namespace garita::broker::testing
