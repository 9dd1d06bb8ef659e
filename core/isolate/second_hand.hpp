// A thread that does one thing at a time for its owner, who does something else meanwhile and then asks that it is done.
// The thread begins with the first thing and ends with the object. What the thing did is seen by who waited for it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace garita::isolate {

class SecondHand {
 public:
  SecondHand() = default;
  SecondHand(const SecondHand&) = delete;
  SecondHand& operator=(const SecondHand&) = delete;
  ~SecondHand();

  // Nothing may be under way. task must not throw. False: the system gives no thread, and nothing was begun.
  bool begin(std::function<void()> task);

  // Returns when nothing is under way; at once where nothing was begun.
  void wait();

  bool busy() const { return begun_; }  // begun, and not waited for

 private:
  void run();

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> task_;  // set: under way
  bool ends_ = false;
  bool begun_ = false;          // the owner's own
};

}  // namespace garita::isolate
