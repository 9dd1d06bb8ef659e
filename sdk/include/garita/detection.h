/* DETECTION: something a machine or an operator found. */
#ifndef GARITA_DETECTION_H
#define GARITA_DETECTION_H

#include "garita/value.h"

#define GARITA_NO_VIEW 0xFFFFFFFFu /* a detection without a place in a picture */

#define GARITA_FOUND_BY_MACHINE 1u
#define GARITA_FOUND_BY_OPERATOR 2u

/* The box is half-open: first … first + count - 1 in rows as delivered, columns and slices.
 *
 * category     The record's word: "explosive", "firearm", … (record's dictionary).
 * vendor_code  The vendor's own code, kept verbatim.
 * label        Nuclide, model: free text.
 * confidence   0 … 1, or NaN where none is stated.
 * polygon      double, x0 y0 x1 y1 … in columns and rows; empty: the box is all.
 */
typedef struct garita_detection {
  uint32_t struct_size;
  uint32_t view; /* index, or GARITA_NO_VIEW */
  uint64_t first_row;
  uint64_t rows;
  uint32_t first_column;
  uint32_t columns;
  uint32_t first_slice;
  uint32_t slices;
  garita_text category;
  garita_text vendor_code;
  garita_text label;
  double confidence;
  uint32_t source; /* GARITA_FOUND_BY_MACHINE, _OPERATOR */
  uint32_t reserved; /* 0 */
  garita_array polygon;
} garita_detection;
GARITA_FROZEN(offsetof(garita_detection, confidence) == 88);
GARITA_FROZEN(sizeof(garita_detection) == 120);

#endif
