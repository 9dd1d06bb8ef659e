// What another device of the lane saw of the same passage, put into a record.
#pragma once

#include "core/host/pairing.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::host {

// All of `other` but its attachments (their bytes are the package's affair): its device, readings,
// detections, streams, vendor's own and suspect values, each knowing its device; of conveyance and documents
// what the record itself does not say; and why it belongs here. Gives the number of its device; 0: the record
// has no room for one more, and is as it was.
uint32_t take_in(const v1::Inspection& other, const Match& why, uint64_t window_ns, v1::Inspection& record);

}  // namespace garita::host
