// N42 -> events: the bytes of a file in, what a scan says of it out. Pure: no I/O, no clock. Hostile input
// gives a sentence; what can be read of a poor file is read.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "garita/events.hpp"

namespace garita::n42 {

inline constexpr size_t max_documents = 256;  // of one file
inline constexpr size_t max_detections = 1024;
inline constexpr size_t max_texts = 64;  // remarks, characteristics, faults, of each

// What one root element says.
struct Document {
  std::string uuid;  // as the file states it; empty where it states none
  std::string passage_key;  // what the devices of a lane call one passage; empty where the file does not say
  Time time = {};    // the first moment that is not background
  Time end = {};
  std::vector<Attribute> attributes;
  std::vector<Reading> readings;
  std::vector<Detection> detections;
};

struct Parsed {
  std::vector<Document> documents;  // at least one where problem is empty
  std::string problem;  // to stand behind the file's name: "is not well-formed XML at byte 17: …"
  garita_status status = GARITA_OK;
};

// Overwrites `bytes`. Reads the 2006 and the 2012 standard, and several root elements in one file.
Parsed parse(std::span<std::byte> bytes);

}  // namespace garita::n42
