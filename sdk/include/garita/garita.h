/* The whole driver ABI. */
#ifndef GARITA_GARITA_H
#define GARITA_GARITA_H

#include "garita/abi.h"
#include "garita/attachment.h"
#include "garita/calibration.h"
#include "garita/detection.h"
#include "garita/device.h"
#include "garita/driver.h"
#include "garita/event.h"
#include "garita/ext/message.h"
#include "garita/ext/stored.h"
#include "garita/host.h"
#include "garita/reading.h"
#include "garita/scan.h"
#include "garita/status.h"
#include "garita/value.h"
#include "garita/view.h"

#endif
