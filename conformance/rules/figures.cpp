#include "conformance/rules/figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <type_traits>

namespace garita::conformance {
namespace {

constexpr size_t max_attempts = 256;
constexpr double least_transmission = -0.2, most_transmission = 2;
constexpr double least_attenuation = -1, most_attenuation = 30;

double counts_of(const normalize::CalibrationPlane& plane, size_t at) {
  if (at < plane.q8.size()) return plane.q8[at] / 256.0;
  return at < plane.counts.size() ? plane.counts[at] : 0;
}

// Whether a value as stored can be what the view's fidelity says.
class Plausible {
 public:
  Plausible(const image::View& view, const normalize::Correction* correction)
      : view_(view), correction_(correction && correction->dark && correction->air ? correction : nullptr) {}

  bool judges() const {
    return view_.fidelity == GARITA_FIDELITY_TRANSMISSION || view_.fidelity == GARITA_FIDELITY_ATTENUATION ||
           (view_.fidelity == GARITA_FIDELITY_RAW_COUNTS && correction_);
  }

  bool operator()(double stored, uint64_t row, uint32_t column) const {
    double value = view_.slope * stored + view_.intercept;
    if (view_.fidelity == GARITA_FIDELITY_ATTENUATION)
      return value >= least_attenuation && value <= most_attenuation;
    if (view_.fidelity == GARITA_FIDELITY_RAW_COUNTS) {
      const size_t at = (correction_->rows > 1 ? row * correction_->columns : 0) + column;
      const double dark = counts_of(*correction_->dark, at), air = counts_of(*correction_->air, at);
      if (!(air > dark)) return true;  // a dead pixel says nothing
      value = (stored - dark) / (air - dark);
    }
    return value >= least_transmission && value <= most_transmission;
  }

 private:
  const image::View& view_;
  const normalize::Correction* const correction_;
};

template <typename T>
void look_at_samples(const image::Strip& strip, const image::View& view, const Plausible& plausible,
                     PlaneFigures& figures) {
  const bool counted = std::is_unsigned_v<T> && view.bits_used != 0 && view.bits_used < sizeof(T) * 8;
  const double limit = counted ? std::ldexp(1.0, static_cast<int>(view.bits_used)) : 0;
  const bool judges = plausible.judges();
  for (uint32_t row = 0; row < strip.rows; ++row) {
    const std::byte* const begin = strip.memory.get() + row * strip.row_stride_bytes;
    for (uint32_t column = 0; column < view.columns; ++column) {
      T own;
      std::memcpy(&own, begin + size_t{column} * sizeof own, sizeof own);
      const double value = static_cast<double>(own);
      if (!std::isfinite(value)) {
        ++figures.not_finite;
        continue;
      }
      if (figures.samples == 0) figures.least = figures.most = value;
      ++figures.samples;
      figures.least = std::min(figures.least, value);
      figures.most = std::max(figures.most, value);
      if (counted && value >= limit) ++figures.beyond_bits;
      if (judges && !plausible(value, strip.first_row + row, column)) ++figures.implausible;
    }
  }
  figures.judged = figures.judged || judges;
}

template <typename T>
double sum_of(const image::Calibration& calibration) {
  double sum = 0;
  for (uint32_t row = 0; row < calibration.rows; ++row)
    for (uint32_t column = 0; column < calibration.columns; ++column) {
      T own;
      std::memcpy(&own,
                  calibration.memory.get() + row * calibration.row_stride_bytes + size_t{column} * sizeof own,
                  sizeof own);
      sum += static_cast<double>(own);
    }
  return sum;
}

uint64_t number_behind(const std::string& text, const std::string& name) {
  const size_t at = text.find("\n" + name);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + name.size() + 1, nullptr, 10);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> found;
  std::ifstream list("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children");
  for (pid_t child = 0; list >> child;) found.push_back(child);
  return found;
}

template <typename Look>
void each_entry(const std::filesystem::path& folder, Look look) {
  std::error_code error;
  for (auto each = std::filesystem::directory_iterator(folder, error); !error && each != end(each);
       each.increment(error))
    look(each->path());
}

}  // namespace

void look_at(const image::Strip& strip, const image::View& view, const normalize::Correction* correction,
             PlaneFigures& figures) {
  const Plausible plausible(view, correction);
  switch (view.sample_type) {
    case GARITA_SAMPLE_U8:
      return look_at_samples<uint8_t>(strip, view, plausible, figures);
    case GARITA_SAMPLE_U16:
      return look_at_samples<uint16_t>(strip, view, plausible, figures);
    case GARITA_SAMPLE_I16:
      return look_at_samples<int16_t>(strip, view, plausible, figures);
    case GARITA_SAMPLE_U32:
      return look_at_samples<uint32_t>(strip, view, plausible, figures);
    case GARITA_SAMPLE_I32:
      return look_at_samples<int32_t>(strip, view, plausible, figures);
    case GARITA_SAMPLE_U64:
      return look_at_samples<uint64_t>(strip, view, plausible, figures);
    case GARITA_SAMPLE_F32:
      return look_at_samples<float>(strip, view, plausible, figures);
    case GARITA_SAMPLE_F64:
      return look_at_samples<double>(strip, view, plausible, figures);
    default:
      return;
  }
}

CalibrationFigures look_at(const image::Calibration& calibration) {
  CalibrationFigures own{calibration.role,     calibration.view, calibration.channel,
                         calibration.averaged, calibration.id,   calibration.time};
  const double count = std::max<double>(1, double{1} * calibration.rows * calibration.columns);
  const bool fixed = calibration.sample_type == GARITA_SAMPLE_U32;
  own.mean = (fixed ? sum_of<uint32_t>(calibration) / 256 : sum_of<double>(calibration)) / count;
  return own;
}

double busiest(const WorkerFigures& before, const WorkerFigures& after, uint64_t between_ns) {
  constexpr uint64_t least_ns = 40'000'000;
  double most = 0;
  for (const auto& [name, now] : after.of_threads) {
    const auto then = before.of_threads.find(name);
    if (then == before.of_threads.end()) continue;
    const uint64_t worked_ns = now.cpu_ns - then->second.cpu_ns,
                   kept_ns = now.waited_ns - then->second.waited_ns;
    const uint64_t own_ns = between_ns > kept_ns ? between_ns - kept_ns : 0;
    if (own_ns >= least_ns)
      most = std::max(most, static_cast<double>(worked_ns) / static_cast<double>(own_ns));
  }
  return most;
}

void WorkerWatch::attempted(const isolate::Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt.breach() && attempts_.size() < max_attempts) attempts_.push_back(attempt);
}

std::optional<isolate::Attempt> WorkerWatch::egress() const {
  const std::lock_guard lock(mutex_);
  const isolate::Attempt* found = nullptr;
  for (const isolate::Attempt& each : attempts_) {
    if (each.kind != isolate::AttemptClass::net) continue;
    if (!found) found = &each;
    if (each.call != "socket" && each.call != "socketpair" && each.call != "setsockopt") return each;
  }
  return found ? std::optional(*found) : std::nullopt;
}

pid_t WorkerWatch::worker() const {
  pid_t process = started_;
  for (int depth = 0; depth < 4 && process != 0; ++depth) {
    const std::vector<pid_t> below = children_of(process);
    if (below.empty()) break;
    process = below.back();
  }
  return process;
}

WorkerFigures WorkerWatch::look() const {
  WorkerFigures own;
  const pid_t process = worker();
  if (process == 0) return own;
  const std::filesystem::path place = "/proc/" + std::to_string(process);
  const std::string status = text_of(place / "status");
  own.memory_bytes = number_behind(status, "RssAnon:") * 1024;
  own.threads = static_cast<uint32_t>(number_behind(status, "Threads:"));
  each_entry(place / "task", [&](const std::filesystem::path& task) {
    const std::string text = text_of(task / "schedstat");
    char* rest = nullptr;
    WorkerFigures::Thread& thread = own.of_threads[task.filename()];
    thread.cpu_ns = std::strtoull(text.c_str(), &rest, 10);
    thread.waited_ns = std::strtoull(rest, nullptr, 10);
    own.cpu_ns += thread.cpu_ns;
  });
  each_entry(place / "fd", [&](const std::filesystem::path&) { ++own.descriptors; });
  return own;
}

}  // namespace garita::conformance
