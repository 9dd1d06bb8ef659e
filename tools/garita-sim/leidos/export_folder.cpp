#include "tools/garita-sim/leidos/export_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <system_error>
#include <thread>

namespace garita::sim::leidos {
namespace {

constexpr size_t parts = 4, header_bytes = 8;

base::Error cannot(const std::filesystem::path& path, const std::string& reason) {
  return {base::Outcome::usage, "sim.cannot_export", {{"path", path.string()}, {"reason", reason}}};
}

void pause(uint32_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

void write_in_parts(std::ofstream& out, std::string_view bytes, uint32_t part_ms) {
  const size_t size = std::max<size_t>(1, (bytes.size() + parts - 1) / parts);
  for (size_t at = 0; at < bytes.size(); at += size) {
    if (at != 0) pause(part_ms);
    out << bytes.substr(at, size) << std::flush;
  }
}

}  // namespace

base::Result<void> ExportFolder::create() const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return cannot(folder_, error.message());
  return {};
}

base::Result<void> ExportFolder::in_parts(const std::string& name, const std::string& bytes) const {
  std::ofstream out(folder_ / name, std::ios::binary);
  write_in_parts(out, bytes, part_ms_);
  out.close();
  if (!out) return cannot(folder_ / name, std::strerror(errno));
  return {};
}

base::Result<void> ExportFolder::header_last(const std::string& name, const std::string& bytes) const {
  std::ofstream out(folder_ / name, std::ios::binary);
  const size_t head = std::min(header_bytes, bytes.size());
  out << std::string(head, '\0');
  write_in_parts(out, std::string_view(bytes).substr(head), part_ms_);
  pause(part_ms_);
  out.seekp(0);
  out << bytes.substr(0, head);
  out.close();
  if (!out) return cannot(folder_ / name, std::strerror(errno));
  return {};
}

base::Result<void> ExportFolder::renamed_in(const std::string& name, const std::string& bytes) const {
  GARITA_TRY(in_parts(name + ".part", bytes));
  std::error_code error;
  std::filesystem::rename(folder_ / (name + ".part"), folder_ / name, error);
  if (error) return cannot(folder_ / name, error.message());
  return {};
}

}  // namespace garita::sim::leidos
