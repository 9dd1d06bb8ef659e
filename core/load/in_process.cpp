#include "core/load/in_process.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "core/load/abi_text.hpp"
#include "core/load/driver_call.hpp"
#include "core/load/error_text.hpp"
#include "core/load/event_check.hpp"
#include "core/load/event_copy.hpp"
#include "core/load/host_table.hpp"
#include "core/load/status.hpp"
#include "garita/ext/message.h"
#include "garita/ext/stored.h"

namespace garita::load {
namespace {

constexpr uint32_t max_passed_over = 1024;      // events that mean nothing here, in one call of next
constexpr uint64_t closing_ns = 2'000'000'000;  // of the destructor's own close
constexpr size_t needed_device_api = offsetof(garita_device_api, extension);  // next, cancel, close

garita_status no_extension(uint64_t, garita_text, const void**, garita_error*) {
  return GARITA_NOT_SUPPORTED;
}

// The device's table as this host calls it: a slot that the driver does not have is a stub.
garita_device_api with_stubs(const garita_device_api& given) {
  garita_device_api own{};
  std::memcpy(&own, &given, std::min<size_t>(sizeof own, given.struct_size));
  if (!own.extension) own.extension = no_extension;
  return own;
}

class InProcess final : public Session {
 public:
  InProcess(std::shared_ptr<const Library> library, Services& services, std::shared_ptr<HostTable> table)
      : library_(std::move(library)),
        driver_(library_->manifest().name),
        services_(services),
        table_(std::move(table)),
        check_(driver_, library_->manifest().limits.max_scan_rows) {}

  ~InProcess() override {
    if (state_ == State::open)
      (void)close(services_.now_ns() + closing_ns);
    else
      table_->close();
  }

  base::Result<void> open(std::string_view model, std::string_view instance, uint64_t deadline_ns);

  Counts counts() const override { return counts_; }
  Next next(uint64_t deadline_ns) override;
  void cancel() override;
  base::Result<void> close(uint64_t deadline_ns) override;
  garita_status stored(std::string_view scan_key, uint32_t outcome, uint64_t deadline_ns) override;
  base::Result<std::string> message(std::string_view id, std::string_view data,
                                    uint64_t deadline_ns) override;

 private:
  enum class State : uint8_t { opening, open, closed };

  Next dead(base::Error error);
  Next event_of(const garita_event& event);
  Next failure_of(garita_status status, const garita_error& error);
  Next cancelled();
  template <typename Table>
  const Table* extension(const char* id);

  const std::shared_ptr<const Library> library_;
  const std::string driver_;
  Services& services_;
  const std::shared_ptr<HostTable> table_;
  EventCheck check_;
  Counts counts_;
  State state_ = State::opening;
  std::optional<base::Error> dead_;
  uint64_t device_ = 0;
  garita_device_api api_{};
  std::mutex
      cancel_mutex_;  // guards cancelling_ and, for cancel, that the device is open; held while cancel runs
  bool cancelling_ = false;
};

base::Result<void> InProcess::open(std::string_view model, std::string_view instance, uint64_t deadline_ns) {
  const garita_open given = {
      sizeof given,      0,          &table_->api(), table_->handle(), &table_->limits(), text_of(model),
      text_of(instance), deadline_ns};
  garita_device device{};
  device.struct_size = sizeof device;
  garita_error error = empty_error();
  garita_status status = GARITA_OK;
  {
    const HostTable::Call call(*table_);
    GARITA_TRY(call_driver(driver_, "open", [&] { status = library_->api().open(&given, &device, &error); }));
  }
  if (status != GARITA_OK) return driver_answered(driver_, "open", status, error, base::Outcome::not_loaded);
  if (!device.api)
    return fault(driver_, "open", "table_null", {{"table", "garita_device_api"}}, GARITA_DRIVER_FAULT,
                 base::Outcome::not_loaded);
  GARITA_TRY(
      check_table_size(driver_, "open", "garita_device_api", device.api->struct_size, needed_device_api));
  api_ = with_stubs(*device.api);
  for (const auto& [slot, there] :
       {std::pair("next", api_.next != nullptr), std::pair("cancel", api_.cancel != nullptr),
        std::pair("close", api_.close != nullptr)})
    if (!there)
      return fault(driver_, "open", "slot_null", {{"table", "garita_device_api"}, {"slot", slot}},
                   GARITA_DRIVER_FAULT, base::Outcome::not_loaded);
  device_ = device.handle;
  state_ = State::open;
  return {};
}

Next InProcess::next(uint64_t deadline_ns) {
  if (dead_) return {dead_->status, {}, *dead_};
  if (state_ != State::open) return dead(fault(driver_, "next", "closed", {}, GARITA_WRONG_STATE));
  for (uint32_t passed_over = 0; passed_over < max_passed_over; ++passed_over) {
    garita_event event{};
    event.struct_size = sizeof event;
    garita_error error = empty_error();
    garita_status status = GARITA_OK;
    base::Result<void> called = [&] {
      const HostTable::Call call(*table_);
      return call_driver(driver_, "next", [&] { status = api_.next(device_, deadline_ns, &event, &error); });
    }();
    if (!called) return dead(called.error());
    if (status == GARITA_CANCELLED) return cancelled();
    if (class_of(status) != StatusClass::flow) return failure_of(status, error);
    // A flow status of a newer minor version: nothing to deliver, go on.
    if (status != GARITA_OK) return {status > GARITA_WORKING ? GARITA_WORKING : status, {}, {}};
    Next next = event_of(event);
    if (next.status != GARITA_OK || next.event.index() != 0) return next;
    if (services_.now_ns() >= deadline_ns) break;
  }
  return {GARITA_WORKING, {}, {}};
}

Next InProcess::dead(base::Error error) {
  table_->take_back_strips();
  dead_ = error;
  return {error.status, {}, std::move(error)};
}

// A checked event; monostate where it means nothing here.
Next InProcess::event_of(const garita_event& event) {
  base::Result<image::Event> copied = copy_event(event, driver_, *table_, counts_);
  if (!copied) return dead(copied.error());
  if (base::Result<void> checked = check_.check(*copied, counts_); !checked) return dead(checked.error());
  if (std::holds_alternative<image::ScanEnd>(*copied)) table_->take_back_strips();
  return {GARITA_OK, std::move(*copied), {}};
}

Next InProcess::failure_of(garita_status status, const garita_error& error) {
  base::Error own = driver_answered(driver_, "next", status, error);
  switch (class_of(own.status)) {
    case StatusClass::data:
      table_->reject_objects(check_.scan_objects(), own.status, message_of(error));
      check_.data_failed();
      return {own.status, {}, std::move(own)};
    case StatusClass::device:
      return {own.status, {}, std::move(own)};
    default:
      return dead(std::move(own));
  }
}

Next InProcess::cancelled() {
  {
    const std::lock_guard lock(cancel_mutex_);
    cancelling_ = false;
    services_.lower_cancel();
  }
  table_->take_back_strips();
  return {GARITA_CANCELLED, {}, {}};
}

// The order is abi rule 11's: tell the driver, then let host calls answer CANCELLED; the other order gives
// CANCELLED twice. A next that answers CANCELLED meanwhile waits in cancelled() for the lock, and lowers
// both.
void InProcess::cancel() {
  const std::lock_guard lock(cancel_mutex_);
  if (state_ != State::open) return;
  (void)call_driver(driver_, "cancel", [&] { api_.cancel(device_); });
  cancelling_ = true;
  services_.raise_cancel();
}

base::Result<void> InProcess::close(uint64_t deadline_ns) {
  {
    const std::lock_guard lock(cancel_mutex_);
    if (state_ != State::open) return {};
    state_ = State::closed;
    if (std::exchange(cancelling_, false)) services_.lower_cancel();
  }
  garita_error error = empty_error();
  garita_status status = GARITA_OK;
  base::Result<void> called = [&] {
    const HostTable::Call call(*table_);
    return call_driver(driver_, "close", [&] { status = api_.close(device_, deadline_ns, &error); });
  }();
  table_->close();
  if (!called) return called.error();
  if (status != GARITA_OK) return driver_answered(driver_, "close", status, error);
  return {};
}

// nullptr: the driver does not have it, or not as far as revision 1 goes.
template <typename Table>
const Table* InProcess::extension(const char* id) {
  const void* given = nullptr;
  garita_error error = empty_error();
  garita_status status = GARITA_NOT_SUPPORTED;
  const HostTable::Call call(*table_);
  const base::Result<void> called = call_driver(
      driver_, "extension", [&] { status = api_.extension(device_, text_of(id), &given, &error); });
  const auto* table = static_cast<const Table*>(given);
  const bool usable = called.ok() && status == GARITA_OK && table && table->struct_size >= sizeof(Table) &&
                      table->struct_size <= max_table_bytes;
  return usable ? table : nullptr;
}

garita_status InProcess::stored(std::string_view scan_key, uint32_t outcome, uint64_t deadline_ns) {
  if (dead_ || state_ != State::open) return GARITA_WRONG_STATE;
  const auto* table = extension<garita_stored_1>(GARITA_STORED_1);
  if (!table || !table->stored) return GARITA_NOT_SUPPORTED;
  garita_error error = empty_error();
  garita_status status = GARITA_OK;
  const HostTable::Call call(*table_);
  const base::Result<void> called = call_driver(driver_, "stored", [&] {
    status = table->stored(device_, text_of(scan_key), outcome, deadline_ns, &error);
  });
  return called.ok() ? status : GARITA_DRIVER_FAULT;
}

base::Result<std::string> InProcess::message(std::string_view id, std::string_view data,
                                             uint64_t deadline_ns) {
  if (dead_) return *dead_;
  if (state_ != State::open) return fault(driver_, "message", "closed", {}, GARITA_WRONG_STATE);
  if (data.size() > GARITA_MAX_MESSAGE_BYTES)
    return fault(driver_, "message", "message_size",
                 {{"size", std::to_string(data.size())}, {"limit", std::to_string(GARITA_MAX_MESSAGE_BYTES)}},
                 GARITA_INVALID_ARGUMENT, base::Outcome::usage);
  const auto* table = extension<garita_message_1>(GARITA_MESSAGE_1);
  if (!table || !table->call)
    return fault(driver_, "message", "extension_missing", {{"extension", GARITA_MESSAGE_1}},
                 GARITA_NOT_SUPPORTED);
  std::string answer(GARITA_MAX_MESSAGE_BYTES, '\0');
  uint32_t answer_bytes = 0;
  garita_error error = empty_error();
  garita_status status = GARITA_OK;
  const HostTable::Call call(*table_);
  GARITA_TRY(call_driver(driver_, "message", [&] {
    status = table->call(device_, text_of(id), data.data(), static_cast<uint32_t>(data.size()), deadline_ns,
                         answer.data(), GARITA_MAX_MESSAGE_BYTES, &answer_bytes, &error);
  }));
  if (status != GARITA_OK) return driver_answered(driver_, "message", status, error);
  if (answer_bytes > answer.size())
    return fault(
        driver_, "message", "message_size",
        {{"size", std::to_string(answer_bytes)}, {"limit", std::to_string(GARITA_MAX_MESSAGE_BYTES)}});
  answer.resize(answer_bytes);
  return answer;
}

}  // namespace

base::Result<std::unique_ptr<Session>> open_in_process(std::shared_ptr<const Library> driver,
                                                       Services& services, std::string_view model,
                                                       std::string_view instance, uint64_t deadline_ns) {
  std::shared_ptr<HostTable> table = HostTable::create(driver->manifest().name, services);
  auto session = std::make_unique<InProcess>(std::move(driver), services, std::move(table));
  GARITA_TRY(session->open(model, instance, deadline_ns));
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace garita::load
