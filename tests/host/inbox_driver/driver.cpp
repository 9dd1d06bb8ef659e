// A driver for tests of inboxes: a file is a line of text that says what becomes of it.
//
//   GMIN key columns rows    a scan, with its file as attachment      SUP key related   a supplement with a detection
//   BAD                      rejected                                 TORN key          a scan that breaks in the middle
//   SKIP                     done without a scan                      DIE               the driver dies
//   LAST key columns rows    a scan; the driver dies before it says done
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "garita/garita.hpp"

namespace {

struct InboxText : garita::Device {
  using Device::Device;

  // A step that has emitted waits for no strips: a scan begins in one step and has its rows in the next.
  void next() override {
    if (in_scan()) return rows();
    if (held_) {
      if (verb_ == "LAST") std::abort();
      inbox_.done(*held_);
      held_.reset();
    }
    const garita::Object object = inbox_.next();
    const auto bytes = inbox_.read_all(object, 4096);
    std::istringstream line(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    std::string key;
    line >> verb_ >> key;
    if (verb_ == "DIE") std::abort();
    if (verb_ == "SKIP") return inbox_.done(object);
    if (verb_ != "GMIN" && verb_ != "LAST" && verb_ != "SUP" && verb_ != "TORN")
      return inbox_.reject(object, {GARITA_DATA_CORRUPT, "'" + object.name + "': the file says '" + verb_ + "'"});
    held_ = object;
    name_ = object.name;
    if (verb_ == "SUP") return supplement(object, key, line);
    uint32_t columns = 4;
    line >> columns >> rows_;
    if (!line) columns = 4, rows_ = 2;
    garita::View view{.name = "side", .fidelity = GARITA_FIDELITY_TRANSMISSION, .columns = columns};
    view.slope = 1.0 / 65535;
    view.unit = GARITA_UNIT_TRANSMISSION;
    lines_.begin({.key = key == "-" ? "" : key, .views = {view}, .objects = {object.handle}});
  }

  void rows() {
    if (verb_ == "TORN") {
      const std::string name = std::exchange(name_, "");
      held_.reset();
      garita::fail(GARITA_DATA_TRUNCATED, "'" + name + "' ends in the middle");
    }
    while (lines_.rows() < rows_) {
      const garita::Row row = lines_.row();
      for (uint16_t& sample : row.channel<uint16_t>(0)) sample = 1000;
      lines_.add(row);
    }
    emit(garita::Attachment{.role = GARITA_ATTACHMENT_ORIGINAL, .media_type = "text/plain", .object = held_->handle});
    lines_.end();
  }

  void supplement(const garita::Object& object, const std::string& key, std::istringstream& line) {
    std::string related;
    line >> related;
    emit(garita::ScanBegin{.relation = GARITA_RELATION_SUPPLEMENT, .key = key, .related_key = related,
                           .objects = {object.handle}});
    emit(garita::Detection{.category = "weapon", .label = key});
    emit(garita::ScanEnd{});
  }

  garita::Inbox inbox_{*this, "files"};
  garita::LineScan lines_{*this};
  std::optional<garita::Object> held_;
  std::string verb_, name_;
  uint32_t rows_ = 0;
};

}  // namespace

GARITA_DRIVER(InboxText, "org.garita.inbox-text", "1.0.0", garita::models("text"), "shape.scan", "scan.supplement")
