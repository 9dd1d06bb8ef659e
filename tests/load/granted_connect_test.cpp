// Granted connects in a manifest: exact numbers alone, to a stream that is declared.
#include <gtest/gtest.h>

#include "core/load/manifest.hpp"

namespace garita::load {
namespace {

base::Result<Manifest> with(const std::string& connects) {
  const std::string digest(64, 'a');
  return parse_manifest(R"({"schema": "garita.manifest/1", "id": "org.garita.w", "name": "w", "vendor": "G", "version": "1.0.0",
    "licence": "X", "abi": {"min": "1.0", "max": "1.0"}, "models": ["M"], "capabilities": ["shape.scan"],
    "streams": [{"name": "scanner", "kind": "bytes", "direction": "inout"},
                {"name": "files", "kind": "objects", "direction": "in"}],
    "granted_connects": [)" + connects + R"(], "driver": {"file": "w.so", "sha256": ")" + digest + R"("}})", "m.json");
}
std::string entry(const std::string& address, const std::string& stream = "scanner") {
  return R"({"address": ")" + address + R"(", "stream": ")" + stream + R"("})";
}

TEST(GrantedConnects, are_read_with_their_streams) {
  const auto manifest = with(entry("192.168.7.20:7001") + ", " + entry("[fd00::20]:443"));
  ASSERT_TRUE(manifest);
  ASSERT_EQ(manifest->granted_connects.size(), 2u);
  EXPECT_EQ(manifest->granted_connects[1].address, "[fd00::20]:443");
  EXPECT_EQ(manifest->granted_connects[1].stream, "scanner");
}

TEST(GrantedConnects, that_are_no_exact_number_and_port_are_refused) {
  for (const char* address : {"scanner.lane3:7001", "192.168.7.20", "192.168.7.20:0", "192.168.7.20:65536", "192.168.7.20:07001",
                              "192.168.007.020:7001", "0xC0A80714:7001", "[fd00:0::20]:443", "[FD00::20]:443", "fd00::20:443",
                              ":7001", "192.168.7.20:*", "unix:/tmp/x", "192.168.7.20:70 01"})
    EXPECT_FALSE(with(entry(address))) << address;
}

TEST(GrantedConnects, to_a_stream_that_is_not_declared_or_not_of_bytes_are_refused) {
  EXPECT_FALSE(with(entry("192.168.7.20:7001", "camera")));
  EXPECT_FALSE(with(entry("192.168.7.20:7001", "files")));
}

TEST(GrantedConnects, of_one_address_twice_are_refused) {
  EXPECT_FALSE(with(entry("192.168.7.20:7001") + ", " + entry("192.168.7.20:7001")));
}

}  // namespace
}  // namespace garita::load
