// The pool that host and worker share: all or nothing, back-pressure, and no slice twice.
#include "core/isolate/shared_pool.hpp"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <thread>

namespace garita::isolate {
namespace {

using Slices = std::vector<SharedPool::Slice>;

class Pool : public ::testing::Test {
 protected:
  garita_status alloc(uint64_t size, uint32_t count, Slices& out, uint64_t deadline_ns = 0) {
    return pool_->alloc(size, count, deadline_ns, out).status;
  }
  std::shared_ptr<SharedPool> pool_ = SharedPool::create(64 * 4096);
};

TEST_F(Pool, gives_all_or_nothing) {
  Slices some, more;
  EXPECT_EQ(alloc(4096, 60, some), GARITA_OK);
  EXPECT_EQ(alloc(4096, 5, more), GARITA_TIMEOUT);
  EXPECT_TRUE(more.empty());
  EXPECT_EQ(alloc(4096, 4, more), GARITA_OK);
}

TEST_F(Pool, refuses_what_it_will_never_have) {
  Slices out;
  EXPECT_EQ(alloc(65 * 4096, 1, out), GARITA_HOST_LIMIT);
  EXPECT_EQ(alloc(4096, UINT32_MAX, out), GARITA_HOST_LIMIT);
  EXPECT_EQ(alloc(0, 1, out), GARITA_HOST_LIMIT);
  EXPECT_EQ(alloc(UINT64_MAX, 1, out), GARITA_HOST_LIMIT);
}

TEST_F(Pool, waits_until_a_strip_comes_back) {
  Slices all, more;
  ASSERT_EQ(alloc(64 * 4096, 1, all), GARITA_OK);
  std::thread giver([&] { all.clear(); });
  EXPECT_EQ(alloc(4096, 1, more, UINT64_MAX), GARITA_OK);
  giver.join();
}

TEST_F(Pool, cancel_ends_the_wait) {
  Slices all, more;
  ASSERT_EQ(alloc(64 * 4096, 1, all), GARITA_OK);
  std::thread canceller([&] { pool_->raise_cancel(); });
  EXPECT_EQ(alloc(4096, 1, more, UINT64_MAX), GARITA_CANCELLED);
  canceller.join();
  pool_->lower_cancel();
  EXPECT_EQ(alloc(4096, 1, more, 0), GARITA_TIMEOUT);
}

TEST_F(Pool, slices_never_overlap_and_all_of_it_comes_back) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Slices held;
  for (int round = 0; round < 5000; ++round) {
    if (random() % 2 == 0 && !held.empty()) held.erase(held.begin() + static_cast<long>(random() % held.size()));
    else (void)alloc(1 + random() % (8 * 4096), 1 + random() % 3, held);
    std::vector<bool> taken(64);
    for (const SharedPool::Slice& slice : held)
      for (uint64_t page = slice.offset / 4096; page < (slice.offset + slice.strip.capacity_bytes) / 4096; ++page) {
        ASSERT_FALSE(taken.at(page)) << "round " << round;
        taken[page] = true;
      }
  }
  held.clear();
  EXPECT_EQ(alloc(64 * 4096, 1, held), GARITA_OK);
}

TEST_F(Pool, can_neither_shrink_nor_grow) {
  EXPECT_NE(ftruncate(pool_->fd(), 4096), 0);
  EXPECT_NE(ftruncate(pool_->fd(), 1 << 20), 0);
  EXPECT_NE(fcntl(pool_->fd(), F_ADD_SEALS, F_SEAL_WRITE), 0);
}

TEST_F(Pool, trimmed_pages_are_zero_and_those_in_use_are_not) {
  Slices kept, gone;
  ASSERT_EQ(alloc(4096, 1, kept), GARITA_OK);
  ASSERT_EQ(alloc(4096, 1, gone), GARITA_OK);
  *kept[0].strip.memory = *gone[0].strip.memory = std::byte{7};
  const std::byte* const freed = gone[0].strip.memory.get();
  gone.clear();
  pool_->trim();
  EXPECT_EQ(*kept[0].strip.memory, std::byte{7});
  EXPECT_EQ(*freed, std::byte{0});
}

TEST_F(Pool, strips_outlive_the_pools_owner) {
  Slices held;
  ASSERT_EQ(alloc(4096, 1, held), GARITA_OK);
  pool_.reset();
  *held[0].strip.memory = std::byte{7};
  EXPECT_EQ(*held[0].strip.memory, std::byte{7});
}

}  // namespace
}  // namespace garita::isolate
