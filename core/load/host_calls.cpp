#include "core/load/host_calls.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <type_traits>

#include "core/base/text.hpp"
#include "core/base/utf8.hpp"
#include "core/load/abi_text.hpp"
#include "core/load/error_text.hpp"
#include "core/load/host_table.hpp"
#include "core/load/status.hpp"

namespace garita::load {
namespace {

constexpr uint32_t max_name_bytes = 1024;          // of streams, keys, charsets, object names
constexpr uint32_t max_log_bytes = 4096;           // garita/host.h
constexpr uint32_t max_charset_bytes = 16u << 20;  // of one text_to_utf8

// What a vendor's developer reads is English.
Answer refuse(garita_status status, std::string_view id, std::initializer_list<base::Field> fields = {}) {
  return {status, base::text(base::Language::en, "load." + std::string(id), fields)};
}

Answer null_argument(const char* name) {
  return refuse(GARITA_INVALID_ARGUMENT, "host_null", {{"argument", name}});
}

Answer stale(const char* kind) { return refuse(GARITA_STALE_HANDLE, "host_stale", {{"kind", kind}}); }

bool readable(garita_text text, uint32_t limit_bytes) {
  return text.size_bytes <= limit_bytes && (text.data || text.size_bytes == 0);
}

std::string_view view(garita_text text) { return {text.data ? text.data : "", text.size_bytes}; }

// Fills as much of a sized out parameter as the driver's version of it has.
template <typename T>
bool write_sized(T* out, T value) {
  const uint32_t size = std::min<uint32_t>(out->struct_size, sizeof(T));
  if (size < sizeof(uint32_t)) return false;
  value.struct_size = size;
  std::memcpy(out, &value, size);
  return true;
}

Answer sized_wrong(const char* name) {
  return refuse(GARITA_INVALID_ARGUMENT, "host_size", {{"argument", name}});
}

}  // namespace

struct HostCalls {
  // Every call but log and now_ns: finds the device, looks whether it is its turn, keeps exceptions in.
  template <typename Body>
  static garita_status call(uint64_t host, garita_error* error, Body body) noexcept {
    Answer answer;
    try {
      const std::shared_ptr<HostTable> table = HostTable::find(host);
      if (!table)
        answer = stale("host");
      else if (table->caller_.load() != std::this_thread::get_id())
        answer = refuse(GARITA_WRONG_STATE, "host_outside_call");
      else
        answer = body(*table);
    } catch (...) {
      answer = {GARITA_HOST_FAILURE, {}};  // memory: nothing may be allocated here
    }
    if (class_of(answer.status) != StatusClass::flow) fill_error_quietly(error, answer);
    return answer.status;
  }

  static void fill_error_quietly(garita_error* error, const Answer& answer) noexcept {
    try {
      fill_error(error, answer.status, answer.message);
    } catch (...) {
    }
  }

  static garita_status stream_open(uint64_t host, garita_text name, uint64_t deadline_ns,
                                   garita_stream_info* info, uint64_t* stream, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      if (!stream) return null_argument("stream");
      *stream = 0;
      if (!readable(name, max_name_bytes)) return null_argument("name");
      if (table.streams_.size() >= table.limits_.max_streams)
        return refuse(GARITA_HOST_LIMIT, "host_limit",
                      {{"what", "streams"}, {"limit", std::to_string(table.limits_.max_streams)}});
      garita_stream_info own{};
      own.struct_size = sizeof own;
      uint32_t number = 0;
      Answer answer = table.services_.stream_open(view(name), deadline_ns, own, number);
      if (!answer.ok()) return answer;
      if (info && !write_sized(info, own)) {
        table.services_.stream_close(number);
        return sized_wrong("info");
      }
      *stream = table.streams_.add({number, own.kind});
      return answer;
    });
  }

  static garita_status stream_read(uint64_t host, uint64_t stream, void* data, uint32_t capacity_bytes,
                                   uint64_t deadline_ns, garita_read_info* info, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      const HostTable::Stream* own = table.streams_.find(stream);
      if (!own) return stale("stream");
      if (!data || capacity_bytes == 0) return null_argument("data");
      if (!info) return null_argument("info");
      ReadInfo read;
      Answer answer = table.services_.stream_read(
          own->number, {static_cast<std::byte*>(data), capacity_bytes}, deadline_ns, read);
      if (!write_sized(info, garita_read_info{sizeof(garita_read_info), read.size_bytes, read.received_ns,
                                              read.received_utc_ns, read.dropped}))
        return sized_wrong("info");
      return answer;
    });
  }

  static garita_status stream_write(uint64_t host, uint64_t stream, const void* data, uint32_t size_bytes,
                                    uint64_t deadline_ns, uint32_t* written_bytes, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      if (!written_bytes) return null_argument("written_bytes");
      *written_bytes = 0;
      const HostTable::Stream* own = table.streams_.find(stream);
      if (!own) return stale("stream");
      if (!data && size_bytes != 0) return null_argument("data");
      return table.services_.stream_write(own->number, {static_cast<const std::byte*>(data), size_bytes},
                                          deadline_ns, *written_bytes);
    });
  }

  static garita_status stream_wait(uint64_t host, const uint64_t* streams, uint32_t count,
                                   uint64_t deadline_ns, uint64_t* ready_bits, uint64_t* oldest_received_ns,
                                   garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      if (!ready_bits) return null_argument("ready_bits");
      *ready_bits = 0;
      if (!streams) return null_argument("streams");
      if (count == 0 || count > GARITA_MAX_WAIT_STREAMS)
        return refuse(GARITA_INVALID_ARGUMENT, "host_count",
                      {{"argument", "count"}, {"limit", std::to_string(GARITA_MAX_WAIT_STREAMS)}});
      std::array<uint32_t, GARITA_MAX_WAIT_STREAMS> numbers{};
      std::array<uint64_t, GARITA_MAX_WAIT_STREAMS> oldest{};
      for (uint32_t i = 0; i < count; ++i) {
        const HostTable::Stream* own = table.streams_.find(streams[i]);
        if (!own) return stale("stream");
        numbers[i] = own->number;
      }
      Answer answer = table.services_.stream_wait(std::span(numbers).first(count), deadline_ns, *ready_bits,
                                                  std::span(oldest).first(count));
      if (oldest_received_ns) std::copy_n(oldest.begin(), count, oldest_received_ns);
      return answer;
    });
  }

  static garita_status stream_close(uint64_t host, uint64_t stream, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      const std::optional<HostTable::Stream> own = table.streams_.take(stream);
      return own ? table.services_.stream_close(own->number) : stale("stream");
    });
  }

  // Gives the driver a handle of its own for an object of the services.
  static Answer give_object(HostTable& table, const ObjectInfo& own, uint64_t parent,
                            garita_object_info* info) {
    table.object_name_ = own.name;
    garita_object_info given{};
    given.siblings = own.siblings;
    given.handle = table.objects_.add({own.handle, own.size_bytes, parent});
    given.size_bytes = own.size_bytes;
    given.modified = {own.modified.utc_ns, own.modified.uncertainty_ns, own.modified.received_ns,
                      own.modified.offset_s, own.modified.source};
    given.name = text_of(table.object_name_);
    std::copy(own.sha256.begin(), own.sha256.end(), given.sha256);
    write_sized(info, given);
    return {};
  }

  // A driver that cannot be told the handle must not hold the object.
  static bool takes_object(const garita_object_info* info) {
    return info && info->struct_size >= sizeof(garita_object_info);
  }

  static Answer too_many_objects(const HostTable& table) {
    return refuse(GARITA_HOST_LIMIT, "host_limit",
                  {{"what", "inbox objects"}, {"limit", std::to_string(table.limits_.max_held_objects)}});
  }

  static garita_status object_next(uint64_t host, uint64_t stream, uint64_t deadline_ns,
                                   garita_object_info* info, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      const HostTable::Stream* own = table.streams_.find(stream);
      if (!own) return stale("stream");
      if (!takes_object(info)) return sized_wrong("info");
      if (own->kind != GARITA_STREAM_OBJECTS) return refuse(GARITA_WRONG_STATE, "host_not_objects");
      if (table.objects_.size() >= table.limits_.max_held_objects) return too_many_objects(table);
      ObjectInfo object;
      Answer answer = table.services_.object_next(own->number, deadline_ns, object);
      return answer.ok() ? give_object(table, object, 0, info) : answer;
    });
  }

  static garita_status object_sibling(uint64_t host, uint64_t object, garita_text name,
                                      garita_object_info* info, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      const HostTable::Object* own = table.objects_.find(object);
      if (!own) return stale("object");
      if (!takes_object(info)) return sized_wrong("info");
      if (!readable(name, max_name_bytes)) return null_argument("name");
      if (table.objects_.size() >= table.limits_.max_held_objects) return too_many_objects(table);
      ObjectInfo sibling;
      Answer answer = table.services_.object_sibling(own->number, view(name), sibling);
      return answer.ok() ? give_object(table, sibling, own->parent != 0 ? own->parent : object, info)
                         : answer;
    });
  }

  static garita_status object_read_at(uint64_t host, uint64_t object, uint64_t offset, void* data,
                                      uint32_t capacity_bytes, uint32_t* read_bytes, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      if (!read_bytes) return null_argument("read_bytes");
      *read_bytes = 0;
      const HostTable::Object* own = table.objects_.find(object);
      if (!own) return stale("object");
      if (!data && capacity_bytes != 0) return null_argument("data");
      if (offset > own->size_bytes)
        return refuse(GARITA_INVALID_ARGUMENT, "host_offset", {{"size", std::to_string(own->size_bytes)}});
      return table.services_.object_read_at(own->number, offset,
                                            {static_cast<std::byte*>(data), capacity_bytes}, *read_bytes);
    });
  }

  // Takes an object out of the driver's hands, and its siblings with it.
  static Answer release_object(HostTable& table, uint64_t object, HostTable::Object& released) {
    const HostTable::Object* own = table.objects_.find(object);
    if (!own) return stale("object");
    if (own->parent != 0) return refuse(GARITA_INVALID_ARGUMENT, "host_sibling");
    released = *table.objects_.take(object);
    table.objects_.remove_if([&](uint64_t, HostTable::Object& held) { return held.parent == object; });
    return {};
  }

  static garita_status object_done(uint64_t host, uint64_t object, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      HostTable::Object own;
      Answer answer = release_object(table, object, own);
      return answer.ok() ? table.services_.object_done(own.number) : answer;
    });
  }

  static garita_status object_reject(uint64_t host, uint64_t object, const garita_error* reason,
                                     garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      if (!reason || reason->struct_size < sizeof *reason) return sized_wrong("reason");
      HostTable::Object own;
      Answer answer = release_object(table, object, own);
      return answer.ok() ? table.services_.object_reject(own.number, reason->code, message_of(*reason))
                         : answer;
    });
  }

  static garita_status strip_alloc(uint64_t host, uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                                   garita_strip_memory* memories, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      if (!memories) return null_argument("memories");
      if (size_bytes == 0 || count == 0)
        return refuse(GARITA_INVALID_ARGUMENT, "host_count",
                      {{"argument", "size_bytes, count"}, {"limit", "1"}});
      if (size_bytes > table.limits_.max_strip_bytes)
        return refuse(
            GARITA_HOST_LIMIT, "host_limit",
            {{"what", "bytes of a strip"}, {"limit", std::to_string(table.limits_.max_strip_bytes)}});
      if (count > table.limits_.max_held_strips ||
          table.strips_.size() > table.limits_.max_held_strips - count)
        return refuse(GARITA_HOST_LIMIT, "host_limit",
                      {{"what", "strips held"}, {"limit", std::to_string(table.limits_.max_held_strips)}});
      std::vector<StripMemory> strips;
      Answer answer = table.services_.strip_alloc(size_bytes, count, deadline_ns, strips);
      if (!answer.ok()) return answer;
      if (strips.size() != count) return {GARITA_HOST_FAILURE, {}};
      for (uint32_t i = 0; i < count; ++i) {
        memories[i].data = strips[i].memory.get();
        memories[i].capacity_bytes = strips[i].capacity_bytes;
        memories[i].handle = table.strips_.add(std::move(strips[i]));
      }
      return answer;
    });
  }

  static garita_status strip_discard(uint64_t host, uint64_t strip, garita_error* error) {
    return call(host, error,
                [&](HostTable& table) { return table.strips_.take(strip) ? Answer() : stale("strip"); });
  }

  static uint64_t now_ns(uint64_t host) noexcept {
    try {
      const std::shared_ptr<HostTable> table = HostTable::find(host);
      if (!table) return 0;
      const std::shared_lock lock(table->open_mutex_);
      return table->open_ ? table->services_.now_ns() : 0;
    } catch (...) {
      return 0;
    }
  }

  static void log(uint64_t host, uint32_t level, garita_text text) noexcept {
    try {
      const std::shared_ptr<HostTable> table = HostTable::find(host);
      if (!table || !text.data) return;
      const std::string_view cut(text.data, std::min(text.size_bytes, max_log_bytes));
      const std::string line = base::valid_utf8(
          text.size_bytes > max_log_bytes ? base::cut_at_code_point(cut, max_log_bytes - 1) : cut);
      const std::shared_lock lock(table->open_mutex_);
      if (table->open_) table->services_.log(std::clamp(level, GARITA_LOG_DEBUG, GARITA_LOG_ERROR), line);
    } catch (...) {  // a line that cannot be kept is no reason to fail
    }
  }

  static garita_status config_get(uint64_t host, garita_text key, garita_value* value, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      if (!value) return null_argument("value");
      std::memset(value, 0, sizeof *value);
      if (!readable(key, max_name_bytes)) return null_argument("key");
      const image::Value* own = table.services_.config(view(key));
      const base::Field name{"key", std::string(view(key))};
      if (!own) return refuse(GARITA_NOT_SUPPORTED, "host_key_undeclared", {name});
      if (own->type == GARITA_VALUE_NONE) return refuse(GARITA_NOT_CONFIGURED, "host_key_unset", {name});
      *value = {own->type, 0, own->integer, own->real, text_of(own->text)};
      return {};
    });
  }

  static garita_status text_to_utf8(uint64_t host, garita_text encoding, const void* data,
                                    uint32_t size_bytes, char* out, uint32_t capacity_bytes,
                                    uint32_t* needed_bytes, garita_error* error) {
    return call(host, error, [&](HostTable& table) -> Answer {
      if (!needed_bytes) return null_argument("needed_bytes");
      *needed_bytes = 0;
      if (!readable(encoding, max_name_bytes)) return null_argument("encoding");
      if (!data && size_bytes != 0) return null_argument("data");
      if (!out && capacity_bytes != 0) return null_argument("out");
      if (size_bytes > max_charset_bytes)
        return refuse(GARITA_HOST_LIMIT, "host_limit",
                      {{"what", "bytes of a text"}, {"limit", std::to_string(max_charset_bytes)}});
      std::string text;
      Answer answer = table.services_.text_to_utf8(view(encoding),
                                                   {static_cast<const std::byte*>(data), size_bytes}, text);
      if (!answer.ok()) return answer;
      *needed_bytes = static_cast<uint32_t>(std::min<size_t>(text.size(), UINT32_MAX));
      if (text.size() > capacity_bytes)
        return refuse(GARITA_BUFFER_TOO_SMALL, "host_buffer", {{"needed", std::to_string(text.size())}});
      if (!text.empty()) std::memcpy(out, text.data(), text.size());
      return {};
    });
  }

  static garita_status extension(uint64_t host, garita_text id, const void** extension_table,
                                 garita_error* error) {
    return call(host, error, [&](HostTable&) -> Answer {
      if (!extension_table) return null_argument("table");
      *extension_table = nullptr;
      if (!readable(id, max_name_bytes)) return null_argument("id");
      return refuse(GARITA_NOT_SUPPORTED, "host_extension", {{"extension", std::string(view(id))}});
    });
  }
};

const garita_host_api& host_calls() {
  static const garita_host_api table = {sizeof(garita_host_api),   0,
                                        HostCalls::stream_open,    HostCalls::stream_read,
                                        HostCalls::stream_write,   HostCalls::stream_wait,
                                        HostCalls::stream_close,   HostCalls::object_next,
                                        HostCalls::object_sibling, HostCalls::object_read_at,
                                        HostCalls::object_done,    HostCalls::object_reject,
                                        HostCalls::strip_alloc,    HostCalls::strip_discard,
                                        HostCalls::now_ns,         HostCalls::log,
                                        HostCalls::config_get,     HostCalls::text_to_utf8,
                                        HostCalls::extension};
  return table;
}

}  // namespace garita::load
