// A function of a library that lies beside the program and is loaded when it is first needed
// (decisions/0016). It stays loaded: the statics of such libraries do not like to go.
#pragma once

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <filesystem>
#include <string>

namespace garita::exporter {

template <typename Function>
struct LibraryFunction {
  // <prefix>/lib/garita/<name>. Look at `function` before use: where it is not there, `reason` says why.
  LibraryFunction(const char* name, const char* symbol) {
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto file = program.parent_path().parent_path() / "lib/garita" / name;
    path = file.string();
    library.load(file, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    if (error)
      reason = error.message();
    else if (library.has(symbol))
      function = reinterpret_cast<Function>(library.get<void()>(symbol));
    else
      reason = symbol;
  }

  boost::dll::shared_library library;
  Function function = nullptr;
  std::string path, reason;
};

}  // namespace garita::exporter
