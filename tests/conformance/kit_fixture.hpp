// Starts garita-conform as a person would, and reads what it said.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/evidence/bundle.hpp"
#include "core/base/file.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::conformance {

class Kit : public ::testing::Test {
 protected:
  struct Answer {
    int exit_code = -1;
    std::string out, err;
    std::vector<nlohmann::json> lines() const {
      std::vector<nlohmann::json> all;
      std::istringstream in(out);
      for (std::string line; std::getline(in, line);) all.push_back(nlohmann::json::parse(line));
      return all;
    }
    std::string last_line() const {
      const size_t end = out.find_last_not_of('\n');
      const size_t begin = out.rfind('\n', end);
      return out.substr(begin == std::string::npos ? 0 : begin + 1, end - begin);
    }
  };

  // `before`: a command that starts it, for another user or with other rights.
  Answer kit(const std::string& arguments, int timeout_s = 300, const std::string& before = "") {
    const std::string err = folder / "stderr.txt";
    const std::string line = "cd '" + folder.path().string() + "' && LANG=C timeout -k 5 " +
                             std::to_string(timeout_s) + " " + before + " " GARITA_BIN_DIR "/garita-conform " +
                             arguments + " 2>'" + err + "' </dev/null";
    Answer answer;
    FILE* pipe = popen(line.c_str(), "r");
    std::array<char, 65536> buffer;
    for (size_t n; pipe && (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
      answer.out.append(buffer.data(), n);
    const int status = pipe ? pclose(pipe) : -1;
    answer.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    const auto said = base::read_text_file(err, 1u << 20);
    answer.err = said ? *said : "";
    return answer;
  }

  // The verdicts by rule of a run with --json.
  static std::map<std::string, nlohmann::json> verdicts(const Answer& answer) {
    std::map<std::string, nlohmann::json> all;
    for (const nlohmann::json& line : answer.lines())
      if (line["event"] == "rule_ended") all[line["rule"]] = line;
    return all;
  }

  static std::string driver(const std::string& name) {
    return GARITA_DRIVER_DIR "/" + name + "/" + name + ".garita.json";
  }
  static std::string mutant(const std::string& id) {
    return GARITA_BINARY_DIR "/lib/garita/kit-mutants/kit_" + id + "/kit_" + id + ".garita.json";
  }
  // The tape of two scans that the kit's mutants play (conformance/mutants/kit.c).
  std::string leave() {
    std::ofstream(folder / "leave.bin") << "hdaPCDLSK..abdghkmnpPCDLSK..suvyzabdg";
    return " --source scanner=file:leave.bin";
  }

  // Seals the bundle at `path` again, as one who forges would, with events that `change` has changed.
  static void forge(const std::string& path,
                    const std::function<void(std::vector<nlohmann::json>&)>& change) {
    const auto bundle = read_bundle(path);
    ASSERT_TRUE(bundle);
    std::vector<nlohmann::json> events = bundle->events;
    change(events);
    Chain chain;
    for (const nlohmann::json& event : events) chain.add(event);
    nlohmann::json head = bundle->head;
    head["inputs"] = nlohmann::json::array();
    head["redacted"] = true;
    auto writer = BundleWriter::create(path);
    ASSERT_TRUE(writer->add("bundle.json", canonical(head)));
    ASSERT_TRUE(writer->add("manifest.garita.json", bundle->manifest));
    ASSERT_TRUE(writer->finish(chain, nullptr));
  }

  base::testing::TemporaryFolder folder;
};

}  // namespace garita::conformance
