// One line makes a driver of a Device class:
//
//   GARITA_DRIVER(Portal, "org.garita.portal", "1.0.0", garita::models("P-600", "P-900"),
//                 "shape.scan", "fidelity.raw", "channels.dual")
//
// Class with a constructor from `const garita::Opening&`, id, version, models, then the capabilities: the
// same as in the manifest. It makes the entry and every trampoline; nothing else is exported.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "garita/device.hpp"
#include "garita/driver.h"
#include "garita/extensions.hpp"

namespace garita {

template <typename... Texts>
constexpr std::array<garita_text, sizeof...(Texts)> texts(Texts... words) {
  return {text(words)...};
}
template <typename... Texts>
constexpr auto models(Texts... words) {
  return texts(words...);
}

// The open devices of one driver by handle: low half the slot, high half its generation, so that a handle is
// never used twice. A driver is never unloaded, so the table is never destroyed.
template <typename Driver>
class DeviceTable {
 public:
  static DeviceTable& only() {
    static auto* const table = new DeviceTable;
    return *table;
  }

  uint64_t add(std::shared_ptr<Driver> device) {
    const std::lock_guard lock(mutex_);
    auto slot = std::find_if(slots_.begin(), slots_.end(), [](const Slot& s) { return s.device == nullptr; });
    if (slot == slots_.end()) slot = slots_.insert(slots_.end(), Slot{});
    slot->device = std::move(device);
    ++slot->generation;
    return uint64_t{slot->generation} << 32 | static_cast<uint64_t>(slot - slots_.begin() + 1);
  }

  // nullptr: stale.
  std::shared_ptr<Driver> find(uint64_t handle) {
    const std::lock_guard lock(mutex_);
    Slot* slot = slot_of(handle);
    return slot == nullptr ? nullptr : slot->device;
  }

  std::shared_ptr<Driver> remove(uint64_t handle) {
    const std::lock_guard lock(mutex_);
    Slot* slot = slot_of(handle);
    return slot == nullptr ? nullptr : std::exchange(slot->device, nullptr);
  }

 private:
  struct Slot {
    std::shared_ptr<Driver> device;
    uint32_t generation = 0;
  };
  Slot* slot_of(uint64_t handle) {
    const uint64_t number = handle & 0xFFFFFFFFu;
    if (number == 0 || number > slots_.size()) return nullptr;
    Slot& slot = slots_[number - 1];
    return slot.generation == handle >> 32 ? &slot : nullptr;
  }

  std::mutex mutex_;
  std::vector<Slot> slots_;
};

inline void check_open(const garita_open* open) {
  if (open == nullptr || open->struct_size < sizeof(garita_open) || open->host == nullptr ||
      open->limits == nullptr)
    fail(GARITA_INVALID_ARGUMENT, "open was called without the host's services");
}

// What GARITA_DRIVER was told.
struct Facts {
  std::string_view id;
  std::string_view version;
  std::span<const garita_text> models;
  std::span<const garita_text> capabilities;
};

inline garita_array array(std::span<const garita_text> words) {
  return {words.data(), static_cast<uint32_t>(words.size()), sizeof(garita_text)};
}

// Every function that the host calls, each once. Driver derives from Device.
template <typename Driver, const Facts& facts>
struct Trampolines {
  static constexpr bool handles_stored = std::is_base_of_v<HandlesStored, Driver>;
  static constexpr bool handles_messages = std::is_base_of_v<HandlesMessages, Driver>;

  static std::shared_ptr<Driver> device_of(uint64_t handle) {
    if (auto device = DeviceTable<Driver>::only().find(handle)) return device;
    fail(GARITA_STALE_HANDLE, "this device was closed");
  }

  static garita_status GARITA_CALL open(const garita_open* open, garita_device* device, garita_error* error) {
    return guarded(error, [&] {
      check_open(open);
      check_model(view(open->model));
      if (device == nullptr || device->struct_size < sizeof(garita_device))
        fail(GARITA_INVALID_ARGUMENT, "open was called without a place for the device");
      device->handle = DeviceTable<Driver>::only().add(std::make_shared<Driver>(Opening{*open}));
      device->api = &device_api;
      return GARITA_OK;
    });
  }

  static garita_status GARITA_CALL next(uint64_t handle, uint64_t deadline_ns, garita_event* event,
                                        garita_error* error) {
    return guarded(error, [&] {
      const std::shared_ptr<Driver> device = device_of(handle);
      if (event == nullptr || event->struct_size < sizeof(garita_event))
        fail(GARITA_INVALID_ARGUMENT, "next was called without a place for the event");
      return base(*device).call_next(deadline_ns, *event);
    });
  }

  static garita_status GARITA_CALL cancel(uint64_t handle) {
    return guarded(nullptr, [&] {
      base(*device_of(handle)).cancel();
      return GARITA_OK;
    });
  }

  static garita_status GARITA_CALL close(uint64_t handle, uint64_t deadline_ns, garita_error* error) {
    return guarded(error, [&] {
      const std::shared_ptr<Driver> device = DeviceTable<Driver>::only().remove(handle);
      if (device == nullptr) fail(GARITA_STALE_HANDLE, "this device was closed");
      return base(*device).close_until(deadline_ns, error);
    });
  }

  static garita_status GARITA_CALL stored(uint64_t handle, garita_text scan_key, uint32_t outcome,
                                          uint64_t deadline_ns, garita_error* error) {
    return guarded(error, [&] {
      const auto device = device_of(handle);
      base(*device).set_deadline(deadline_ns);
      static_cast<HandlesStored&>(*device).stored(view(scan_key), outcome);
      return GARITA_OK;
    });
  }

  static garita_status GARITA_CALL message(uint64_t handle, garita_text id, const void* data,
                                           uint32_t size_bytes, uint64_t deadline_ns, void* out,
                                           uint32_t capacity_bytes, uint32_t* out_bytes,
                                           garita_error* error) {
    return guarded(error, [&] {
      const auto device = device_of(handle);
      base(*device).set_deadline(deadline_ns);
      const std::string_view question(data == nullptr ? "" : static_cast<const char*>(data), size_bytes);
      const std::string answer = static_cast<HandlesMessages&>(*device).message(view(id), question);
      if (out == nullptr || out_bytes == nullptr || answer.size() > capacity_bytes)
        fail(GARITA_BUFFER_TOO_SMALL,
             "the answer of " + std::to_string(answer.size()) + " bytes has no room");
      std::memcpy(out, answer.data(), answer.size());
      *out_bytes = static_cast<uint32_t>(answer.size());
      return GARITA_OK;
    });
  }

  static garita_status GARITA_CALL extension(uint64_t, garita_text id, const void** table,
                                             garita_error* error) {
    return guarded(error, [&]() -> garita_status {
      if (table == nullptr)
        fail(GARITA_INVALID_ARGUMENT, "extension was called without a place for the table");
      if constexpr (handles_stored)
        if (view(id) == GARITA_STORED_1) return *table = &stored_table, GARITA_OK;
      if constexpr (handles_messages)
        if (view(id) == GARITA_MESSAGE_1) return *table = &message_table, GARITA_OK;
      fail(GARITA_NOT_SUPPORTED, "this driver does not offer " + std::string(view(id)));
    });
  }

  static garita_status GARITA_CALL describe(garita_description* description, garita_error* error) {
    return guarded(error, [&] {
      if (description == nullptr || description->struct_size < sizeof(garita_description))
        fail(GARITA_INVALID_ARGUMENT, "describe was called without a place for the description");
      description->id = text(facts.id);
      description->version = text(facts.version);
      description->models = array(facts.models);
      description->capabilities = array(facts.capabilities);
      description->extensions = array(std::span<const garita_text>(extensions));
      return GARITA_OK;
    });
  }

  static constexpr garita_driver_api driver_api = {sizeof(garita_driver_api), 0, describe, open};

 private:
  static Device& base(Driver& driver) { return driver; }

  static void check_model(std::string_view model) {
    for (const garita_text& known : facts.models)
      if (model.empty() || view(known) == model) return;
    fail(GARITA_UNKNOWN_MODEL, "this driver does not know model '" + std::string(model) + "'");
  }

  static constexpr auto offered() {
    if constexpr (handles_stored && handles_messages)
      return texts(GARITA_STORED_1, GARITA_MESSAGE_1);
    else if constexpr (handles_stored)
      return texts(GARITA_STORED_1);
    else if constexpr (handles_messages)
      return texts(GARITA_MESSAGE_1);
    else
      return texts();
  }
  static constexpr auto extensions = offered();

  static constexpr garita_device_api device_api = {
      sizeof(garita_device_api), 0, next, cancel, close, extension};
  static constexpr garita_stored_1 stored_table = {sizeof(garita_stored_1), 0, stored};
  static constexpr garita_message_1 message_table = {sizeof(garita_message_1), 0, message};
};

// The highest version that both sides have.
inline uint32_t common_version(const garita_negotiation& host) {
  const uint32_t highest = std::min(host.abi_max, uint32_t{GARITA_ABI_LATEST});
  if (highest >= std::max(host.abi_min, uint32_t{GARITA_ABI_MIN})) return highest;
  const auto name = [](uint32_t abi) {
    return std::to_string(abi >> 16) + "." + std::to_string(abi & 0xFFFF);
  };
  fail(GARITA_VERSION_MISMATCH, "the driver speaks ABI " + name(GARITA_ABI_MIN) + " to " +
                                    name(GARITA_ABI_LATEST) + ", the host " + name(host.abi_min) + " to " +
                                    name(host.abi_max));
}

template <typename Tables>
garita_status negotiate(const garita_negotiation* negotiation, garita_answer* answer, garita_error* error) {
  return guarded(error, [&] {
    if (negotiation == nullptr || negotiation->struct_size < offsetof(garita_negotiation, reserved) ||
        answer == nullptr || answer->struct_size < sizeof(garita_answer))
      fail(GARITA_INVALID_ARGUMENT,
           "garita_driver_entry was called without a range or a place for the answer");
    answer->abi = common_version(*negotiation);
    answer->api = &Tables::driver_api;
    return GARITA_OK;
  });
}

}  // namespace garita

// clang-format off
#define GARITA_DRIVER(Class, id, version, models, ...)                                                              \
  namespace {                                                                                                       \
  constexpr auto garita_models = models;                                                                            \
  constexpr auto garita_capabilities = ::garita::texts(__VA_ARGS__);                                                \
  constexpr ::garita::Facts garita_facts{id, version, garita_models, garita_capabilities};                          \
  }                                                                                                                 \
  extern "C" GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(                                           \
      const garita_negotiation* negotiation, garita_answer* answer, garita_error* error) {                          \
    return ::garita::negotiate<::garita::Trampolines<Class, garita_facts>>(negotiation, answer, error);             \
  }
// clang-format on
