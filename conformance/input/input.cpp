#include "conformance/input/input.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr uint32_t file_chunk_bytes = 64u << 10;  // as the broker reads

base::Error bad(const std::filesystem::path& path, std::string what) {
  return {
      base::Outcome::not_loaded, "conform.bad_input", {{"path", path.string()}, {"what", std::move(what)}}};
}

std::vector<uint32_t> chunks_of(size_t size_bytes) {
  std::vector<uint32_t> chunks(size_bytes / file_chunk_bytes, file_chunk_bytes);
  if (size_bytes % file_chunk_bytes != 0)
    chunks.push_back(static_cast<uint32_t>(size_bytes % file_chunk_bytes));
  return chunks;
}

std::string replaced(std::string pattern, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = pattern.find(from, at)) != std::string::npos; at += to.size())
    pattern.replace(at, from.size(), to);
  return pattern;
}

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

// The folder's files as the inbox would hand them out: what is a sibling of another is no object of its own.
base::Result<void> read_folder(const load::StreamDeclaration& stream, const std::filesystem::path& folder,
                               Input& input) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.is_regular_file()) names.push_back(entry.path().filename());
  if (error) return bad(folder, error.message());
  if (names.size() > max_input_files) return bad(folder, std::to_string(names.size()));
  std::sort(names.begin(), names.end());
  const auto is_object = [&](const std::string& name) {
    return stream.patterns.empty()
               ? !name.starts_with('.')
               : std::any_of(stream.patterns.begin(), stream.patterns.end(),
                             [&](const std::string& pattern) { return matches(pattern, name); });
  };
  std::map<std::string, std::set<std::string>> siblings;
  std::set<std::string> all_siblings;
  for (const std::string& name : names) {
    if (!is_object(name)) continue;
    for (const auto& sibling : stream.siblings) {
      const std::string pattern = replaced(
          replaced(sibling.pattern, "{stem}", std::filesystem::path(name).stem().string()), "{name}", name);
      for (const std::string& other : names)
        if (other != name && matches(pattern, other))
          siblings[name].insert(other), all_siblings.insert(other);
    }
  }
  for (const std::string& name : names) {
    if (!is_object(name) || all_siblings.contains(name)) continue;
    ObjectInput object{stream.name, {name, {}}, {}};
    GARITA_TRY_ASSIGN(bytes, base::read_file(folder / name, max_input_bytes));
    object.file.bytes = std::move(bytes);
    for (const std::string& other : siblings[name]) {
      GARITA_TRY_ASSIGN(more, base::read_file(folder / other, max_input_bytes));
      object.siblings.push_back({other, std::move(more)});
    }
    input.objects.push_back(std::move(object));
  }
  return {};
}

base::Result<std::string> write_bytes(const std::filesystem::path& folder, size_t& count,
                                      const std::vector<std::byte>& bytes) {
  const std::string name = std::to_string(count++) + ".bin";
  GARITA_TRY(base::write_file(folder / name, bytes));
  return name;
}

std::vector<std::byte> bytes_of(const std::filesystem::path& folder, const json& each, uint64_t& left) {
  const std::string name = each.at("file").get<std::string>();
  if (name.find('/') != std::string::npos) throw std::runtime_error(name);
  auto bytes = base::read_file(folder / name, left);
  if (!bytes) throw std::runtime_error(name);
  left -= bytes->size();
  return *std::move(bytes);
}

}  // namespace

const StreamInput* Input::stream(std::string_view wanted) const {
  const auto found =
      std::find_if(streams.begin(), streams.end(), [&](const auto& each) { return each.name == wanted; });
  return found == streams.end() ? nullptr : &*found;
}

uint64_t StreamInput::rank(size_t chunk) const {
  if (chunk < order.size()) return order[chunk];
  return order.empty() ? chunk : order.back() + 1 + (chunk - order.size());
}

bool Input::has_bytes() const {
  return std::any_of(streams.begin(), streams.end(), [](const auto& each) {
    return each.kind == GARITA_STREAM_BYTES && !each.bytes.empty();
  });
}

base::Result<void> save(const Input& input, const std::filesystem::path& folder) {
  GARITA_TRY(base::real_file_system().create_folders(folder, 0700));
  json all = {{"title", input.title},     {"name", input.name},       {"like", input.like},
              {"changed", input.changed}, {"where", input.where},     {"repeat_from", input.repeat_from},
              {"model", input.model},     {"scans", input.scans},     {"goes_on", input.goes_on},
              {"config", json::object()}, {"streams", json::array()}, {"objects", json::array()}};
  size_t count = 0;
  for (const auto& [key, value] : input.config) all["config"][key] = value;
  for (const StreamInput& stream : input.streams) {
    GARITA_TRY_ASSIGN(file, write_bytes(folder, count, stream.bytes));
    all["streams"].push_back({{"name", stream.name},
                              {"kind", stream.kind},
                              {"file", file},
                              {"chunks", stream.chunks},
                              {"order", stream.order}});
  }
  for (const ObjectInput& object : input.objects) {
    GARITA_TRY_ASSIGN(file, write_bytes(folder, count, object.file.bytes));
    json siblings = json::array();
    for (const FileInput& sibling : object.siblings) {
      GARITA_TRY_ASSIGN(other, write_bytes(folder, count, sibling.bytes));
      siblings.push_back({{"name", sibling.name}, {"file", other}});
    }
    all["objects"].push_back(
        {{"stream", object.stream}, {"name", object.file.name}, {"file", file}, {"siblings", siblings}});
  }
  const std::string text = all.dump(1, ' ', false, json::error_handler_t::replace);
  return base::write_file(folder / "input.json", base::Bytes(text));
}

base::Result<Input> load_input(const std::filesystem::path& folder) {
  const auto path = folder / "input.json";
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, 16u << 20));
  Input own;
  uint64_t left = max_input_bytes;
  try {
    const json all = json::parse(text);
    own.title = all.at("title").get<std::string>();
    own.name = all.at("name").get<std::string>();
    own.like = all.at("like").get<std::string>();
    own.changed = all.at("changed").get<std::string>();
    own.where = all.at("where").get<std::vector<uint64_t>>();
    own.repeat_from = all.at("repeat_from").get<int64_t>();
    own.model = all.at("model").get<std::string>();
    own.scans = all.at("scans").get<uint64_t>();
    own.goes_on = all.at("goes_on").get<bool>();
    for (const auto& [key, value] : all.at("config").items())
      own.config.emplace_back(key, value.get<std::string>());
    for (const json& each : all.at("streams")) {
      StreamInput stream{each.at("name").get<std::string>(), each.at("kind").get<uint32_t>(),
                         bytes_of(folder, each, left), each.at("chunks").get<std::vector<uint32_t>>(),
                         each.value("order", std::vector<uint32_t>())};
      uint64_t sum = 0;
      for (const uint32_t chunk : stream.chunks) sum += chunk;
      if (sum != stream.bytes.size()) return bad(path, stream.name);
      own.streams.push_back(std::move(stream));
    }
    for (const json& each : all.at("objects")) {
      ObjectInput object{each.at("stream").get<std::string>(),
                         {each.at("name").get<std::string>(), bytes_of(folder, each, left)},
                         {}};
      for (const json& other : each.at("siblings"))
        object.siblings.push_back({other.at("name").get<std::string>(), bytes_of(folder, other, left)});
      own.objects.push_back(std::move(object));
    }
  } catch (const std::exception& error) {
    return bad(path, error.what());
  }
  return own;
}

Input repeated(const Input& input, uint64_t times) {
  Input own = input;
  for (StreamInput& stream : own.streams) {
    const uint64_t from = std::min<uint64_t>(static_cast<uint64_t>(std::max<int64_t>(0, input.repeat_from)),
                                             stream.bytes.size());
    const std::vector<std::byte> again(stream.bytes.begin() + static_cast<std::ptrdiff_t>(from),
                                       stream.bytes.end());
    for (uint64_t i = 1; i < times && stream.bytes.size() + again.size() <= max_input_bytes; ++i)
      stream.bytes.insert(stream.bytes.end(), again.begin(), again.end());
    stream.chunks = chunks_of(stream.bytes.size());
    stream.order.clear();
  }
  for (uint64_t i = 1; i < times && own.objects.size() + input.objects.size() <= max_input_files; ++i)
    for (const ObjectInput& object : input.objects) own.objects.push_back(object);
  own.scans = input.scans * times;
  return own;
}

base::Result<Input> read_sources(const load::Manifest& manifest, const broker::Broker::Sources& sources,
                                 bool& whole) {
  Input own;
  whole = true;
  for (const auto& [name, address] : sources) {
    const load::StreamDeclaration* stream = manifest.stream(name);
    if (!stream) continue;  // grant_sources has refused it
    if (!own.title.empty()) own.title += ", ";
    own.title += address.text;
    if (address.scheme == "dir") {
      GARITA_TRY(read_folder(*stream, address.path, own));
    } else if (address.scheme == "file") {
      GARITA_TRY_ASSIGN(bytes, base::read_file(address.path, max_input_bytes));
      StreamInput input{name, stream->kind, std::move(bytes), {}};
      input.chunks = chunks_of(input.bytes.size());
      own.streams.push_back(std::move(input));
    } else {
      whole = false;
    }
  }
  return own;
}

}  // namespace garita::conformance
