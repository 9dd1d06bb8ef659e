/* READING: radiation, as a series of intervals or as one spectrum. */
#ifndef GARITA_READING_H
#define GARITA_READING_H

#include "garita/value.h"

#define GARITA_READING_GAMMA 1u
#define GARITA_READING_NEUTRON 2u
#define GARITA_READING_SPECTRUM 3u
#define GARITA_READING_DOSE_RATE 4u

#define GARITA_READING_BACKGROUND 1u /* flags, a bit set */
#define GARITA_READING_OCCUPIED 2u
#define GARITA_READING_ALARM 4u
#define GARITA_READING_FAULT 8u

#define GARITA_MAX_READING_VALUES 65536u

/* panel        Name of the detector panel: "master_upper".
 * time         Of the first interval's start.
 * interval_ns  Length of one interval (series) or the real time (spectrum).
 * live_ns      Live time of an interval or the spectrum; 0: not known.
 * unit         GARITA_UNIT_COUNTS, _CPS, _MICROSIEVERT_PER_H.
 * values       double: one per interval, or the spectrum's channels; ≤ 65536.
 * energy_kev   double: polynomial of the spectrum's energy calibration, lowest power first; empty for series.
 */
typedef struct garita_reading {
  uint32_t struct_size;
  uint32_t kind; /* GARITA_READING_GAMMA … */
  garita_text panel;
  garita_time time;
  uint64_t interval_ns;
  uint64_t live_ns;
  uint32_t unit;
  uint32_t flags;
  garita_array values;
  garita_array energy_kev;
} garita_reading;
GARITA_FROZEN(offsetof(garita_reading, values) == 80);
GARITA_FROZEN(sizeof(garita_reading) == 112);

#endif
