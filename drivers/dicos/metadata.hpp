// The metadata of a file as attributes of the record.
#pragma once

#include <string>
#include <vector>

#include "drivers/dicos/tags.hpp"
#include "garita/attributes.hpp"
#include "garita/time.hpp"

namespace garita::dicos {

// `dicos`: the object of inspection's own ids are kept; in medical files the same elements are a patient's, and stay out.
std::vector<Attribute> attributes_of(const Tags& tags, bool dicos);

// When it was measured: the acquisition's time, else content's, series', study's. Without a zone in the file the time
// is taken as UTC and its uncertainty says so.
Time time_of(const Tags& tags);

// IANA name of the file's texts; empty: ASCII, or a set that is not one of those.
std::string charset_of(const Tags& tags);

}  // namespace garita::dicos
