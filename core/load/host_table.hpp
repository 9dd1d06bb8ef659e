// garita_host_api over Services: what a driver calls. Every pointer, handle, count and size of the driver is
// checked here, and every call but now_ns and log answers WRONG_STATE outside a driver call or on another
// thread.
//
// Handles are slot number and generation, so that an old one is told from a wrong one: STALE_HANDLE.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/load/event_copy.hpp"
#include "core/load/handles.hpp"
#include "core/load/services.hpp"
#include "garita/host.h"

namespace garita::load {

// The services of one open device. Lives until its session and the last call of a driver's helper thread are
// done with it. Thread: that of the driver's calls, but log and now_ns.
class HostTable final : public Handles, public std::enable_shared_from_this<HostTable> {
 public:
  static std::shared_ptr<HostTable> create(std::string driver, Services& services);
  static std::shared_ptr<HostTable> find(uint64_t handle);  // nullptr: stale, or never given. Any thread
  ~HostTable() override;

  const garita_host_api& api() const;
  uint64_t handle() const { return handle_; }
  const garita_limits& limits() const { return limits_; }

  // Marks a driver call: host functions work inside it, on its thread.
  class Call {
   public:
    explicit Call(HostTable& table);
    ~Call();
    Call(const Call&) = delete;

   private:
    HostTable& table_;
  };

  void take_back_strips();  // all that were not delivered
  // Rejects the objects among `objects` (the services' handles) that the driver still holds.
  void reject_objects(const std::vector<uint64_t>& objects, uint32_t code, std::string_view message);
  void close();  // takes everything back; from now on every call of the driver is refused

  // Handles
  Fate take_strip(uint64_t handle, StripMemory& out) override;
  std::optional<uint64_t> object(uint64_t handle) override;

 private:
  friend struct HostCalls;
  struct Stream {
    uint32_t number = 0;
    uint32_t kind = 0;
  };
  struct Object {
    uint64_t number = 0;
    uint64_t size_bytes = 0;
    uint64_t parent = 0;  // handle of the object that it is a sibling of, or 0
  };

  HostTable(std::string driver, Services& services);

  const std::string driver_;
  Services& services_;
  garita_limits limits_{};
  uint64_t handle_ = 0;
  std::atomic<std::thread::id> caller_{};
  mutable std::shared_mutex open_mutex_;  // held shared by log and now_ns, which come from any thread
  bool open_ = true;
  HandleTable<Stream> streams_;
  HandleTable<Object> objects_;
  HandleTable<StripMemory> strips_;
  std::string object_name_;  // of the last object_next or object_sibling
};

}  // namespace garita::load
