#include "garita/error.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <stdexcept>

namespace garita {
namespace {

garita_error filled_with(const std::string& message) {
  garita_error error = empty_error();
  fill_error(&error, {GARITA_PROTOCOL_ERROR, message, 9, true});
  return error;
}

TEST(Error, that_fits_is_kept_whole) {
  const garita_error error = filled_with("línea 7");
  EXPECT_EQ(error.code, GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(error.vendor_code, 9u);
  EXPECT_EQ(error.retryable, 1u);
  EXPECT_STREQ(error.message, "línea 7");
}

TEST(Error, of_exactly_the_room_keeps_its_last_byte) {
  EXPECT_EQ(strlen(filled_with(std::string(479, 'a')).message), 479u);
  EXPECT_EQ(strlen(filled_with(std::string(480, 'a')).message), 479u);
}

TEST(Error, that_is_too_long_is_cut_between_code_points_at_every_phase) {
  for (const std::string point : {"ñ", "€", "😀"})
    for (size_t before = 470; before < 480; ++before) {
      std::string message(before, 'a');
      for (int i = 0; i < 8; ++i) message += point;
      const garita_error error = filled_with(message);
      const size_t size = strlen(error.message);
      EXPECT_LE(size, 479u);
      EXPECT_GT(size, 479u - point.size());
      EXPECT_EQ((size - before) % point.size(), 0u) << before << point;
    }
}

TEST(Error, with_a_nul_inside_ends_there) { EXPECT_STREQ(filled_with(std::string("a\0b", 3)).message, "a"); }

TEST(Error, that_is_not_utf8_is_still_cut_and_terminated) {
  EXPECT_EQ(strlen(filled_with(std::string(600, '\x80')).message), 479u);
}

TEST(Error, of_flow_leaves_the_struct_untouched) {
  garita_error error = empty_error();
  error.code = 5;
  EXPECT_EQ(fill_error(&error, {GARITA_TIMEOUT, "no"}), GARITA_TIMEOUT);
  EXPECT_EQ(error.code, 5u);
  EXPECT_STREQ(error.message, "");
}

TEST(Error, may_be_null) { EXPECT_EQ(fill_error(nullptr, {GARITA_DEVICE_LOST, "x"}), GARITA_DEVICE_LOST); }

TEST(Error, of_a_caller_with_less_room_stays_inside_it) {
  garita_error error = empty_error();
  std::memset(error.message, '#', sizeof(error.message));
  error.struct_size = offsetof(garita_error, message) + 4;
  fill_error(&error, {GARITA_DEVICE_LOST, "abcdef"});
  EXPECT_EQ(std::string(error.message, 5), std::string("abc\0#", 5));
}

template <typename Thrown>
garita_status status_of(Thrown thrown, garita_error& error) {
  error = empty_error();
  return guarded(&error, [&]() -> garita_status { throw thrown; });
}

TEST(Exception, of_any_type_becomes_a_status_and_a_sentence) {
  garita_error error;
  EXPECT_EQ(status_of(Stop{GARITA_NOT_READY, "warming"}, error), GARITA_NOT_READY);
  EXPECT_STREQ(error.message, "warming");
  EXPECT_EQ(status_of(std::bad_alloc(), error), GARITA_OUT_OF_MEMORY);
  EXPECT_STRNE(error.message, "");
  EXPECT_EQ(status_of(std::runtime_error("disc is full"), error), GARITA_DRIVER_FAULT);
  EXPECT_STREQ(error.message, "the driver failed: disc is full");
  EXPECT_EQ(status_of(42, error), GARITA_DRIVER_FAULT);
  EXPECT_EQ(error.code, GARITA_DRIVER_FAULT);
}

// pthread_exit unwinds with an exception that must not be swallowed: the process would end with FATAL.
void* leave_thread(void*) {
  guarded(nullptr, []() -> garita_status { pthread_exit(reinterpret_cast<void*>(7)); });
  return nullptr;
}
TEST(Exception, of_a_thread_that_exits_is_let_through) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, leave_thread, nullptr), 0);
  void* result = nullptr;
  pthread_join(thread, &result);
  EXPECT_EQ(result, reinterpret_cast<void*>(7));
}

}  // namespace
}  // namespace garita
