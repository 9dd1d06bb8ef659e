#include "core/isolate/second_hand.hpp"

#include <system_error>
#include <utility>

namespace garita::isolate {

SecondHand::~SecondHand() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool SecondHand::begin(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    task_ = std::move(task);
  }
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    return task_ = nullptr, false;
  }
  changed_.notify_all();
  return begun_ = true;
}

void SecondHand::wait() {
  if (!std::exchange(begun_, false)) return;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !task_; });
}

void SecondHand::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return task_ || ends_; });
    if (!task_) return;
    lock.unlock();
    task_();
    lock.lock();
    task_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace garita::isolate
