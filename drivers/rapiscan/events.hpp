// What the gantry says, as the ABI has it: facts by field paths of the common record, the view, calibrations.
#pragma once

#include <string>
#include <vector>

#include "drivers/rapiscan/motion.hpp"
#include "drivers/rapiscan/order.hpp"
#include "drivers/rapiscan/wire.hpp"
#include "garita/attributes.hpp"
#include "garita/events.hpp"

namespace garita::rapiscan {

Time moment(const Date& date, Received received);

// Of HELLO: standing, for all scans of this connection.
std::vector<Attribute> device_attributes(const Hello& hello);

// serial-boots-scan: unique per gantry for ever.
std::string key_of(const Hello& hello, const ScanStart& scan);

std::vector<Attribute> scan_attributes(const ScanStart& scan, const Motion& motion);
View view_of(const ScanStart& scan);

// Dark and air of both energies. The gantry numbers a measurement of both; the ABI each channel's.
std::vector<garita::Calibration> calibrations_of(const Calibration& measured, const Time& time);

// What became of the datagrams, for the record and, as a sentence, for the log.
std::vector<Attribute> transport_attributes(const OrderCounts& counts);
std::string transport_sentence(const OrderCounts& counts, uint64_t lost);

}  // namespace garita::rapiscan
