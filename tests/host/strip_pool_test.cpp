#include "core/host/strip_pool.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/base/clock.hpp"

namespace garita::host {
namespace {

constexpr uint64_t for_ever = UINT64_MAX;
uint64_t soon() { return base::system_clock().monotonic_ns() + 20'000'000; }

TEST(StripPool, gives_all_or_nothing) {
  const auto pool = StripPool::create(8 * 4096);
  std::vector<load::StripMemory> held, more;
  ASSERT_TRUE(pool->alloc(4096, 6, for_ever, held).ok());
  EXPECT_EQ(pool->alloc(4096, 3, soon(), more).status, GARITA_TIMEOUT);
  EXPECT_TRUE(more.empty());
}

TEST(StripPool, more_than_it_will_ever_have_is_refused_at_once) {
  const auto pool = StripPool::create(8 * 4096);
  std::vector<load::StripMemory> held;
  EXPECT_EQ(pool->alloc(4096, 9, for_ever, held).status, GARITA_HOST_LIMIT);
  EXPECT_EQ(pool->alloc(GARITA_MAX_STRIP_BYTES + 1, 1, for_ever, held).status, GARITA_HOST_LIMIT);
}

TEST(StripPool, a_strip_given_back_on_another_thread_wakes_who_waits) {
  const auto pool = StripPool::create(2 * 4096);
  std::vector<load::StripMemory> held, next;
  ASSERT_TRUE(pool->alloc(4096, 2, for_ever, held).ok());
  std::thread other([&] { held.clear(); });
  EXPECT_TRUE(pool->alloc(4096, 2, for_ever, next).ok());
  other.join();
}

TEST(StripPool, cancel_wakes_who_waits_and_holds_until_lowered) {
  const auto pool = StripPool::create(4096);
  std::vector<load::StripMemory> held, next;
  ASSERT_TRUE(pool->alloc(4096, 1, for_ever, held).ok());
  std::thread other([&] { pool->raise_cancel(); });
  EXPECT_EQ(pool->alloc(4096, 1, for_ever, next).status, GARITA_CANCELLED);
  other.join();
  held.clear();
  EXPECT_EQ(pool->alloc(4096, 1, for_ever, next).status, GARITA_CANCELLED);
  pool->lower_cancel();
  EXPECT_TRUE(pool->alloc(4096, 1, for_ever, next).ok());
}

TEST(StripPool, memory_is_aligned_and_used_again) {
  const auto pool = StripPool::create(4 * 4096);
  std::vector<load::StripMemory> held;
  ASSERT_TRUE(pool->alloc(100, 1, for_ever, held).ok());
  const std::byte* first = held[0].memory.get();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 64, 0u);
  held.clear();
  ASSERT_TRUE(pool->alloc(100, 1, for_ever, held).ok());
  EXPECT_EQ(held[0].memory.get(), first);
}

TEST(StripPool, strips_may_outlive_the_pool) {
  std::vector<load::StripMemory> held;
  ASSERT_TRUE(StripPool::create(4096)->alloc(4096, 1, for_ever, held).ok());
  held[0].memory.get()[4095] = std::byte{1};
}

}  // namespace
}  // namespace garita::host
