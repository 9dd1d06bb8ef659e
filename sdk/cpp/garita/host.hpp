// The host's services as the driver sees them: checked calls, configuration, log, clock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "garita/device.h"
#include "garita/error.hpp"
#include "garita/ext/message.h"

namespace garita {

// Thread: all of it inside a driver call and on its thread, but now_ns and log, which any thread may use.
class Host {
 public:
  // open must have passed check_open() of driver.hpp.
  explicit Host(const garita_open& open)
      : api_(open.host), handle_(open.host_handle), instance_(view(open.instance)), model_(view(open.model)) {
    if (open.limits != nullptr)
      std::memcpy(&limits_, open.limits, std::min<size_t>(open.limits->struct_size, sizeof(limits_)));
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const garita_limits& limits() const { return limits_; }
  const std::string& instance() const { return instance_; }  // the site's name for this instrument
  const std::string& model() const { return model_; }        // empty: find out

  uint64_t now_ns() const { return has(&garita_host_api::now_ns) ? api_->now_ns(handle_) : 0; }

  void log(uint32_t level, std::string_view line) const {
    if (has(&garita_host_api::log)) api_->log(handle_, level, text(line));
  }

  // The value of a declared configuration key. T: std::string, int64_t, double, bool.
  // Unwinds with NOT_CONFIGURED where neither site nor manifest give one, INVALID_ARGUMENT where it has
  // another type.
  template <typename T>
  T config(std::string_view key) const {
    if (auto value = config_if<T>(key)) return *std::move(value);
    fail(GARITA_NOT_CONFIGURED,
         "configuration key '" + std::string(key) + "' has no value: set it for this device");
  }
  // The same; nothing where there is no value.
  template <typename T>
  std::optional<T> config_if(std::string_view key) const;

  // Text of an IANA charset as UTF-8. Unwinds with NOT_SUPPORTED or DATA_CORRUPT.
  std::string to_utf8(std::string_view charset, std::span<const std::byte> bytes) const;

  // Sends a message of this vendor's to the host (garita.message/1). Unwinds with NOT_SUPPORTED where it has
  // none.
  std::string message(std::string_view id, std::string_view data, uint64_t deadline_ns) const;

  // Calls a slot; the error parameter is added. Unwinds with whatever is not OK.
  template <typename Slot, typename... Arguments>
  void call(Slot garita_host_api::*slot, Arguments... arguments) const {
    garita_error error = empty_error();
    if (const garita_status status = try_call(slot, error, arguments...); status != GARITA_OK)
      throw to_stop(status, error);
  }
  // The same; answers the status.
  template <typename Slot, typename... Arguments>
  garita_status try_call(Slot garita_host_api::*slot, garita_error& error, Arguments... arguments) const {
    if (has(slot)) return (api_->*slot)(handle_, arguments..., &error);
    return fill_error(&error,
                      {GARITA_NOT_SUPPORTED, "this host is too old for a service that the driver needs"});
  }

  // The device is closed: from now on no call goes out, from whatever thread the last owner of something may
  // be.
  void closed() { api_ = &no_services; }

  // Counts the moments at which the host took back all strips; what was held before has no owner any more.
  uint32_t strip_epoch() const { return strip_epoch_; }
  void strips_taken_back() { ++strip_epoch_; }

 private:
  template <typename Slot>
  bool has(Slot garita_host_api::*slot) const {
    const auto end = reinterpret_cast<const char*>(&(api_->*slot)) - reinterpret_cast<const char*>(api_) +
                     static_cast<ptrdiff_t>(sizeof(Slot));
    return end <= static_cast<ptrdiff_t>(api_->struct_size) && api_->*slot != nullptr;
  }

  static constexpr garita_host_api none() {
    garita_host_api api{};
    api.struct_size = offsetof(garita_host_api, stream_open);
    return api;
  }
  inline static const garita_host_api no_services = none();

  const garita_host_api* api_;
  uint64_t handle_;
  garita_limits limits_{};
  std::string instance_, model_;
  uint32_t strip_epoch_ = 0;
};

template <typename T>
std::optional<T> Host::config_if(std::string_view key) const {
  garita_value value{};
  garita_error error = empty_error();
  const garita_status status = try_call(&garita_host_api::config_get, error, text(key), &value);
  if (status == GARITA_NOT_CONFIGURED) return std::nullopt;
  if (status != GARITA_OK) throw to_stop(status, error);
  if constexpr (std::is_same_v<T, std::string>) {
    if (value.type == GARITA_VALUE_TEXT || value.type == GARITA_VALUE_BYTES) return T(view(value.text));
  } else if constexpr (std::is_same_v<T, bool>) {
    if (value.type == GARITA_VALUE_BOOL) return value.integer != 0;
  } else if constexpr (std::is_same_v<T, double>) {
    if (value.type == GARITA_VALUE_F64) return value.real;
    if (value.type == GARITA_VALUE_I64) return static_cast<double>(value.integer);
  } else {
    static_assert(std::is_same_v<T, int64_t>, "config: std::string, int64_t, double or bool");
    if (value.type == GARITA_VALUE_I64 || value.type == GARITA_VALUE_TIME) return value.integer;
  }
  fail(GARITA_INVALID_ARGUMENT,
       "configuration key '" + std::string(key) + "' has another type than the driver reads");
}

inline std::string Host::to_utf8(std::string_view charset, std::span<const std::byte> bytes) const {
  std::string out(bytes.size() * 2 + 16, '\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    uint32_t needed = 0;
    garita_error error = empty_error();
    const garita_status status =
        try_call(&garita_host_api::text_to_utf8, error, text(charset), static_cast<const void*>(bytes.data()),
                 static_cast<uint32_t>(bytes.size()), out.data(), static_cast<uint32_t>(out.size()), &needed);
    if (status != GARITA_OK && status != GARITA_BUFFER_TOO_SMALL) throw to_stop(status, error);
    const bool fits = status == GARITA_OK && needed <= out.size();
    out.resize(needed);
    if (fits) return out;
  }
  fail(GARITA_HOST_FAILURE, "the host's text_to_utf8 changed its mind about a text's size");
}

inline std::string Host::message(std::string_view id, std::string_view data, uint64_t deadline_ns) const {
  const void* found = nullptr;
  call(&garita_host_api::extension, text(GARITA_MESSAGE_1), &found);
  const auto* table = static_cast<const garita_message_1*>(found);
  std::string answer(GARITA_MAX_MESSAGE_BYTES, '\0');
  uint32_t answer_bytes = 0;
  garita_error error = empty_error();
  const garita_status status =
      table->call(handle_, text(id), data.data(), static_cast<uint32_t>(data.size()), deadline_ns,
                  answer.data(), static_cast<uint32_t>(answer.size()), &answer_bytes, &error);
  if (status != GARITA_OK) throw to_stop(status, error);
  answer.resize(std::min<size_t>(answer_bytes, answer.size()));
  return answer;
}

}  // namespace garita
