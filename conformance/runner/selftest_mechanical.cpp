#include "conformance/runner/selftest_mechanical.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "conformance/mutants/mechanical/ledger.hpp"
#include "conformance/mutants/mechanical/mutations.hpp"
#include "conformance/mutants/mechanical/shell.hpp"
#include "conformance/mutants/mechanical/workshop.hpp"
#include "conformance/runner/command_line.hpp"
#include "core/base/file.hpp"

namespace garita::conformance::mechanical {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
const fs::path source_root = GARITA_SOURCE_DIR;  // mutants are made where the sources are
// Most are found by a few rules; all of them take minutes.
constexpr const char *everything = "", *truth = "--filter 'GAR-TRU-*'",
                     *quick_to_thorough[] = {"--smoke", truth, everything};
constexpr uint64_t max_source_bytes = 4u << 20;
constexpr size_t spare = 3;  // so many places for each that counts: some do not compile

struct Wish {
  uint64_t count = 0, seed = 1, jobs = 2;
  std::string build = "build/release", journal, filter;
  bool json = false;
};

base::Result<Wish> wish_of(const std::vector<std::string>& arguments) {
  Wish own;
  po::options_description all;
  auto add = all.add_options();
  add("mechanical", po::value(&own.count)), add("seed", po::value(&own.seed)),
      add("jobs", po::value(&own.jobs)), add("build", po::value(&own.build));
  add("journal", po::value(&own.journal)), add("filter", po::value(&own.filter)),
      add("json", po::bool_switch(&own.json));
  GARITA_TRY(parse_command_line(all, arguments));
  if (own.count == 0 || own.count > 100000)
    return base::Error{base::Outcome::usage, "conform.bad_option", {{"option", "--mechanical"}}};
  if (own.jobs == 0 || own.jobs > 64)
    return base::Error{base::Outcome::usage, "conform.bad_option", {{"option", "--jobs"}}};
  own.build = fs::absolute(own.build).string();
  if (own.journal.empty()) own.journal = own.build + "/mechanical.jsonl";
  return own;
}

struct Place {
  Family family;
  fs::path file;
  Mutation mutation;
  std::string text;  // of the file

  Entry entry() const {
    const size_t begin = text.rfind('\n', mutation.offset == 0 ? 0 : mutation.offset - 1) + 1;
    const std::string line = text.substr(begin, text.find('\n', begin) - begin);
    Entry own;
    own.family = family.name, own.file = fs::relative(file, source_root).string(), own.rule = mutation.rule;
    own.before = mutation.before(text), own.after = mutation.after;
    own.source = line.substr(std::min(line.size(), line.find_first_not_of(' ')));
    own.line = mutation.line, own.column = static_cast<uint32_t>(mutation.offset - begin);
    return own;
  }
};

// Thrice N over all families alike, within a family over its files, within a file over rules.
base::Result<std::vector<Place>> places(const Wish& wish) {
  std::vector<std::vector<Place>> by_file;
  for (const Family& family : families(source_root)) {
    if (!wish.filter.empty() && family.name != wish.filter) continue;
    for (const fs::path& file : family.sources) {
      GARITA_TRY_ASSIGN(text, base::read_text_file(file, max_source_bytes));
      by_file.emplace_back();
      for (Mutation& each : sample(mutations_of(text), wish.count * spare, wish.seed))
        by_file.back().push_back({family, file, std::move(each), text});
    }
  }
  std::vector<Place> own;
  const size_t most = wish.count * spare;
  for (size_t round = 0; own.size() < most; ++round) {
    bool some = false;
    for (const auto& file : by_file)
      if (round < file.size() && own.size() < most) own.push_back(file[round]), some = true;
    if (!some) break;
  }
  return own;
}

struct Judgement {
  std::string verdict = "error";
  std::vector<std::string> by;
};

// Does this line of the kit speak against the driver?
bool is_against(const nlohmann::json& line) {
  const std::string verdict = line.value("verdict", "");
  const bool harmless =
      verdict == "PASS" || verdict == "SKIPPED" || verdict == "HARNESS_ERROR" || verdict == "WAIVED";
  return line.value("event", "") == "rule_ended" && !harmless;
}
nlohmann::json parsed(const std::string& line) {
  auto own = nlohmann::json::parse(line, nullptr, false);
  return own.is_object() ? own : nlohmann::json::object();
}

Judgement judgement_of(const Ran& ran) {
  Judgement own;
  for (const std::string& line : ran.lines) {
    const auto json = parsed(line);
    if (is_against(json)) own.by.push_back(json.value("rule", ""));
    if (json.value("event", "") == "run_ended" && own.by.empty()) own.verdict = "survived";
  }
  if (!own.by.empty()) own.verdict = "killed";
  // A driver that is not even taken is found, too.
  if (ran.exit_code == static_cast<int>(base::Outcome::not_loaded)) own = {"killed", {"load"}};
  return own;
}

class Run {
 public:
  Run(const Wish& wish, const Terminal& terminal) : wish_(wish), terminal_(terminal) {}

  base::Result<Results> all() {
    GARITA_TRY_ASSIGN(chosen, places(wish_));
    known_ = read_journal(wish_.journal);
    look_after_health(chosen);
    Results own{wish_.seed, {}, {}};
    chosen_ = chosen;
    std::vector<std::future<base::Result<void>>> hands;
    for (size_t slot = 0; slot < wish_.jobs; ++slot)
      hands.push_back(std::async(std::launch::async, [this, slot] { return work(slot); }));
    for (auto& hand : hands) GARITA_TRY(hand.get());
    for (auto& [place, entry] : judged_) own.entries.push_back(std::move(entry));
    for (const auto& [family, healthy] : healthy_)
      if (!healthy) own.unhealthy.push_back(family);
    return own;
  }

 private:
  void progress(size_t done, size_t all, const Entry& entry) const {
    terminal_.out << done << '/' << all << ' ' << entry.file << ':' << entry.line << ' ' << entry.rule << ' '
                  << entry.verdict << (entry.by.empty() ? "" : " " + entry.by.front()) << std::endl;
  }

  // One of those who work side by side, each in a folder of its own: most of a judgement is waiting for
  // deadlines. Takes the next place until enough are judged.
  base::Result<void> work(size_t slot) {
    while (const auto place = next()) {
      Entry entry = chosen_[*place].entry();
      const auto before = known_.find(entry.key());
      if (before != known_.end() && before->second.verdict != "error") {
        entry = before->second;
      } else {
        GARITA_TRY_ASSIGN(judged, judge(chosen_[*place], slot));
        entry.verdict = judged.verdict, entry.by = judged.by;
        const std::lock_guard lock(mutex_);
        GARITA_TRY(append(wish_.journal, entry));
      }
      note(*place, std::move(entry));
    }
    return {};
  }
  std::optional<size_t> next() {
    const std::lock_guard lock(mutex_);
    while (next_ < chosen_.size() && !healthy_.at(chosen_[next_].family.name)) ++next_;
    if (done_ >= wish_.count || next_ >= chosen_.size()) return std::nullopt;
    return next_++;
  }
  void note(size_t place, Entry entry) {
    const std::lock_guard lock(mutex_);
    done_ += entry.verdict == "killed" || entry.verdict == "survived";
    if (!wish_.json) progress(done_, wish_.count, entry);
    judged_.emplace(place, std::move(entry));
  }

  static fs::path object_of(const Family& family) {
    return source_root / "drivers" / family.name / "recording.toml";
  }

  // `how`: options that choose rules.
  Judgement kit(const Family& family, const fs::path& manifest, const std::string& how) const {
    const fs::path bin = fs::path(wish_.build) / "bin", folder = source_root / "drivers" / family.name,
                   object = object_of(family);
    std::string command = "PATH=" + quoted(bin.string()) +
                          ":$PATH timeout -k 5 1800 garita-conform run --json --seed 1 --driver " +
                          quoted(manifest.string()) + " --input " +
                          quoted((folder / "conform.toml").string());
    if (fs::exists(object)) command += " --object " + quoted(object.string());
    // One rule that sees it is enough.
    return judgement_of(
        run_until(command + ' ' + how, [](const std::string& line) { return is_against(parsed(line)); }));
  }

  // A family whose unchanged driver fails would kill every mutant. All of them side by side: most of it is
  // waiting.
  void look_after_health(std::span<const Place> chosen) {
    std::map<std::string, std::future<bool>> asked;
    for (const Place& place : chosen)
      if (!asked.contains(place.family.name))
        asked.emplace(
            place.family.name, std::async(std::launch::async, [this, &place] {
              const std::string& name = place.family.name;
              const fs::path drivers = fs::path(wish_.build) / "lib/garita/drivers";
              return kit(place.family, drivers / name / (name + ".garita.json"), everything).verdict ==
                     "survived";
            }));
    for (auto& [name, healthy] : asked) healthy_[name] = healthy.get();
  }

  base::Result<Judgement> judge(const Place& place, size_t slot) const {
    GARITA_TRY_ASSIGN(workshop, Workshop::open(wish_.build, place.family.name));
    const fs::path folder = fs::path(wish_.build) / "mechanical" / std::to_string(slot);
    GARITA_TRY_ASSIGN(made, workshop.make(place.file, mutated(place.text, place.mutation), folder));
    if (made == Workshop::Made::stillborn) return Judgement{"stillborn", {}};
    Judgement own;
    for (const char* how : quick_to_thorough) {
      if (how == truth && !fs::exists(object_of(place.family))) continue;
      own = kit(place.family, workshop.manifest(folder), how);
      if (own.verdict != "survived") break;
    }
    return own;
  }

  const Wish& wish_;
  const Terminal& terminal_;
  std::map<std::string, Entry> known_;  // by key
  std::map<std::string, bool> healthy_;
  std::span<const Place> chosen_;
  std::mutex mutex_;  // of what follows, and the journal
  size_t next_ = 0, done_ = 0;
  std::map<size_t, Entry> judged_;  // by place: the order of the results is that of the places
};

base::Result<int> go(const Terminal& terminal, const Wish& wish) {
  GARITA_TRY_ASSIGN(results, Run(wish, terminal).all());
  GARITA_TRY_ASSIGN(total, write_results(source_root / "conformance/mutants/mechanical.json", results));
  const nlohmann::json line = {{"mechanical", total.first}, {"mechanical_killed", total.second}};
  terminal.out << line.dump() << std::endl;
  return 0;
}

}  // namespace

bool is_asked_for(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& each) {
    return each == "--mechanical" || each.starts_with("--mechanical=");
  });
}

int selftest(const Terminal& terminal, const std::vector<std::string>& arguments) {
  const auto wish = wish_of(arguments);
  if (!wish) return fail(terminal, wish.error());
  const auto code = go(terminal, *wish);
  return code ? *code : fail(terminal, code.error());
}

}  // namespace garita::conformance::mechanical
