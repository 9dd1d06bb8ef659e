#include "core/broker/address.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/base/text.hpp"

namespace garita::broker {
namespace {

std::string refusal(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? "accepted" : address.error().id;
}

TEST(Address, of_a_host_gives_scheme_host_and_port) {
  const auto address = Address::parse("tcp://scanner.lane3:7001");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->scheme, "tcp");
  EXPECT_EQ(address->host, "scanner.lane3");
  EXPECT_EQ(address->port, 7001);
  EXPECT_EQ(address->text, "tcp://scanner.lane3:7001");
}

TEST(Address, of_an_ipv6_number_stands_in_brackets) {
  const auto address = Address::parse("tcp://[fe80::1%eth0]:65535");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "fe80::1%eth0");
  EXPECT_EQ(address->port, 65535);
}

TEST(Address, of_a_path_keeps_it_as_it_is) {
  EXPECT_EQ(Address::parse("file:/a b/c:d//e?f")->path, "/a b/c:d//e?f");
  EXPECT_EQ(Address::parse("file:relative.bin")->path, "relative.bin");
  EXPECT_EQ(Address::parse("file:///var/x")->path, "/var/x");
}

TEST(Address, of_a_kind_yet_to_come_parses_without_knowing_it) {
  const auto inbox = Address::parse("dir:/spool/in?done=move&settle_ms=500");
  ASSERT_TRUE(inbox);
  EXPECT_EQ(inbox->path, "/spool/in");
  EXPECT_EQ(inbox->options.at("done"), "move");
  EXPECT_EQ(inbox->options.at("settle_ms"), "500");
  EXPECT_EQ(Address::parse("UDP-listen://0.0.0.0:9?ttl=1")->scheme, "udp-listen");
  EXPECT_EQ(Address::parse("serial:/dev/ttyUSB0?baud=9600&parity=even")->options.size(), 2u);
}

TEST(Address, that_is_none_is_refused_with_its_own_reason) {
  EXPECT_EQ(refusal(""), "broker.address_no_kind");
  EXPECT_EQ(refusal("no colon"), "broker.address_no_kind");
  EXPECT_EQ(refusal("1tcp://a:1"), "broker.address_no_kind");
  EXPECT_EQ(refusal("file:"), "broker.address_empty");
  EXPECT_EQ(refusal("tcp://:7001"), "broker.address_no_host");
  EXPECT_EQ(refusal("tcp://host"), "broker.address_no_port");
  EXPECT_EQ(refusal("tcp://a b:7"), "broker.address_host");
  EXPECT_EQ(refusal("tcp://::1:7001"), "broker.address_no_host");
  EXPECT_EQ(refusal("tcp://fe80::1:7001"), "broker.address_brackets");
  EXPECT_EQ(refusal("tcp://[::1:7001"), "broker.address_brackets");
  EXPECT_EQ(refusal("tcp://[::1]"), "broker.address_no_port");
  EXPECT_EQ(refusal(std::string("file:a\nb")), "broker.address_control");
  EXPECT_EQ(refusal(std::string(5000, 'a')), "broker.address_too_long");
}

TEST(Address, with_a_port_that_is_none_is_refused) {
  for (const char* port : {"", "0", "65536", "99999999999", "-1", "+1", " 1", "1 ", "0x10", "http"})
    EXPECT_EQ(refusal("tcp://host:" + std::string(port)), "broker.address_port") << port;
}

TEST(Address, that_is_refused_has_a_sentence_in_both_languages) {
  const auto address = Address::parse("tcp://host");
  EXPECT_NE(base::render(address.error(), base::Language::en).find("'tcp://host' names no port"),
            std::string::npos);
  EXPECT_NE(base::render(address.error(), base::Language::es).find("'tcp://host' no indica"),
            std::string::npos);
}

}  // namespace
}  // namespace garita::broker
