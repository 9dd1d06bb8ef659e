// What the simulated portal does wrong, once: --fault KIND:N strikes at the N-th message that it sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::sim {

struct Fault {
  enum class Kind {
    none,
    drop,    // the connection ends before the message
    cut,     // the connection ends in the middle of the message
    lose,    // the message is left out
    twice,   // the message comes twice
    order,   // the message comes after the next one
    flip,    // a bit of the message is turned round
    length,  // the message claims to be four bytes longer, in a head that is otherwise right
    clock,   // from this message on the clock is an hour behind
  };
  Kind kind = Kind::none;
  uint64_t message = 0;  // counted from 0 over all connections
};

// "drop:5". Errors: sim.bad_fault {given}.
base::Result<Fault> parse_fault(const std::string& text);

// Between the messages and the socket.
class Saboteur {
 public:
  explicit Saboteur(Fault fault) : fault_(fault) {}

  // True once: from the message on that is about to be sent the clock is wrong.
  bool steps_clock() const { return fault_.kind == Fault::Kind::clock && sent_ >= fault_.message; }

  // Appends a frame, or what the fault makes of it. false: after these bytes the connection ends.
  bool pass(std::vector<std::byte> frame, std::vector<std::byte>& out);

 private:
  Fault fault_;
  uint64_t sent_ = 0;
  std::vector<std::byte> held_;
};

}  // namespace garita::sim
