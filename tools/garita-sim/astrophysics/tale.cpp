#include "tools/garita-sim/astrophysics/tale.hpp"

#include <algorithm>

#include "garita/scan.h"

namespace garita::sim {
namespace {

namespace wire = astrophysics;
constexpr uint32_t back_lines = 8;

uint32_t last_behind(const Model& model) {
  uint32_t behind = 0;
  for (const Optics& optics : model.views) behind = std::max(behind, optics.behind_lines);
  return behind;
}

class BagTale {
 public:
  BagTale(const Model& model, BagPass& pass, int64_t begun_us, uint32_t first_line, const Teller& teller)
      : model_(model), pass_(pass), begun_us_(begun_us), first_line_(first_line), teller_(teller) {}

  bool steps(uint32_t from, uint32_t to) {
    for (uint32_t step = from; step < to; ++step)
      if (!lines_at(step)) return false;
    return true;
  }

  bool belt(wire::Motion motion) { return teller_(wire::Belt{motion, now_us()}); }

  bool found() {
    for (wire::Found& found : pass_.found()) {
      for (wire::Point& point : found.points)
        point.line += first_line_ + model_.views[found.view].behind_lines;
      if (!teller_(found)) return false;
    }
    return true;
  }

  int64_t now_us() const { return begun_us_ + int64_t{ticks_} * model_.line_period_us; }

 private:
  // What all generators see at one step of the belt.
  bool lines_at(uint32_t step) {
    for (uint32_t view = 0; view < model_.views.size(); ++view) {
      const uint32_t behind = model_.views[view].behind_lines;
      if (step < behind || step - behind >= pass_.lines()) continue;
      const Samples samples = pass_.line(view, step - behind);
      if (!teller_(wire::Line{static_cast<uint8_t>(view), first_line_ + step, ticks_ * model_.line_period_us,
                              samples}))
        return false;
    }
    ++ticks_;
    return true;
  }

  const Model& model_;
  BagPass& pass_;
  int64_t begun_us_;
  uint32_t first_line_, ticks_ = 0;
  const Teller& teller_;
};

}  // namespace

bool tell_bag(const Model& model, BagPass& pass, const std::string& key, int64_t begun_us, BeltCount& belt,
              const Teller& teller) {
  const uint32_t steps = pass.lines() + last_behind(model), turn = pass.reverses_after();
  BagTale tale(model, pass, begun_us, belt.line, teller);
  belt.line += steps;  // the next bag follows at once
  if (!teller(wire::Bag{key, begun_us, pass.subject(), pass.papers()})) return false;
  if (turn > 0) {
    using wire::Motion;
    if (!tale.steps(0, turn) || !tale.belt(Motion::stopped) || !tale.belt(Motion::reverse)) return false;
    if (!tale.belt(Motion::forward)) return false;
  }
  if (!tale.steps(turn > 0 ? turn - std::min(turn, back_lines) : 0, steps) || !tale.found()) return false;
  wire::BagEnd end{GARITA_SCAN_COMPLETE, tale.now_us(), {}, ""};
  for (uint32_t view = 0; view < model.views.size(); ++view) end.lines[view] = pass.lines();
  return teller(end);
}

int64_t bag_us(const Model& model, const BagPass& pass) {
  return int64_t{pass.lines() + last_behind(model)} * model.line_period_us;
}

}  // namespace garita::sim
