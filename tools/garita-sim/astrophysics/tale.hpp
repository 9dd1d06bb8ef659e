// A bag as the messages that tell of it, in the machine's order.
#pragma once

#include <functional>
#include <string>

#include "tools/garita-sim/astrophysics/machine.hpp"

namespace garita::sim {

// What the machine remembers from bag to bag.
struct BeltCount {
  uint32_t line = 0xFFFFFFFFu - 499;  // of the encoder: wraps in the first bag
};

// Takes one message; false: nobody listens any more.
using Teller = std::function<bool(const astrophysics::Message&)>;

// BAG, LINEs of all views as the belt carries them past the generators, FOUNDs, BAG_END. Where the pass says
// so, the belt stops in the middle, runs back a few lines and scans them again. begun_us: by the machine's
// clock. false: the teller said so.
bool tell_bag(const Model& model, BagPass& pass, const std::string& key, int64_t begun_us, BeltCount& belt,
              const Teller& teller);

// How long the bag takes.
int64_t bag_us(const Model& model, const BagPass& pass);

}  // namespace garita::sim
