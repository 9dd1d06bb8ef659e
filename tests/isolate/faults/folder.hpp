// Where the drivers of the fault table lie: the build's own folder, or a copy of what is needed of it where an ordinary user
// cannot reach that.
#pragma once

#include <filesystem>
#include <string>

namespace garita::isolate::faults {

std::string built_folder();  // $GARITA_FAULTS_FOLDER, else the build's

// A copy of the worker and its drivers that every user can read; gone with this object.
class PublicCopy {
 public:
  PublicCopy();
  ~PublicCopy();
  PublicCopy(const PublicCopy&) = delete;
  PublicCopy& operator=(const PublicCopy&) = delete;
  const std::filesystem::path& path() const { return path_; }  // empty: it could not be made
  std::filesystem::path worker() const { return path_ / "bin/garita-worker"; }

 private:
  std::filesystem::path path_;
};

}  // namespace garita::isolate::faults
