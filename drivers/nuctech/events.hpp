// The portal's messages as the ABI has them: texts in UTF-8, moments in UTC, fields of the common record.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "drivers/nuctech/rows.hpp"
#include "drivers/nuctech/wire.hpp"
#include "garita/calibration.hpp"
#include "garita/host.hpp"

namespace garita::nuctech {

// In UTF-8. What is not text in the charset that it claims comes out as "".
std::string readable(const Host& host, const Text& text);

// The portal's clock: milliseconds of a local time that is zone_min ahead of UTC.
Time moment(int64_t clock_ms, int16_t zone_min, Received received);

// Texts that are not what they claim go as bytes: the host keeps them and flags them.
std::vector<Attribute> device_attributes(const Host& host, const Greeting& greeting);
std::vector<Attribute> scan_attributes(const Host& host, const ScanBegin& scan);
Attribute verdict_attribute(const Verdict& verdict);

View view_of(const ScanBegin& scan);

// Dark and air of both energies: four events, in 1/256 counts.
std::vector<garita::Calibration> calibrations_of(const Calibration& measured, const Time& time);

// The box in rows and columns as delivered; without a place where nothing of it was.
Detection detection_of(const Host& host, const Finding& finding, const ScanBegin& scan, const Rows& rows);

}  // namespace garita::nuctech
