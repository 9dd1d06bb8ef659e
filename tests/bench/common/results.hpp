// The rows that ./dev bench prints and keeps: a JSON array of
//
//   {"name", "value", "unit", "target", "direction": ">=" | "<=", "met", "ours", "peer"}
//
// Where a peer is named, value = ours/peer, and ours and peer are rates where the direction is >= (a duration
// as its reciprocal) and amounts where it is <=. Without a peer, value = ours and peer is null.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace garita::bench {

enum class Direction { at_least, at_most };

struct Row {
  std::string name;  // "spine.correct_opencv"
  double value = 0;
  std::string unit;  // of value: "ratio", "MB/s"
  double target = 0;
  Direction direction = Direction::at_least;
  double ours = 0;
  std::optional<double> peer;

  bool met() const { return direction == Direction::at_least ? value >= target : value <= target; }
};

// ours over peer, both rates.
Row rate_ratio(std::string name, double target, double ours, double peer);

// Puts rows into the array of a file, which need not exist: rows of the same name are replaced where they
// stand, others stay, new ones follow. False, with a sentence on stderr, where the file is no such array or
// cannot be written.
bool merge_rows(const std::filesystem::path& path, const std::vector<Row>& rows);

// What every benchmark program takes: --json PATH, --rounds N, and --KEY VALUE of its own.
class Arguments {
 public:
  // Ends the program with 2 and a sentence on stderr at an argument that is not in `own`.
  Arguments(int argc, char** argv, const std::vector<std::string>& own = {});
  std::string value(const std::string& key, const std::string& otherwise = "") const;
  unsigned rounds(unsigned otherwise) const;

 private:
  std::vector<std::pair<std::string, std::string>> given_;
};

// Prints the rows, and merges them into --json where that is given. Returns the program's exit code: 0, or 1
// where the file could not be written. A target that was missed is not an error of the program.
int report(const Arguments& arguments, const std::vector<Row>& rows);

}  // namespace garita::bench
