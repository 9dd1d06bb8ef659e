#include "tools/garita-sim/nuctech/gb18030.hpp"

#include <iconv.h>

namespace garita::sim {

nuctech::Text gb18030(std::string_view utf8) {
  const nuctech::Text as_it_is{nuctech::Charset::utf8, std::string(utf8)};
  const iconv_t converter = iconv_open("GB18030", "UTF-8");
  if (converter == reinterpret_cast<iconv_t>(-1)) return as_it_is;
  std::string from(utf8), to(utf8.size() * 4, '\0');
  char *in = from.data(), *out = to.data();
  size_t left = from.size(), room = to.size();
  const bool whole = iconv(converter, &in, &left, &out, &room) != static_cast<size_t>(-1);
  iconv_close(converter);
  if (!whole) return as_it_is;
  to.resize(to.size() - room);
  return {nuctech::Charset::gb18030, to};
}

}  // namespace garita::sim
