#include "core/load/library_entry.hpp"

#include <exception>
#include <type_traits>
#include <vector>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include "core/load/fault.hpp"
#include "core/load/library.hpp"
#include "core/load/negotiate.hpp"

namespace garita::load {

base::Error library_refusal(const Manifest& manifest, std::string_view id,
                    std::initializer_list<base::Field> fields,
                    garita_status status) {
  base::Error error =
      fault(manifest.name, "garita_driver_entry", id, fields, status, base::Outcome::not_loaded);
  error.fields.push_back({"path", manifest.binary().string()});
  return error;
}

base::Result<Entry> entry_of(const Manifest& manifest, const std::filesystem::path& path) {
  auto* const library = new boost::dll::shared_library();
  try {
    library->load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& wrong) {
    delete library;
    return library_refusal(manifest, "not_loadable", {{"reason", wrong.what()}});
  } catch (...) {
    return library_refusal(manifest, "constructor");
  }
  static auto* const kept =
      new std::vector<boost::dll::shared_library*>();  // reachable: no leak, but for ever
  kept->push_back(library);
  if (!library->has(GARITA_DRIVER_ENTRY_NAME)) return library_refusal(manifest, "symbol_missing");
  return Entry{&library->get<std::remove_pointer_t<garita_driver_entry_function>>(GARITA_DRIVER_ENTRY_NAME)};
}

std::mutex& loading() {
  static std::mutex mutex;
  return mutex;
}

base::Result<std::shared_ptr<const Library>> Library::bind(const Manifest& manifest,
                                                           garita_driver_entry_function entry) {
  uint32_t abi = 0;
  GARITA_TRY_ASSIGN(api, negotiate(manifest, entry, abi));
  GARITA_TRY(compare_description(manifest, *api));
  return std::shared_ptr<const Library>(new Library(manifest, abi, api));
}

base::Result<std::shared_ptr<const Library>> Library::load_checked(const Manifest& manifest,
                                                                   const std::filesystem::path& path) {
  GARITA_TRY(ranges_meet(manifest));
  const std::lock_guard lock(loading());
  GARITA_TRY_ASSIGN(entry, entry_of(manifest, path));
  return bind(manifest, entry.function);
}

}  // namespace garita::load
