#include "conformance/runner/terminal.hpp"

namespace garita::conformance {

int fail(const Terminal& terminal, const base::Error& error) {
  terminal.err << "garita-conform: " << base::render(error, terminal.language) << std::endl;
  return static_cast<int>(error.outcome);
}

}  // namespace garita::conformance
