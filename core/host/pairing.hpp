// Do two devices of a lane speak of the same passage? Pure.
//
//   equal passage keys        yes, whatever the clocks say; unequal ones: no
//   else                      the times that each took, or was occupied, moved by the way from one device to
//   the other at the
//                             passage's speed, may lie no further apart than the lane's window
//
// Times of a device that is connected are the host's: from when its last byte came, back by as long as its
// scan took by its own clock. Those of a file are the file's, put right by the clock's offset where the
// record has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "garita/v1/inspection.pb.h"

namespace garita::host {

struct Passage {
  std::string key;                   // empty: the device gives none
  int64_t begin_ns = 0, end_ns = 0;  // UTC
  bool occupied = false;             // they are the times that it was occupied
  double speed_mps = 0;              // 0: unknown
  std::optional<double> position_m;  // of the device along the travel
};

// nullopt: the record has no time at all.
std::optional<Passage> passage_of(const v1::Inspection& record, std::optional<double> position_m);

struct Match {
  v1::Joined::Reason reason = v1::Joined::REASON_UNSPECIFIED;
  uint64_t apart_ns = 0;          // 0: they overlap
  std::optional<int64_t> way_ns;  // from the leader's place to the other's; negative: the other comes first
};

std::optional<Match> match(const Passage& leader, const Passage& other, uint64_t window_ns);

}  // namespace garita::host
