// The driver of an author who got top and bottom wrong.
#include "garita/garita.hpp"
#undef GARITA_COLUMN_ZERO_TOP
#define GARITA_COLUMN_ZERO_TOP GARITA_COLUMN_ZERO_BOTTOM
#include "driver.cpp"
