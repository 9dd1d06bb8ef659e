// What the readers of both standards share: the document under construction.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/n42/collect.hpp"
#include "drivers/n42/parse.hpp"
#include "drivers/n42/xml.hpp"

namespace garita::n42 {

// The measurement that an element stands in.
struct Moment {
  Time start = {};
  uint64_t interval_ns = 0;
  uint64_t step_ns = 0;  // of the portal as a whole; a detector's own time may be a little shorter
  uint64_t live_ns = 0;
  uint32_t flags = 0;
  std::string panel = {};
  std::string panel_suffix = {};  // of measurements that are neither foreground nor background
  bool neutron = false;
};

class Builder {
 public:
  Collector& collector() { return collector_; }

  void uuid(std::string_view text);  // the first good one counts
  void set(std::string_view key,
           std::string_view text);  // an attribute, the first of its key; nothing where empty
  void list(std::string_view kind, const std::string& text);  // org.garita.n42.KIND[n]
  void speed(std::string_view value, std::string_view unit);
  void characteristic(std::string_view name, std::string_view value, std::string_view unit);
  void instrument_class(std::string_view text);

  // ChannelData of any standard.
  void spectrum(const Element& channel_data, std::string_view compression, const Moment& moment,
                std::vector<double> energy_kev);
  // A list of counts; `windows` names them where there are several.
  void counts(std::string_view text, const Moment& moment, const std::vector<std::string>& windows);
  void dose_rate(std::string_view text, std::string_view unit, const Moment& moment);

  // Nuclides, alarms and remarks below `root`.
  void results(const Element& root, const std::map<std::string, std::string, std::less<>>& panels);

  bool empty() const { return collector_.empty() && document_.detections.empty(); }
  Document finish();

 private:
  void item(std::string_view key_start, std::string_view key_end, size_t& count, std::string_view value);
  void detection(Detection detection);
  void nuclide_of(const Element& element);
  void alarm_of(const Element& element, const std::map<std::string, std::string, std::less<>>& panels);

  Document document_;
  Collector collector_;
  std::map<std::string, size_t, std::less<>> lists_;
  double speed_sum_ = 0;
  size_t speeds_ = 0, containers_ = 0, lines_ = 0, plates_ = 0, pedimentos_ = 0;
};

// Panel names: ≤ 64 bytes.
std::string panel_name(std::string_view text);

// A polynomial in keV, lowest power first; empty where there is none that can be used.
std::vector<double> coefficients(std::string_view text, double factor);

// The line that channel boundaries in keV lie on, to 1/100 of a channel; empty where they do not.
std::vector<double> line_through(std::string_view boundaries);

void read_2006(const Element& root, Builder& builder);
void read_2012(const Element& root, Builder& builder);

}  // namespace garita::n42
