// DCMTK's headers, and its state that is one for the process.
#pragma once

// clang-format off
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcistrma.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
// clang-format on

namespace garita::dicos {

// Sets DCMTK up once: quiet, tolerant, the decoders registered, and a dictionary: dicom.dic from the driver's own
// folder or, loaded out of memory, as the worker handed it over; where neither is there, the tags that this driver reads.
// DCMTK is never left to look for a file itself. From any thread; cheap after the first time (about 15 ms).
void set_up_dcmtk();

}  // namespace garita::dicos
