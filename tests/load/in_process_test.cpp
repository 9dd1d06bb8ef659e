// A session on a driver that is part of this test: cancel, stubs, extensions, the end of a session.
#include "core/load/in_process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/load/testing/memory_services.hpp"
#include "garita/garita.h"

namespace garita::load {
namespace {

constexpr uint64_t far = UINT64_MAX / 4;

// ---- the driver: reads its stream, answers as the test says ----

struct Driver {
  const garita_host_api* host = nullptr;
  uint64_t host_handle = 0;
  uint64_t stream = 0;
  garita_status next_status = GARITA_OK;  // instead of reading, where not OK
  bool leave_strip = false;
  std::atomic<bool> cancelled{false};
  std::atomic<bool> in_next{false};
  int next_calls = 0, close_calls = 0;
  std::string stored_key;
  uint32_t answer_bytes = 2;
} driver;

garita_text text(std::string_view words) { return {words.data(), static_cast<uint32_t>(words.size()), 0}; }

garita_status driver_next(uint64_t, uint64_t deadline_ns, garita_event* event, garita_error* error) {
  static garita_health health;
  ++driver.next_calls;
  if (driver.next_status != GARITA_OK) return driver.next_status;
  if (driver.leave_strip) {
    garita_strip_memory memory;
    driver.host->strip_alloc(driver.host_handle, 64, 1, deadline_ns, &memory, error);
  }
  char byte;
  garita_read_info info{};
  info.struct_size = sizeof info;
  driver.in_next = true;
  const garita_status status =
      driver.host->stream_read(driver.host_handle, driver.stream, &byte, 1, deadline_ns, &info, error);
  driver.in_next = false;
  if (driver.cancelled.exchange(false)) return GARITA_CANCELLED;
  if (status != GARITA_OK) return status;
  health = {sizeof health, GARITA_HEALTH_READY, text("fine"), {}, static_cast<unsigned char>(byte), 0};
  event->kind = GARITA_EVENT_HEALTH;
  event->body = &health;
  return GARITA_OK;
}

garita_status driver_cancel(uint64_t) {
  driver.cancelled = true;
  driver.host->log(driver.host_handle, GARITA_LOG_INFO, text("cancelled"));
  return GARITA_OK;
}

garita_status driver_close(uint64_t, uint64_t, garita_error*) { return ++driver.close_calls, GARITA_OK; }

garita_status driver_stored(uint64_t, garita_text key, uint32_t, uint64_t, garita_error*) {
  driver.stored_key.assign(key.data, key.size_bytes);
  return GARITA_OK;
}

garita_status driver_message(uint64_t, garita_text, const void* data, uint32_t, uint64_t, void* out, uint32_t,
                             uint32_t* out_bytes, garita_error*) {
  std::memcpy(out, data, 2);
  *out_bytes = driver.answer_bytes;
  return GARITA_OK;
}

const garita_stored_1 stored_table = {sizeof stored_table, 0, driver_stored};
const garita_message_1 message_table = {sizeof message_table, 0, driver_message};

garita_status driver_extension(uint64_t, garita_text id, const void** table, garita_error*) {
  const std::string_view name(id.data, id.size_bytes);
  *table = name == GARITA_STORED_1 ? static_cast<const void*>(&stored_table) : &message_table;
  return GARITA_OK;
}

garita_device_api device_table;

garita_status driver_open(const garita_open* open, garita_device* device, garita_error* error) {
  driver.host = open->host;
  driver.host_handle = open->host_handle;
  device->handle = 1;
  device->api = &device_table;
  return driver.host->stream_open(driver.host_handle, text("scanner"), open->deadline_ns, nullptr,
                                  &driver.stream, error);
}

garita_status driver_describe(garita_description* own, garita_error*) {
  static const garita_text models[] = {text("M1")};
  own->id = text("org.garita.test");
  own->version = text("1.0.0");
  own->models = {models, 1, sizeof models[0]};
  return GARITA_OK;
}

const garita_driver_api driver_table = {sizeof driver_table, 0, driver_describe, driver_open};

garita_status driver_entry(const garita_negotiation* offer, garita_answer* answer, garita_error*) {
  if (offer->abi_min > GARITA_ABI_1_0 || offer->abi_max < GARITA_ABI_1_0) return GARITA_VERSION_MISMATCH;
  *answer = {sizeof *answer, GARITA_ABI_1_0, &driver_table};
  return GARITA_OK;
}

// ---- the tests ----

class InProcess : public ::testing::Test {
 protected:
  InProcess() {
    driver.next_status = GARITA_OK;
    driver.leave_strip = driver.cancelled = driver.in_next = false;
    driver.next_calls = driver.close_calls = 0;
    driver.answer_bytes = 2;
    device_table = {sizeof device_table, 0, driver_next, driver_cancel, driver_close, driver_extension};
    manifest_.name = "test";
    manifest_.id = "org.garita.test";
    manifest_.version = "1.0.0";
    manifest_.models = {"M1"};
    manifest_.abi_min = manifest_.abi_max = GARITA_ABI_1_0;
    services_.streams["scanner"].ends = false;
  }

  void open() {
    const auto library = Library::bind(manifest_, driver_entry);
    ASSERT_TRUE(library.ok()) << library.error().id;
    auto session = open_in_process(*library, services_, "M1", "lane 1", far);
    ASSERT_TRUE(session.ok()) << session.error().id;
    session_ = std::move(session).value();
  }
  garita_status next(uint64_t deadline_ns = far) { return session_->next(deadline_ns).status; }

  Manifest manifest_;
  testing::MemoryServices services_;
  std::unique_ptr<Session> session_;
};

TEST_F(InProcess, an_event_is_delivered_as_a_copy) {
  services_.streams["scanner"].bytes = "ab";
  open();
  const Next first = session_->next(far);
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(std::get<image::Health>(first.event).vendor_code, static_cast<uint32_t>('a'));
  EXPECT_EQ(std::get<image::Health>(first.event).message, "fine");
}

TEST_F(InProcess, a_deadline_in_the_past_does_not_wait) {
  open();
  EXPECT_EQ(next(0), GARITA_TIMEOUT);
}

TEST_F(InProcess, cancel_while_next_waits_gives_cancelled_once) {
  open();
  for (int round = 0; round < 50; ++round) {
    std::thread canceller([&] {
      while (!driver.in_next) std::this_thread::yield();
      session_->cancel();
    });
    EXPECT_EQ(next(), GARITA_CANCELLED) << round;
    canceller.join();
    EXPECT_EQ(next(0), GARITA_TIMEOUT) << round;
    EXPECT_FALSE(services_.cancelled());
  }
}

TEST_F(InProcess, cancel_between_two_calls_is_answered_by_the_next) {
  open();
  session_->cancel();
  EXPECT_EQ(next(), GARITA_CANCELLED);
  EXPECT_EQ(next(0), GARITA_TIMEOUT);
  EXPECT_EQ(services_.log_lines.at(0).second, "cancelled");
}

TEST_F(InProcess, cancelled_takes_back_the_strips_that_were_not_delivered) {
  open();
  driver.leave_strip = true;
  EXPECT_EQ(next(0), GARITA_TIMEOUT);
  EXPECT_EQ(services_.strips_alive(), 1);
  session_->cancel();
  EXPECT_EQ(next(), GARITA_CANCELLED);
  EXPECT_EQ(services_.strips_alive(), 0);
}

TEST_F(InProcess, after_a_fault_of_the_driver_the_session_is_dead) {
  open();
  driver.next_status = GARITA_OUT_OF_MEMORY;
  const Next first = session_->next(far);
  driver.next_status = GARITA_OK;
  const Next second = session_->next(far);
  EXPECT_EQ(second.status, GARITA_OUT_OF_MEMORY);
  EXPECT_EQ(second.error.id, first.error.id);
  EXPECT_EQ(driver.next_calls, 1);
  EXPECT_EQ(session_->stored("k", GARITA_STORED_DURABLE, far), GARITA_WRONG_STATE);
}

TEST_F(InProcess, a_device_or_data_status_leaves_the_session_alive) {
  open();
  for (garita_status status : {GARITA_DEVICE_LOST, GARITA_DATA_CORRUPT, GARITA_VENDOR_STATUS + 5}) {
    driver.next_status = status;
    EXPECT_EQ(next(), status);
  }
  driver.next_status = GARITA_OK;
  EXPECT_EQ(next(0), GARITA_TIMEOUT);
}

TEST_F(InProcess, the_destructor_closes_once) {
  open();
  session_.reset();
  EXPECT_EQ(driver.close_calls, 1);
  EXPECT_FALSE(services_.streams["scanner"].open);
}

TEST_F(InProcess, close_twice_closes_once_and_next_is_refused_then) {
  open();
  EXPECT_TRUE(session_->close(far).ok());
  EXPECT_TRUE(session_->close(far).ok());
  EXPECT_EQ(driver.close_calls, 1);
  EXPECT_EQ(next(), GARITA_WRONG_STATE);
  session_->cancel();
  EXPECT_FALSE(driver.cancelled) << "nobody is there to be cancelled";
}

TEST_F(InProcess, stored_reaches_the_driver) {
  open();
  EXPECT_EQ(session_->stored("scan-7", GARITA_STORED_DURABLE, far), GARITA_OK);
  EXPECT_EQ(driver.stored_key, "scan-7");
}

TEST_F(InProcess, a_message_is_answered) {
  open();
  const base::Result<std::string> answer = session_->message("com.acme.echo", "hi", far);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer, "hi");
}

TEST_F(InProcess, a_message_longer_than_its_buffer_is_a_fault) {
  open();
  driver.answer_bytes = GARITA_MAX_MESSAGE_BYTES + 1;
  EXPECT_EQ(session_->message("com.acme.echo", "hi", far).error().status, GARITA_DRIVER_FAULT);
  const std::string large(GARITA_MAX_MESSAGE_BYTES + 1, 'x');
  EXPECT_EQ(session_->message("com.acme.echo", large, far).error().status, GARITA_INVALID_ARGUMENT);
}

TEST_F(InProcess, a_driver_without_the_slot_has_no_extension) {
  device_table.struct_size = offsetof(garita_device_api, extension);
  open();
  EXPECT_EQ(session_->stored("k", GARITA_STORED_DURABLE, far), GARITA_NOT_SUPPORTED);
  EXPECT_EQ(session_->message("com.acme.echo", "hi", far).error().status, GARITA_NOT_SUPPORTED);
}

TEST_F(InProcess, a_failed_open_leaves_nothing_open) {
  services_.streams.clear();
  const auto library = Library::bind(manifest_, driver_entry);
  const auto session = open_in_process(*library, services_, "M1", "lane 1", far);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().status, GARITA_NOT_CONFIGURED);
  EXPECT_EQ(session.error().field("message"), "no such stream");
  EXPECT_EQ(driver.close_calls, 0);
}

// The good driver of conformance/mutants in a folder of its own, for tests that do something to its binary.
class Binary : public ::testing::Test {
 protected:
  Binary()
      : folder_(std::filesystem::path(::testing::TempDir()) / ("garita-binary-" + std::to_string(getpid()))) {
    std::filesystem::copy(GARITA_BINARY_DIR "/lib/garita/mutants/mutant_scan_aborted", folder_);
    manifest_ = *read_manifest(folder_ / "mutant_scan_aborted.garita.json");
  }
  ~Binary() override { std::filesystem::remove_all(folder_); }

  std::string fault() {
    const auto library = Library::load(manifest_);
    return library ? "" : library.error().id;
  }

  std::filesystem::path folder_;
  Manifest manifest_;
};

TEST_F(Binary, one_byte_more_is_another_binary) {
  std::ofstream(manifest_.binary(), std::ios::app) << 'x';
  EXPECT_EQ(fault(), "load.digest");
}

TEST_F(Binary, one_that_is_gone_is_missed) {
  std::filesystem::remove(manifest_.binary());
  EXPECT_EQ(fault(), "base.file_missing");
}

TEST_F(Binary, one_that_is_no_library_says_so) {
  const std::string text = "not a library";
  std::ofstream(manifest_.binary()) << text;
  manifest_.driver.sha256 = base::sha256(text);
  EXPECT_EQ(fault(), "load.not_loadable");
}

TEST_F(Binary, what_is_loaded_stays_what_was_checked_also_when_the_file_is_swapped) {
  EXPECT_EQ(fault(), "");
  std::ofstream(manifest_.binary()) << "swapped";
  EXPECT_EQ(fault(), "") << "the bytes that were checked are loaded already";
}

}  // namespace
}  // namespace garita::load
