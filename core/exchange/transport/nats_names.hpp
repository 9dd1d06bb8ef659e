// What things are called on a NATS server: the program and the servers' configurations (../fleet) agree here.
#pragma once

#include <string>

namespace garita::exchange {

// Of the one stream for what goes from one site to another. Its receiver's.
inline std::string nats_stream(const std::string& from, const std::string& to) {
  return "garita-" + from + "-" + to;
}
// What is published there stands below: "garita.FROM.TO.c" for a chunk.
inline std::string nats_subjects(const std::string& from, const std::string& to) {
  return "garita." + from + "." + to;
}
// Answers of the server, and what it delivers, come below. Sites of a nation share an account: an inbox of
// its own lets each be shut out of the others'.
inline std::string nats_inbox(const std::string& site) { return "_INBOX." + site; }

inline constexpr const char* nats_consumer = "inbox";

}  // namespace garita::exchange
