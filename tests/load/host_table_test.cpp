// The host's functions against a driver that gets everything wrong: each answers with a status, none follows
// a bad pointer or an old handle.
#include "core/load/host_table.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>

#include "core/load/error_text.hpp"
#include "core/load/testing/memory_services.hpp"

namespace garita::load {
namespace {

constexpr uint64_t far = UINT64_MAX / 4;

garita_text text(std::string_view words) { return {words.data(), static_cast<uint32_t>(words.size()), 0}; }

class Host : public ::testing::Test {
 protected:
  Host() {
    services_.streams["scanner"].bytes = "hello";
    services_.streams["inbox"].kind = GARITA_STREAM_OBJECTS;
    services_.objects = {{"a.img", "0123456789", {{"a.xml", "<x/>"}}, false, 0, {}},
                         {"b.img", "b", {}, false, 0, {}}};
    services_.configuration["pitch_um"] = {GARITA_VALUE_I64, 4000, 0, ""};
    services_.configuration["name"] = {GARITA_VALUE_NONE, 0, 0, ""};
    table_ = HostTable::create("portal", services_);
    call_ = std::make_unique<HostTable::Call>(*table_);
  }
  ~Host() override { table_->close(); }

  const garita_host_api& api() { return table_->api(); }
  uint64_t h() { return table_->handle(); }
  std::string message() { return message_of(error_); }

  uint64_t open(const char* name) {
    uint64_t stream = 0;
    EXPECT_EQ(api().stream_open(h(), text(name), far, nullptr, &stream, &error_), GARITA_OK) << message();
    return stream;
  }
  garita_object_info object(uint64_t stream) {
    garita_object_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(api().object_next(h(), stream, far, &info, &error_), GARITA_OK) << message();
    return info;
  }
  uint64_t strip() {
    garita_strip_memory memory{};
    EXPECT_EQ(api().strip_alloc(h(), 100, 1, far, &memory, &error_), GARITA_OK) << message();
    return memory.handle;
  }

  testing::MemoryServices services_;
  std::shared_ptr<HostTable> table_;
  std::unique_ptr<HostTable::Call> call_;
  garita_error error_ = empty_error();
};

TEST_F(Host, a_stream_is_read_through_its_handle) {
  const uint64_t stream = open("scanner");
  char bytes[3];
  garita_read_info info{};
  info.struct_size = sizeof info;
  EXPECT_EQ(api().stream_read(h(), stream, bytes, 3, far, &info, &error_), GARITA_OK);
  EXPECT_EQ(std::string(bytes, info.size_bytes), "hel");
  EXPECT_EQ(api().stream_read(h(), stream, bytes, 3, far, &info, &error_), GARITA_OK);
  EXPECT_EQ(info.size_bytes, 2u);
  EXPECT_EQ(api().stream_read(h(), stream, bytes, 3, far, &info, &error_), GARITA_END);
}

TEST_F(Host, a_closed_stream_is_stale_also_when_it_is_opened_again) {
  const uint64_t first = open("scanner");
  EXPECT_EQ(api().stream_close(h(), first, nullptr), GARITA_OK);
  EXPECT_EQ(api().stream_close(h(), first, &error_), GARITA_STALE_HANDLE);
  EXPECT_NE(open("scanner"), first);
  uint32_t written = 7;
  EXPECT_EQ(api().stream_write(h(), first, "x", 1, far, &written, &error_), GARITA_STALE_HANDLE);
  EXPECT_EQ(written, 0u);
}

TEST_F(Host, missing_memory_for_an_answer_is_refused_by_name) {
  const uint64_t stream = open("scanner");
  EXPECT_EQ(api().stream_open(h(), text("scanner"), far, nullptr, nullptr, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_NE(message().find("stream"), std::string::npos);
  char byte;
  EXPECT_EQ(api().stream_read(h(), stream, &byte, 1, far, nullptr, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().stream_read(h(), stream, nullptr, 1, far, nullptr, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().stream_write(h(), stream, nullptr, 1, far, nullptr, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().stream_wait(h(), nullptr, 1, far, nullptr, nullptr, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().strip_alloc(h(), 1, 1, far, nullptr, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().config_get(h(), text("x"), nullptr, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().extension(h(), text("x"), nullptr, &error_), GARITA_INVALID_ARGUMENT);
}

TEST_F(Host, an_error_struct_is_optional_and_its_size_is_respected) {
  EXPECT_EQ(api().strip_discard(h(), 1, nullptr), GARITA_STALE_HANDLE);
  garita_error small{};
  small.struct_size = 16;
  EXPECT_EQ(api().strip_discard(h(), 1, &small), GARITA_STALE_HANDLE);
  EXPECT_EQ(small.message[0], '\0');
}

TEST_F(Host, an_error_is_untouched_where_the_answer_is_flow) {
  error_.code = 4711;
  open("scanner");
  EXPECT_EQ(error_.code, 4711u);
}

TEST_F(Host, a_wait_takes_at_most_64_streams) {
  std::vector<uint64_t> streams(65, open("scanner"));
  uint64_t ready = 0;
  EXPECT_EQ(api().stream_wait(h(), streams.data(), 65, far, &ready, nullptr, &error_),
            GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().stream_wait(h(), streams.data(), 0, far, &ready, nullptr, &error_),
            GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().stream_wait(h(), streams.data(), 64, far, &ready, nullptr, &error_), GARITA_OK);
  EXPECT_EQ(ready, UINT64_MAX);
}

TEST_F(Host, host_functions_on_another_thread_or_outside_a_call_are_refused) {
  garita_status other = GARITA_OK;
  garita_value value;
  std::thread([&] { other = api().config_get(h(), text("pitch_um"), &value, nullptr); }).join();
  EXPECT_EQ(other, GARITA_WRONG_STATE);
  call_.reset();
  EXPECT_EQ(api().config_get(h(), text("pitch_um"), &value, &error_), GARITA_WRONG_STATE);
  EXPECT_NE(message().find("inside a driver call"), std::string::npos);
}

TEST_F(Host, clock_and_log_work_from_any_thread) {
  call_.reset();
  uint64_t now = 0;
  std::thread([&] {
    now = api().now_ns(h());
    api().log(h(), 77, text("caf\xE9"));
  }).join();
  EXPECT_GT(now, 0u);
  ASSERT_EQ(services_.log_lines.size(), 1u);
  EXPECT_EQ(services_.log_lines[0], std::pair(GARITA_LOG_ERROR, std::string("caf\xEF\xBF\xBD")));
}

TEST_F(Host, a_log_line_is_cut_at_a_code_point) {
  std::string line(4094, 'a');
  for (int i = 0; i < 10; ++i) line += "ñ";
  api().log(h(), GARITA_LOG_INFO, text(line));
  EXPECT_EQ(services_.log_lines.at(0).second, std::string(4094, 'a'));
}

TEST_F(Host, after_close_every_function_knows_the_handle_no_more) {
  const uint64_t stream = open("scanner");
  table_->close();
  EXPECT_FALSE(services_.streams["scanner"].open);
  EXPECT_EQ(api().stream_close(h(), stream, nullptr), GARITA_STALE_HANDLE);
  EXPECT_EQ(api().now_ns(h()), 0u);
  api().log(h(), GARITA_LOG_INFO, text("late"));
  EXPECT_TRUE(services_.log_lines.empty());
}

TEST_F(Host, a_wrong_host_handle_is_refused) {
  garita_value value;
  for (uint64_t wrong : {uint64_t{0}, h() + 1000, h() ^ (uint64_t{1} << 40), UINT64_MAX})
    EXPECT_EQ(api().config_get(wrong, text("pitch_um"), &value, nullptr), GARITA_STALE_HANDLE);
}

TEST_F(Host, strips_are_counted_against_the_limit_until_given_back) {
  garita_strip_memory memories[8];
  EXPECT_EQ(api().strip_alloc(h(), 100, 8, far, memories, &error_), GARITA_OK);
  EXPECT_EQ(api().strip_alloc(h(), 100, 1, far, memories, &error_), GARITA_HOST_LIMIT);
  EXPECT_EQ(api().strip_discard(h(), memories[3].handle, &error_), GARITA_OK);
  EXPECT_EQ(api().strip_discard(h(), memories[3].handle, &error_), GARITA_STALE_HANDLE);
  EXPECT_EQ(api().strip_alloc(h(), 100, 1, far, memories, &error_), GARITA_OK);
}

TEST_F(Host, strips_are_all_or_nothing) {
  garita_strip_memory memories[16];
  EXPECT_EQ(api().strip_alloc(h(), 100, UINT32_MAX, far, memories, &error_), GARITA_HOST_LIMIT);
  EXPECT_EQ(api().strip_alloc(h(), UINT64_MAX, 1, far, memories, &error_), GARITA_HOST_LIMIT);
  EXPECT_EQ(api().strip_alloc(h(), 0, 1, far, memories, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(services_.strips_alive(), 0);
}

TEST_F(Host, strips_that_were_not_delivered_are_taken_back) {
  const uint64_t kept = strip();
  StripMemory delivered;
  EXPECT_EQ(table_->take_strip(strip(), delivered), Handles::Fate::held);
  EXPECT_EQ(services_.strips_alive(), 2);
  table_->take_back_strips();
  EXPECT_EQ(services_.strips_alive(), 1);
  EXPECT_EQ(table_->take_strip(kept, delivered), Handles::Fate::given_back);
}

TEST_F(Host, a_strip_handle_tells_what_became_of_it) {
  StripMemory out;
  const uint64_t delivered = strip();
  EXPECT_EQ(table_->take_strip(delivered, out), Handles::Fate::held);
  EXPECT_EQ(table_->take_strip(delivered, out), Handles::Fate::delivered);
  for (uint64_t wrong : {uint64_t{0}, uint64_t{99}, delivered | uint64_t{5} << 32, UINT64_MAX})
    EXPECT_EQ(table_->take_strip(wrong, out), Handles::Fate::unknown) << wrong;
}

TEST_F(Host, a_thousand_strips_never_share_a_handle) {
  std::set<uint64_t> handles;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t handle = strip();
    EXPECT_TRUE(handles.insert(handle).second);
    EXPECT_EQ(api().strip_discard(h(), handle, nullptr), GARITA_OK);
  }
}

TEST_F(Host, an_object_is_read_with_its_sibling_and_done_with_it) {
  const garita_object_info info = object(open("inbox"));
  EXPECT_EQ(std::string(info.name.data, info.name.size_bytes), "a.img");
  char bytes[4];
  uint32_t read = 0;
  EXPECT_EQ(api().object_read_at(h(), info.handle, 8, bytes, 4, &read, &error_), GARITA_OK);
  EXPECT_EQ(std::string(bytes, read), "89");
  garita_object_info sibling{};
  sibling.struct_size = sizeof sibling;
  EXPECT_EQ(api().object_sibling(h(), info.handle, text("a.xml"), &sibling, &error_), GARITA_OK);
  EXPECT_EQ(api().object_done(h(), sibling.handle, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().object_done(h(), info.handle, &error_), GARITA_OK);
  EXPECT_TRUE(services_.objects[0].done);
  EXPECT_EQ(api().object_read_at(h(), sibling.handle, 0, bytes, 4, &read, &error_), GARITA_STALE_HANDLE);
}

TEST_F(Host, an_object_is_read_no_further_than_its_end) {
  const garita_object_info info = object(open("inbox"));
  uint32_t read = 9;
  char byte;
  EXPECT_EQ(api().object_read_at(h(), info.handle, 10, &byte, 1, &read, &error_), GARITA_OK);
  EXPECT_EQ(read, 0u);
  EXPECT_EQ(api().object_read_at(h(), info.handle, 11, &byte, 1, &read, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().object_read_at(h(), info.handle, UINT64_MAX, &byte, 1, &read, &error_),
            GARITA_INVALID_ARGUMENT);
}

TEST_F(Host, an_object_is_rejected_with_the_drivers_reason) {
  const garita_object_info info = object(open("inbox"));
  garita_error reason = empty_error();
  reason.code = GARITA_DATA_CORRUPT;
  std::memset(reason.message, 'x', sizeof reason.message);  // no NUL
  EXPECT_EQ(api().object_reject(h(), info.handle, &reason, &error_), GARITA_OK);
  EXPECT_EQ(services_.objects[0].rejected, GARITA_DATA_CORRUPT);
  EXPECT_EQ(services_.objects[0].reason.size(), sizeof reason.message);
  EXPECT_EQ(api().object_reject(h(), info.handle, nullptr, &error_), GARITA_INVALID_ARGUMENT);
}

TEST_F(Host, an_object_is_not_handed_out_to_a_driver_that_cannot_be_told) {
  garita_object_info info{};
  const uint64_t inbox = open("inbox");
  EXPECT_EQ(api().object_next(h(), inbox, far, &info, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(api().object_next(h(), inbox, far, nullptr, &error_), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(object(inbox).size_bytes, 10u) << "the first is still there";
  info.struct_size = sizeof info;
  EXPECT_EQ(api().object_next(h(), open("scanner"), far, &info, &error_), GARITA_WRONG_STATE);
}

TEST_F(Host, objects_of_a_scan_that_failed_are_rejected_if_still_held) {
  const garita_object_info info = object(open("inbox"));
  const uint64_t own = *table_->object(info.handle);
  table_->reject_objects({own, own + 5}, GARITA_DATA_TRUNCATED, "cut");
  EXPECT_EQ(services_.objects[0].reason, "cut");
  EXPECT_EQ(table_->object(info.handle), std::nullopt);
}

TEST_F(Host, configuration_tells_undeclared_from_unset) {
  garita_value value;
  EXPECT_EQ(api().config_get(h(), text("pitch_um"), &value, &error_), GARITA_OK);
  EXPECT_EQ(value.integer, 4000);
  EXPECT_EQ(api().config_get(h(), text("name"), &value, &error_), GARITA_NOT_CONFIGURED);
  EXPECT_EQ(api().config_get(h(), text("colour"), &value, &error_), GARITA_NOT_SUPPORTED);
  EXPECT_NE(message().find("colour"), std::string::npos);
  EXPECT_EQ(api().config_get(h(), {nullptr, 5, 0}, &value, &error_), GARITA_INVALID_ARGUMENT);
}

TEST_F(Host, text_conversion_says_how_much_room_it_needs) {
  char out[2];
  uint32_t needed = 0;
  EXPECT_EQ(api().text_to_utf8(h(), text("ISO-8859-1"), "caf\xE9", 4, out, 2, &needed, &error_),
            GARITA_BUFFER_TOO_SMALL);
  EXPECT_EQ(needed, 5u);
  EXPECT_EQ(api().text_to_utf8(h(), text("ISO-8859-1"), "\xE9", 1, out, 2, &needed, &error_), GARITA_OK);
  EXPECT_EQ(std::string(out, 2), "é");
  EXPECT_EQ(api().text_to_utf8(h(), text("x"), nullptr, 1, out, 2, &needed, &error_),
            GARITA_INVALID_ARGUMENT);
}

TEST_F(Host, no_extension_is_offered_yet) {
  const void* table = this;
  EXPECT_EQ(api().extension(h(), text("garita.message/1"), &table, &error_), GARITA_NOT_SUPPORTED);
  EXPECT_EQ(table, nullptr);
}

TEST(ErrorText, a_message_is_cut_at_a_code_point_and_closed) {
  garita_error error = empty_error();
  fill_error(&error, GARITA_DEVICE_LOST, std::string(478, 'a') + "ñ");
  EXPECT_EQ(std::string(error.message), std::string(478, 'a'));
  EXPECT_EQ(error.code, GARITA_DEVICE_LOST);
  EXPECT_EQ(error.retryable, 1u);
}

}  // namespace
}  // namespace garita::load
