#include "tools/garita-demo/fleet.hpp"

#include <cstdlib>

namespace garita::demo {
namespace {

namespace fs = std::filesystem;

// A real rail-cargo radiograph is sent by the portal where one lies beside the project.
std::vector<std::string> portal_sends() {
  const char* data = std::getenv("GARITA_TEST_DATA");
  const fs::path real = data ? fs::path(data) / "cargo/zcon_5.npy" : fs::path();
  if (data && fs::exists(real)) return {"portal", "--seed", "50", "--image", real, "--count", "1"};
  return {"portal", "--seed", "19", "--count", "1"};
}

Site mexicali(const Folders& folders) {
  const fs::path exports = folders.demo / "exports";
  return {
      "mexicali",
      "Mexicali II",
      "land",
      "MX",
      "MXMXL",
      "America/Tijuana",
      {{"export-1",
        "conveyance",
        "leaving",
        {{"portal",
          "nuctech",
          "CP-7/4",
          "NT-MXL-01",
          "portal",
          {"nuctech", "--seed", "11", "--count", "2"},
          2},
         {"radiation", "vm250", "", "RPM-MXL-01", "panel", {"vm250", "--seed", "12", "--count", "2"}, 2}}},
       {"export-2",
        "cargo",
        "leaving",
        {{"gantry",
          "leidos",
          "",
          "LD-MXL-02",
          "exports",
          {"leidos", "--seed", "21", "--count", "2", "--part-ms", "5", "--radiation-dir",
           exports / "export-2-n42"},
          2,
          exports / "export-2"},
         {"spectra", "n42", "", "SP-MXL-02", "exports", {}, 2, exports / "export-2-n42"}}},
       {"bags-1",
        "bag",
        "entering",
        {{"cabinet",
          "astrophysics",
          "SC-100 cabinet",
          "AP-MXL-03",
          "scanner",
          {"astrophysics", "--model", "cabinet", "--scene", "bag", "--seed", "31", "--count", "3"},
          3}}}}};
}

Site ciudad_juarez(const Folders&) {
  return {"ciudad_juarez",
          "Ciudad Juárez, Zaragoza",
          "land",
          "MX",
          "MXCJS",
          "America/Ciudad_Juarez",
          {{"rail",
            "conveyance",
            "leaving",
            {{"gantry",
              "rapiscan",
              "",
              "RS-CJS-01",
              "control",
              {"rapiscan", "--seed", "41", "--count", "2"},
              2,
              {},
              "",
              "lines"}}},
           {"import-1",
            "conveyance",
            "entering",
            {{"portal", "portal", "", "SP-CJS-02", "scanner", portal_sends(), 1}}},
           {"import-2",
            "conveyance",
            "entering",
            {{"drive-through",
              "astrophysics",
              "SC-300 lane",
              "AP-CJS-03",
              "scanner",
              {"astrophysics", "--model", "portal", "--scene", "lorry", "--seed", "43", "--count", "2"},
              2}}}}};
}

Site aifa(const Folders& folders) {
  return {
      "aifa",
      "AIFA, Felipe Ángeles",
      "air",
      "MX",
      "",
      "America/Mexico_City",
      {{"cargo-1",
        "cargo",
        "entering",
        {{"tunnel",
          "dicos",
          "",
          "DX-AIFA-01",
          "exports",
          {},
          1,
          folders.demo / "exports" / "dicos",
          "dicos"}}},
       {"cargo-2",
        "cargo",
        "entering",
        {{"radiation", "n42", "", "RPM-AIFA-02", "exports", {}, 1, folders.demo / "exports" / "n42", "n42"}}},
       // A driver on trial, which tries to phone home.
       {"trial", "cargo", "entering", {{"newcomer", "phone_home", "", "XX-01", "", {}}}}}};
}

}  // namespace

std::vector<Site> fleet(const Folders& folders) {
  return {mexicali(folders), ciudad_juarez(folders), aifa(folders)};
}

}  // namespace garita::demo
