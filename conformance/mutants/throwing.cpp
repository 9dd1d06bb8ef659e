// The rows that throw: the same driver, built as C++.
#include "mutant.c"
