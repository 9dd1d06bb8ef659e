#include "core/broker/stream.hpp"

namespace garita::broker {
namespace {

constexpr Kind kinds[] = {
    {"tcp", "tcp://host:port", true, make_tcp_stream},
    {"tcp-listen", "tcp-listen://host:port", true, make_tcp_listener},
    {"tls", "tls://host:port?ca=FILE", true, make_tls_stream},
    {"udp", "udp://host:port", true, make_udp_stream},
    {"udp-listen", "udp-listen://host:port", true, make_udp_listener},
    {"serial", "serial:/dev/ttyS0?baud=115200", false, make_serial_stream},
    {"file", "file:PATH", false, make_file_stream},
    {"dir", "dir:PATH", false, make_inbox_stream, true},
    {"replay", "replay:FILE", false, nullptr},
};

}  // namespace

const Kind* find_kind(std::string_view scheme) {
  for (const Kind& kind : kinds)
    if (kind.scheme == scheme) return &kind;
  return nullptr;
}

std::string known_kinds() {
  std::string text;
  for (const Kind& kind : kinds) (text += text.empty() ? "" : ", ") += kind.form;
  return text;
}

}  // namespace garita::broker
