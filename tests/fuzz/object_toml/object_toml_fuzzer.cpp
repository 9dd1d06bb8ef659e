// A text -> an object and a profile, or an error that says where; an object that was understood can be
// measured in any image without harm.
#include <cstdlib>
#include <string_view>

#include "conformance/quality/measure.hpp"
#include "conformance/quality/profile.hpp"

namespace {

const garita::quality::Image& image() {
  static const garita::quality::Image own = [] {
    garita::quality::Image image{64, 64, std::vector<uint16_t>(64 * 64, 5000)};
    for (size_t i = 0; i < image.samples.size(); ++i)
      image.samples[i] =
          static_cast<uint16_t>(image.samples[i] + i * 2654435761u % 97 - (i % 64) / 40 * 2000);
    return image;
  }();
  return own;
}

void check(const garita::base::Error& error) {
  if (error.id.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::quality;
  if (size > 1u << 14) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto profile = parse_profile(text, "fuzz.toml");
  if (!profile) check(profile.error());
  const auto object = parse_object(text, "fuzz.toml");
  if (!object) return check(object.error()), 0;
  const auto measured = measure(image(), &image(), *object);
  if (!measured) return check(measured.error()), 0;
  for (const Figure& figure : measured->figures)
    if (figure.id.empty() || !(figure.u >= 0)) std::abort();
  return 0;
}
