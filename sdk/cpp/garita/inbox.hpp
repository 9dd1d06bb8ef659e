// Objects: an inbox of complete files, read through the host.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "garita/stream.hpp"

namespace garita {

// One file. A plain value: copies name the same object. It lives at the host until done() or reject().
struct Object {
  uint64_t handle = 0;
  uint64_t size_bytes = 0;
  uint32_t siblings = 0;
  Time modified = {};
  std::string name = {};
  std::vector<std::byte> sha256 = {};
};

// A stream of objects. A member of a Device.
class Inbox : public Stream {
 public:
  using Stream::Stream;

  // Waits for the next object. Unwinds with TIMEOUT; END where no more will come.
  Object next() {
    garita_object_info info = empty_info();
    device_.host().call(&garita_host_api::object_next, handle(), device_.deadline_ns(), &info);
    return to_object(info);
  }

  // A file that belongs to the object; nothing where it is not there.
  std::optional<Object> sibling(const Object& object, std::string_view name) {
    garita_object_info info = empty_info();
    garita_error error = empty_error();
    const garita_status status =
        device_.host().try_call(&garita_host_api::object_sibling, error, object.handle, text(name), &info);
    if (status == GARITA_NOT_CONFIGURED) return std::nullopt;
    if (status != GARITA_OK) throw to_stop(status, error);
    return to_object(info);
  }

  // `size` bytes at an offset. Unwinds with DATA_TRUNCATED where the object ends before.
  std::vector<std::byte> read(const Object& object, uint64_t offset, size_t size) {
    if (offset > object.size_bytes || size > object.size_bytes - offset)
      fail(GARITA_DATA_TRUNCATED, "'" + object.name + "' has " + std::to_string(object.size_bytes) +
                                      " bytes and ends before byte " + std::to_string(offset + size));
    std::vector<std::byte> out(size);
    for (size_t have = 0; have < size;) {
      uint32_t read_bytes = 0;
      const auto capacity = static_cast<uint32_t>(std::min<size_t>(size - have, 1 << 30));
      device_.host().call(&garita_host_api::object_read_at, object.handle, offset + have,
                          static_cast<void*>(out.data() + have), capacity, &read_bytes);
      if (read_bytes == 0 || read_bytes > capacity)
        fail(GARITA_HOST_FAILURE, "the host cannot read '" + object.name + "' to its end");
      have += read_bytes;
    }
    return out;
  }
  // All of it; unwinds with DATA_UNSUPPORTED where it is larger than the driver wants to hold.
  std::vector<std::byte> read_all(const Object& object, size_t limit_bytes) {
    if (object.size_bytes > limit_bytes)
      fail(GARITA_DATA_UNSUPPORTED,
           "'" + object.name + "' has more than " + std::to_string(limit_bytes) + " bytes");
    return read(object, 0, object.size_bytes);
  }

  // All scans from it are begun; their SCAN_BEGIN names its handle.
  void done(const Object& object) { device_.host().call(&garita_host_api::object_done, object.handle); }

  // Not a scan that this driver can read; the sentence is kept as the refusal's reason.
  void reject(const Object& object, const Stop& why) {
    garita_error reason = empty_error();
    fill_error(&reason, why);
    device_.host().call(&garita_host_api::object_reject, object.handle,
                        static_cast<const garita_error*>(&reason));
  }

 private:
  static garita_object_info empty_info() {
    garita_object_info info{};
    info.struct_size = sizeof(info);
    return info;
  }
  static Object to_object(const garita_object_info& info) {
    const auto hash = std::as_bytes(std::span(info.sha256));
    const garita_time& t = info.modified;
    return {info.handle,
            info.size_bytes,
            info.siblings,
            {t.utc_ns, t.uncertainty_ns, t.received_ns, t.offset_s, t.source},
            std::string(view(info.name)),
            {hash.begin(), hash.end()}};
  }
};

}  // namespace garita
