#include "core/load/host_table.hpp"

#include <utility>

#include "core/load/host_calls.hpp"

namespace garita::load {
namespace {

// Which table a host handle means. A driver may keep a handle for ever, so that tables are found by handle
// and never by pointer.
struct Registry {
  std::shared_mutex mutex;
  HandleTable<std::weak_ptr<HostTable>> tables;
};

Registry& registry() {
  static auto* const the_one = new Registry;  // outlives helper threads that drivers leave behind
  return *the_one;
}

}  // namespace

HostTable::HostTable(std::string driver, Services& services)
    : driver_(std::move(driver)), services_(services) {
  limits_ = services.limits();
  limits_.struct_size = sizeof limits_;
}

std::shared_ptr<HostTable> HostTable::create(std::string driver, Services& services) {
  std::shared_ptr<HostTable> table(new HostTable(std::move(driver), services));
  const std::unique_lock lock(registry().mutex);
  table->handle_ = registry().tables.add(table);
  return table;
}

HostTable::~HostTable() = default;

std::shared_ptr<HostTable> HostTable::find(uint64_t handle) {
  const std::unique_lock lock(registry().mutex);
  std::weak_ptr<HostTable>* table = registry().tables.find(handle);
  return table ? table->lock() : nullptr;
}

const garita_host_api& HostTable::api() const { return host_calls(); }

HostTable::Call::Call(HostTable& table) : table_(table) { table_.caller_ = std::this_thread::get_id(); }
HostTable::Call::~Call() { table_.caller_ = std::thread::id(); }

void HostTable::take_back_strips() { strips_.clear(); }

void HostTable::reject_objects(const std::vector<uint64_t>& objects, uint32_t code,
                               std::string_view message) {
  for (uint64_t number : objects) {
    uint64_t handle = 0;
    objects_.remove_if([&](uint64_t held, Object& object) {
      if (object.number != number || object.parent != 0) return false;
      handle = held;
      return true;
    });
    if (handle == 0) continue;
    objects_.remove_if([&](uint64_t, Object& object) { return object.parent == handle; });
    services_.object_reject(number, code, message);
  }
}

void HostTable::close() {
  {
    const std::unique_lock lock(registry().mutex);
    registry().tables.take(handle_);
  }
  const std::unique_lock lock(open_mutex_);  // log and now_ns of other threads are through
  if (!open_) return;
  open_ = false;
  strips_.clear();
  objects_.clear();
  streams_.remove_if([&](uint64_t, Stream& stream) { return services_.stream_close(stream.number), true; });
}

Handles::Fate HostTable::take_strip(uint64_t handle, StripMemory& out) {
  if (std::optional<StripMemory> strip = strips_.take(handle, true)) {
    out = *std::move(strip);
    return Fate::held;
  }
  if (!strips_.was_given(handle)) return Fate::unknown;
  return strips_.was_marked(handle) ? Fate::delivered : Fate::given_back;
}

std::optional<uint64_t> HostTable::object(uint64_t handle) {
  const Object* object = objects_.find(handle);
  return object ? std::optional(object->number) : std::nullopt;
}

}  // namespace garita::load
