// A small file of every coding, a report, and one of wide samples.
#include <fstream>

#include "drivers/dicos/tests/samples.hpp"

int main(int argc, char** argv) {
  namespace samples = garita::dicos::samples;
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder + "/" + name, std::ios::binary) << bytes;
  };
  for (const auto& [name, coding] :
       {std::pair("explicit", EXS_LittleEndianExplicit), std::pair("implicit", EXS_LittleEndianImplicit),
        std::pair("big", EXS_BigEndianExplicit), std::pair("deflated", EXS_DeflatedLittleEndianExplicit),
        std::pair("rle", EXS_RLELossless), std::pair("jpeg", EXS_JPEGProcess14SV1),
        std::pair("jpegls", EXS_JPEGLSLossless)})
    write(name, samples::image({.coding = coding, .frames = 2}));
  write("report", samples::report());
  write("float", samples::image({.sop_class = samples::dicos_dx_class, .rows = 3, .columns = 2,
                                 .change = samples::wide(0x0013, DcmVR(EVR_OF), std::vector<float>(6, 1.5F))}));
}
