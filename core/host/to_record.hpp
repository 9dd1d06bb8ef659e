// Checked events of a driver, said in the words of the record. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/base/digest.hpp"
#include "core/image/event.hpp"
#include "core/normalize/report.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::host {

// A digest as a field of bytes holds it.
inline std::string as_bytes(const base::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Leaves out what is unknown.
void set_moment(const image::Time& time, v1::Moment& out);

// What the device declared of a view; what normalize measured and decided is added by ScanRecorder.
void set_view(const image::View& view, v1::View& out);

void set_reading(const image::Reading& reading, v1::Reading& out);

// The box is in rows and columns as delivered; views are those of SCAN_BEGIN. The label of what is radioactive is its
// nuclide where it is written as one ("Cs-137"). A box without a view is kept without a view. family: the driver's name;
// where the driver says no category of the record's, its vendor code is looked up (core/record/vocabulary.hpp).
void set_detection(const image::Detection& detection, const std::vector<image::View>& views, std::string_view family,
                   v1::Detection& out);

void set_attachment(const image::Attachment& attachment, v1::Attachment& out);

// What normalize decided and measured: orientation as stored, rows, masks, quality. set_view came before.
void set_view_report(const normalize::ViewReport& report, v1::View& out);

}  // namespace garita::host
