// From a call's arguments to words: all that is read lies in a driver's memory.
#include "core/isolate/box/decode.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <cstring>
#include <map>

namespace garita::isolate {
namespace {

// Pieces of memory by their address; what lies between cannot be read.
class Pieces final : public TargetMemory {
 public:
  std::map<uint64_t, std::string> at;
  size_t read(uint64_t address, std::span<std::byte> out) const override {
    const auto piece = at.find(address);
    if (piece == at.end()) return 0;
    const size_t size = std::min(out.size(), piece->second.size());
    std::memcpy(out.data(), piece->second.data(), size);
    return size;
  }
};

class Decode : public ::testing::Test {
 protected:
  Decoded decode(long number, std::initializer_list<uint64_t> arguments,
                 uint32_t architecture = AUDIT_ARCH_X86_64) {
    seccomp_data call{};
    call.nr = static_cast<int>(number);
    call.arch = architecture;
    std::copy(arguments.begin(), arguments.end(), call.args);
    return decode_call(call, memory_);
  }
  void path(uint64_t address, const std::string& text) { memory_.at[address] = text + '\0'; }

  Pieces memory_;
};

TEST_F(Decode, a_path_is_plain_whatever_way_it_takes) {
  path(100, "/etc/./ssl/../localtime");
  const Decoded decoded = decode(SYS_openat, {0, 100, O_RDONLY});
  EXPECT_EQ(decoded.path, "/etc/localtime");
  EXPECT_TRUE(decoded.opens);
  EXPECT_EQ(decoded.target, "/etc/./ssl/../localtime") << "evidence tells what was said";
}

TEST_F(Decode, a_path_that_climbs_is_not_taken_for_another) {
  path(100, "/driver/../etc/passwd");
  EXPECT_EQ(decode(SYS_open, {100, O_RDONLY}).path, "/etc/passwd");
}

TEST_F(Decode, opening_to_write_is_no_reading) {
  path(100, "/driver/acme.so");
  for (const int flags : {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE}) {
    const Decoded decoded = decode(SYS_openat, {0, 100, static_cast<uint64_t>(flags)});
    EXPECT_EQ(decoded.kind, AttemptClass::write) << flags;
    EXPECT_FALSE(decoded.opens) << flags;
  }
}

TEST_F(Decode, flags_that_cannot_be_read_count_as_writing) {
  path(100, "/driver/acme.so");
  EXPECT_EQ(decode(SYS_openat2, {0, 100, 999, 24}).kind, AttemptClass::write);
}

TEST_F(Decode, a_path_without_end_or_beyond_memory_has_no_name) {
  memory_.at[100] = std::string(max_decoded_path, 'a');
  EXPECT_EQ(decode(SYS_open, {100, O_RDONLY}).target, "?");
  EXPECT_EQ(decode(SYS_open, {5, O_RDONLY}).path, "");
  EXPECT_EQ(decode(SYS_open, {0, O_RDONLY}).path, "");
}

// A caller may give more bytes than an address has.
TEST_F(Decode, a_socket_name_ends_with_its_address) {
  std::string raw(sizeof(sockaddr_storage), 'a');
  const sa_family_t family = AF_UNIX;
  std::memcpy(raw.data(), &family, sizeof family);
  const std::string path(sizeof(sockaddr_un::sun_path), 'a');
  memory_.at[100] = raw;
  EXPECT_EQ(decode(SYS_connect, {3, 100, raw.size()}).target, "unix:" + path);
  memory_.at[100][offsetof(sockaddr_un, sun_path)] = '\0';
  EXPECT_EQ(decode(SYS_connect, {3, 100, raw.size()}).target, "unix:@" + path.substr(1));
}

TEST_F(Decode, outside_text_is_made_fit_for_a_terminal) {
  path(100, "/a\x1B[31m\xFF");
  EXPECT_EQ(decode(SYS_unlink, {100}).target.find('\x1B'), std::string::npos);
}

TEST_F(Decode, a_short_address_is_not_read_beyond_its_end) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(443);
  inet_pton(AF_INET, "203.0.113.9", &address.sin_addr);
  memory_.at[100] = std::string(reinterpret_cast<const char*>(&address), sizeof address);
  EXPECT_EQ(decode(SYS_connect, {3, 100, sizeof address}).target, "203.0.113.9:443");
  EXPECT_EQ(decode(SYS_connect, {3, 100, 1}).target, "?");
  EXPECT_EQ(decode(SYS_connect, {3, 100, 4}).target, "0.0.0.0:443");
}

TEST_F(Decode, a_name_that_a_question_asks_for_is_told_and_garbage_is_not) {
  memory_.at[100] = std::string("\x12\x34\1\0\0\1\0\0\0\0\0\0\4acme\7example\0\0\1\0\1", 30);
  EXPECT_EQ(decode(SYS_sendto, {3, 100, 30, 0, 0, 0}).target, "DNS acme.example");
  memory_.at[100][13] = '\x07';
  EXPECT_EQ(decode(SYS_sendto, {3, 100, 30, 0, 0, 0}).target, "30 bytes");
}

TEST_F(Decode, entries_of_other_kinds_are_told_apart) {
  EXPECT_EQ(decode(11, {}, AUDIT_ARCH_I386).call, "32-bit call 11");
  EXPECT_EQ(decode(59 | 0x40000000, {}).call, "x32 call 59");
  EXPECT_EQ(decode(999, {}).call, "call 999");
  EXPECT_EQ(decode(-1, {}).call, "call -1");
}

TEST_F(Decode, a_32_bit_call_is_never_taken_for_the_call_of_the_same_number) {
  path(100, "/driver/acme.so");
  const Decoded decoded = decode(SYS_open, {100, O_RDONLY}, AUDIT_ARCH_I386);
  EXPECT_FALSE(decoded.opens);
  EXPECT_EQ(decoded.path, "");
}

}  // namespace
}  // namespace garita::isolate
