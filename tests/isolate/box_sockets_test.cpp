// The few calls more of a driver with granted connects: none of them names a peer or makes a socket.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/syscall.h>

#include <algorithm>
#include <set>

#include "core/isolate/box/calls.hpp"
#include "core/isolate/box/filter.hpp"

namespace garita::isolate {
namespace {

std::set<uint32_t> numbers_of(std::span<const Call> calls) {
  std::set<uint32_t> numbers;
  for (const Call& call : calls)
    if (call.answer == 0) numbers.insert(call.number);
  return numbers;
}

TEST(SocketCalls, with_them_at_most_sixty_are_allowed) {
#ifdef GARITA_SANITIZED
  GTEST_SKIP() << "SKIPPED, not a pass: a sanitizer's runtime makes calls of its own";
#endif
  std::set<uint32_t> all = numbers_of(allowed_calls());
  all.merge(numbers_of(socket_calls()));
  EXPECT_LE(all.size(), 60u);
}

TEST(SocketCalls, none_of_them_leads_out) {
  const std::set<uint32_t> numbers = numbers_of(socket_calls());
  for (const int number : {SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
                           SYS_sendmsg, SYS_sendmmsg, SYS_recvmsg, SYS_recvmmsg})
    EXPECT_FALSE(numbers.contains(static_cast<uint32_t>(number))) << number;
}

TEST(SocketCalls, sending_to_a_named_peer_is_not_among_them) {
  const auto calls = socket_calls();
  const auto sendto = std::find_if(calls.begin(), calls.end(), [](const Call& call) { return call.number == SYS_sendto; });
  ASSERT_NE(sendto, calls.end());
  EXPECT_EQ(sendto->first.test, Condition::Test::equals);
  EXPECT_EQ(sendto->first.argument, 4);
  EXPECT_EQ(sendto->first.value, 0u);
  EXPECT_FALSE(sendto->first.low);  // of a pointer all bits count
}

TEST(SocketCalls, are_part_of_the_text_that_the_policy_s_digest_is_made_of) {
  for (const Call& call : socket_calls()) EXPECT_NE(calls_text().find(call.name), std::string::npos);
}

TEST(SocketCalls, are_let_through_only_where_they_are_asked_for) {
  EXPECT_GT(compile_filter(2, true).size(), compile_filter(2).size());
  for (const sock_filter& step : compile_filter(2)) {
    const bool compares = step.code == (BPF_JMP | BPF_JEQ | BPF_K);
    EXPECT_FALSE(compares && step.k == static_cast<uint32_t>(SYS_recvfrom));
  }
}

}  // namespace
}  // namespace garita::isolate
