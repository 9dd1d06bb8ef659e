// Datagrams, a listener, a serial line: each against the real thing.
#include <arpa/inet.h>
#include <fcntl.h>
#include <pty.h>
#include <termios.h>

#include "tests/broker/broker_fixture.hpp"

namespace garita::broker {
namespace {

// A UDP socket on the loopback.
class UdpPeer {
 public:
  UdpPeer() : fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in any = at(0);
    socklen_t size = sizeof any;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&any), size), 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&any), &size);
    port = ntohs(any.sin_port);
  }
  ~UdpPeer() { ::close(fd_); }
  static sockaddr_in at(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  void send(std::string_view bytes, uint16_t to) {
    const sockaddr_in address = at(to);
    EXPECT_EQ(::sendto(fd_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string receive(uint16_t* from = nullptr) {
    std::string bytes(65536, '\0');
    sockaddr_in address{};
    socklen_t size = sizeof address;
    const ssize_t got = ::recvfrom(fd_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&address), &size);
    if (from) *from = ntohs(address.sin_port);
    return bytes.substr(0, got > 0 ? static_cast<size_t>(got) : 0);
  }
  uint16_t port = 0;

 private:
  int fd_;
};

uint16_t free_port() { return UdpPeer().port; }

class Kinds : public testing::BrokerTest {
 protected:
  std::string local(const std::string& kind, uint16_t port) { return kind + "://127.0.0.1:" + std::to_string(port); }
};

TEST_F(Kinds, udp_gives_one_datagram_a_read_at_its_full_size) {
  UdpPeer peer;
  use({{"in", local("udp", peer.port)}});
  const uint32_t id = open("in");
  EXPECT_EQ(info.kind, GARITA_STREAM_DATAGRAMS);
  write(id, "hello");
  uint16_t port = 0;
  EXPECT_EQ(peer.receive(&port), "hello");
  peer.send("one", port);
  peer.send("three", port);
  EXPECT_EQ(read(id), "one");
  EXPECT_EQ(read(id), "three");
  EXPECT_GT(read_info.received_ns, 0u);
}

TEST_F(Kinds, a_datagram_that_does_not_fit_is_gone_and_its_size_is_said) {
  const uint16_t port = free_port();
  use({{"in", local("udp-listen", port)}});
  const uint32_t id = open("in");
  UdpPeer peer;
  peer.send("twelve bytes", port);
  peer.send("next", port);
  EXPECT_EQ(read(id, 4), "");
  EXPECT_EQ(last.status, GARITA_BUFFER_TOO_SMALL);
  EXPECT_EQ(read_info.size_bytes, 12u);
  EXPECT_EQ(read(id, 4), "next");
}

TEST_F(Kinds, a_udp_listener_answers_whom_it_heard_last_and_nobody_before) {
  const uint16_t port = free_port();
  use({{"in", local("udp-listen", port)}});
  const uint32_t id = open("in");
  EXPECT_EQ(write(id, "who?").status, GARITA_NOT_READY);
  UdpPeer peer;
  peer.send("me", port);
  EXPECT_EQ(read(id), "me");
  EXPECT_TRUE(write(id, "you").ok());
  EXPECT_EQ(peer.receive(), "you");
}

TEST_F(Kinds, datagrams_that_nobody_read_in_time_are_counted_as_dropped) {
  const uint16_t port = free_port();
  Limits limits;
  limits.queued_bytes = 4096;
  use({{"in", local("udp-listen", port)}}, limits);
  const uint32_t id = open("in");
  UdpPeer peer;
  const std::string big(60000, 'x');
  constexpr int sent = 1000;  // far more than the system's queue holds
  for (int i = 0; i < sent; ++i) peer.send(big, port);
  uint64_t dropped = 0, received = 0;
  while (read(id, 65536, in(second / 2)).size() == big.size()) ++received, dropped += read_info.dropped;
  peer.send("last", port);  // what was dropped at the end is told by the next that comes
  EXPECT_EQ(read(id), "last");
  dropped += read_info.dropped;
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(received + dropped, static_cast<uint64_t>(sent));
}

TEST_F(Kinds, a_tcp_listener_takes_one_peer_and_the_next_after_it_is_opened_again) {
  const uint16_t port = free_port();
  use({{"in", local("tcp-listen", port)}});
  for (const std::string word : {"first", "second"}) {
    const uint32_t id = open("in");
    const int peer = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in to = UdpPeer::at(port);
    ASSERT_EQ(::connect(peer, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    ASSERT_EQ(::send(peer, word.data(), word.size(), 0), static_cast<ssize_t>(word.size()));
    EXPECT_EQ(read_all(id, word.size()), word);
    EXPECT_TRUE(write(id, "ok").ok());
    ::close(peer);
    read(id);
    EXPECT_TRUE(last.status == GARITA_END || last.status == GARITA_DEVICE_LOST);
    EXPECT_TRUE(broker->close(id).ok());
  }
}

TEST_F(Kinds, a_tcp_listener_that_nobody_calls_times_out) {
  use({{"in", local("tcp-listen", free_port())}});
  const uint32_t id = open("in");
  EXPECT_EQ((read(id, 10, soon()), last.status), GARITA_TIMEOUT);
  EXPECT_EQ(write(id, "x", soon()).status, GARITA_TIMEOUT);
}

class Serial : public Kinds {
 protected:
  void SetUp() override {
    char name[256];
    ASSERT_EQ(::openpty(&master, &slave, name, nullptr, nullptr), 0);
    path = name;
  }
  void TearDown() override {
    if (master >= 0) ::close(master);
    ::close(slave);
  }
  int master = -1, slave = -1;
  std::string path;
};

TEST_F(Serial, a_line_carries_bytes_both_ways_unchanged) {
  use({{"in", "serial:" + path + "?baud=9600&parity=none"}});
  const uint32_t id = open("in");
  const std::string raw("a\r\n\x03\x11\0z", 7);
  ASSERT_EQ(::write(master, raw.data(), raw.size()), 7);
  EXPECT_EQ(read_all(id, 7), raw);
  EXPECT_TRUE(write(id, raw).ok());
  std::string back(7, '\0');
  ASSERT_EQ(::read(master, back.data(), 7), 7);
  EXPECT_EQ(back, raw);
}

TEST_F(Serial, a_line_that_is_pulled_out_is_lost) {
  use({{"in", "serial:" + path}});
  const uint32_t id = open("in");
  ::close(std::exchange(master, -1));
  read(id);
  EXPECT_EQ(last.status, GARITA_DEVICE_LOST);
}

TEST_F(Serial, an_option_that_it_does_not_take_is_named) {
  use({{"in", "serial:" + path + "?baud=fast"}});
  EXPECT_EQ(open_fails("in", patient()).status, GARITA_NOT_CONFIGURED);
}

}  // namespace
}  // namespace garita::broker
