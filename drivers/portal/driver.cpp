#include "garita/driver.h"
