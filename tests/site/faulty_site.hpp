// A site to which things happen: its disk fills, its workers are killed.
#pragma once

#include <sys/mount.h>
#include <sys/statvfs.h>

#include "tests/site/site_fixture.hpp"

namespace garita::host::testing {

class FaultySite : public RunningSite {
 protected:
  ~FaultySite() override {
    for (pid_t& child : children_)
      if (child > 0) ::kill(child, SIGKILL), (void)wait_for(std::exchange(child, -1));
    if (mounted_) ::umount2((folder_ / "out").c_str(), MNT_DETACH);
  }

  // A small disk for the packages; loudly none where that takes a right that this user does not have.
  void mount_disk(int mib) {
    fs::create_directory(folder_ / "out");
    const std::string size = "size=" + std::to_string(mib) + "m";
    mounted_ = ::mount("garita", (folder_ / "out").c_str(), "tmpfs", 0, size.c_str()) == 0;
    if (!mounted_)
      std::printf("NOTE: no small disk can be mounted here: the disk is not filled in this run\n");
  }

  void fill_disk() {
    if (!mounted_) return;
    struct statvfs disk {};
    ::statvfs((folder_ / "out").c_str(), &disk);
    std::ofstream ballast(folder_ / "out/ballast", std::ios::binary);
    const std::vector<char> block(1u << 20, 'x');
    for (uint64_t i = 0; i <= disk.f_bavail * disk.f_bsize >> 20; ++i)
      ballast.write(block.data(), static_cast<std::streamsize>(block.size()));
    ++disk_filled_;
  }
  void empty_disk() { fs::remove(folder_ / "out/ballast"); }

  void kill_a_worker(size_t which) {
    const auto workers = workers_of(children_[host_]);
    if (!workers.empty() && ::kill(workers[which % workers.size()], SIGKILL) == 0) ++workers_killed_;
  }

  bool mounted_ = false;
  size_t disk_filled_ = 0, workers_killed_ = 0;
};

}  // namespace garita::host::testing
