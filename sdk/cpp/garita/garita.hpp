// Everything a driver in C++ needs.
#pragma once

#include "garita/attributes.hpp"
#include "garita/calibration.hpp"
#include "garita/device.hpp"
#include "garita/driver.hpp"
#include "garita/error.hpp"
#include "garita/events.hpp"
#include "garita/extensions.hpp"
#include "garita/garita.h"
#include "garita/inbox.hpp"
#include "garita/line_scan.hpp"
#include "garita/split.hpp"
#include "garita/stream.hpp"
#include "garita/wire.hpp"
