// What a person or a program sees of a running site: a table on a terminal, lines in a pipe or the journal,
// JSON lines.
#pragma once

#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/host/site/site_run.hpp"
#include "tools/garita/terminal.hpp"

namespace garita::cli {

class SitePrinter final : public host::SiteObserver {
 public:
  explicit SitePrinter(const Terminal& terminal);

  void recorded(const host::DevicePlan& device, const host::Recorded& recorded) override;
  void refused(const host::DevicePlan& device, const std::string& file, const base::Error& why) override;
  void trouble(const host::DevicePlan& device, const base::Error& error) override;
  void state(const host::DevicePlan& device, host::DeviceState now) override;
  void attempted(const host::DevicePlan& device, const isolate::Attempt& attempt) override;
  void retained(const base::Result<host::Retained>& what) override;
  void log(const host::DevicePlan& device, uint32_t level, std::string_view text) override;

  // Of the site as a whole. priority: syslog's, 3 error … 6 information.
  void say(int priority, const std::string& sentence);
  void event(const nlohmann::json& event);    // only with --json
  void draw(const host::SiteStatus& status);  // only on a terminal
  void finish(const host::SiteStatus& status);

  // A line or an event a scan, as people or programs want it.
  bool json() const { return terminal_.json; }

 private:
  void line(int priority, const host::DevicePlan& device, const std::string& sentence);
  void put(int priority, const std::string& text);

  const Terminal& terminal_;
  const bool journal_;  // stderr is systemd's journal: each line begins with its priority
  std::mutex mutex_;
  size_t drawn_ = 0;  // lines of the table on the screen
};

}  // namespace garita::cli
