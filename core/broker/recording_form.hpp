// The fixed part of a recording's file, shared by whoever writes and whoever reads it; recorder.cpp draws it.
#pragma once

#include <array>
#include <cstdint>

#include "core/broker/recording.hpp"

namespace garita::broker {

struct RecordingHeader {
  uint32_t skip_magic = 0x184D2A50;  // a frame that zstd passes over: `zstd -dc FILE` gives the records
  uint32_t skip_bytes = 16;
  std::array<char, 8> magic = {'g', 'a', 'r', 'i', 't', 'a', 'r', 'c'};
  uint32_t version = recording_version;
  uint32_t reserved = 0;
};
static_assert(sizeof(RecordingHeader) == recording_header_bytes);

inline RecordingHeader recording_header() { return {}; }

}  // namespace garita::broker
