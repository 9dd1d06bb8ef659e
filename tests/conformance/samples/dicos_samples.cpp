// dicos-samples FOLDER: small DICOS files that show every capability of the driver `dicos`.
#include <fstream>
#include <iostream>

#include "drivers/dicos/tests/samples.hpp"

namespace garita::dicos {
namespace {

void put(const std::string& folder, const std::string& name, const std::string& bytes) {
  std::ofstream file(folder + "/" + name, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + folder + "/" + name);
}

// An image with a UID and an image type of its own.
std::string image(const char* sop_class, uint16_t frames, const char* uid, const char* image_type) {
  return samples::image({.sop_class = sop_class, .frames = frames, .change = [=](DcmDataset& out) {
                           samples::need(out.putAndInsertString({0x0008, 0x0018}, uid));
                           samples::need(out.putAndInsertString({0x0008, 0x0008}, image_type));
                         }});
}

// The same report, as an operator made it.
std::string by_operator(const std::string& folder, const char* of_image) {
  const std::string path = folder + "/.report";
  put(folder, ".report", samples::report("PI", of_image));
  DcmFileFormat file;
  samples::need(file.loadFile(path.c_str()));
  samples::need(file.getDataset()->putAndInsertString({0x0008, 0x0018}, "999.888.0077.3"));
  samples::need(file.getDataset()->putAndInsertString({0x4010, 0x1027}, "OPERATOR"));
  const std::string bytes = samples::bytes_of(file, EXS_LittleEndianExplicit);
  unlink(path.c_str());
  return bytes;
}

void make(const std::string& folder) {
  put(folder, "single.dcs", image(samples::dicos_dx_class, 1, "999.888.0077.1", "ORIGINAL\\PRIMARY"));
  put(folder, "high.dcs",
      image(samples::dicos_dx_class, 1, "999.888.0077.11", "ORIGINAL\\PRIMARY\\XRAY\\HIGH ENERGY"));
  put(folder, "low.dcs",
      image(samples::dicos_dx_class, 1, "999.888.0077.12", "ORIGINAL\\PRIMARY\\XRAY\\LOW ENERGY"));
  put(folder, "volume.dcs",
      image(samples::dicos_ct_class, 5, "999.888.0077.13", "ORIGINAL\\PRIMARY\\VOLUME"));
  put(folder, "threat_machine.dcs", samples::report("PI", "999.888.0077.1"));
  put(folder, "threat_operator.dcs", by_operator(folder, "999.888.0077.1"));
}

}  // namespace
}  // namespace garita::dicos

int main(int argc, char** argv) try {
  if (argc != 2) return std::cerr << "dicos-samples FOLDER\n", 2;
  garita::dicos::make(argv[1]);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "dicos-samples: " << error.what() << '\n';
  return 4;
}
