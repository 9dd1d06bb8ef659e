// What a manifest says of the streams that its driver wants, and of what its libraries connect to.
#include <arpa/inet.h>

#include "core/load/manifest_reader.hpp"

namespace garita::load {
namespace {

// Number and port, in the one way that inet_ntop writes them: what a connect is compared with.
bool is_numeric_address(const std::string& given) {
  const std::string_view text = given;
  const size_t colon = text.rfind(':');
  if (colon == text.npos || colon < 2 || text.size() > 64) return false;
  const std::string_view port = text.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 && port[0] != '0' &&
                      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::stoul(std::string(port)) > 65535) return false;
  const bool six = text.front() == '[' && text[colon - 1] == ']';
  const std::string host(six ? text.substr(1, colon - 2) : text.substr(0, colon));
  unsigned char number[sizeof(in6_addr)];
  char written[INET6_ADDRSTRLEN];
  const int family = six ? AF_INET6 : AF_INET;
  return inet_pton(family, host.c_str(), number) == 1 && inet_ntop(family, number, written, sizeof written) &&
         host == written;
}

}  // namespace

StreamDeclaration stream_declaration(Reader& read, const Json& given, const std::string& field) {
  StreamDeclaration own;
  if (!read.is(given, given.is_object(), field)) return own;
  const std::string where = field + ".";
  own.name = read.text(given, where, "name", has_form<stream_pattern, 64>, true);
  const std::string kind = read.text(given, where, "kind", is_any, true);
  if (kind == "bytes")
    own.kind = GARITA_STREAM_BYTES;
  else if (kind == "datagrams")
    own.kind = GARITA_STREAM_DATAGRAMS;
  else if (kind == "objects")
    own.kind = GARITA_STREAM_OBJECTS;
  else
    read.fail("manifest_form", where + "kind", kind);
  const std::string direction = read.text(given, where, "direction", is_any, true);
  if (direction == "in")
    own.direction = Direction::in;
  else if (direction == "out")
    own.direction = Direction::out;
  else if (direction == "inout")
    own.direction = Direction::inout;
  else
    read.fail("manifest_form", where + "direction", direction);
  own.required = read.flag(given, where, "required", true);
  own.patterns = read.texts(given, where, "pattern", is_glob, 1, 32, false);
  read.array(given, where, "siblings", 0, 32, false, [&](const Json& element, const std::string& sibling) {
    if (!read.is(element, element.is_object(), sibling)) return;
    own.siblings.push_back({read.text(element, sibling + ".", "pattern", is_glob, true),
                            read.flag(element, sibling + ".", "required", true)});
  });
  own.text = local_text(read, given, where);
  return own;
}

GrantedConnect granted_connect(Reader& read, const Json& given, const std::string& field,
                               const Manifest& manifest) {
  GrantedConnect own;
  if (!read.is(given, given.is_object(), field)) return own;
  own.address = read.text(given, field + ".", "address", is_numeric_address, true);
  own.stream = read.text(given, field + ".", "stream", is_any, true);
  const StreamDeclaration* stream = manifest.stream(own.stream);
  if (!stream || stream->kind != GARITA_STREAM_BYTES)
    read.fail("manifest_form", field + ".stream", own.stream);
  return own;
}

}  // namespace garita::load
