#include "conformance/evidence/suite.hpp"

namespace garita::conformance {

const char* suite_commit() { return GARITA_SUITE_COMMIT; }

}  // namespace garita::conformance
