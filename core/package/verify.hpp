// Is every byte of this package what was signed? And what does that prove?
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/package/reader.hpp"

namespace garita::package {

// How far a claim can be believed without trusting whoever makes it.
enum class Proof {
  proved,      // by hash and signature
  recomputed,  // by doing the work again
  asserted,    // somebody says so
};

// One thing that the file says. `name` is a word of the text catalogue, "package.claim_" + name; `value` is
// for people and programs alike. `by`: "signer", "host", "driver".
struct Claim {
  std::string name, value, by;
  Proof proof = Proof::asserted;
};

struct PlaneReport {
  std::string name;                    // `<view>/<channel>`, raw planes `<view>/<channel>/raw`
  std::optional<base::Digest> sha256;  // of all canonical pixels; none where some are withheld
  uint64_t rows = 0;
  bool complete = true;
  bool by_hash = false;  // its pixels are not in the file: sha256, where it is there, is of what was made again
};

// Part of the file that was withheld before it came here: "record field conveyance.vin", "plane side/high".
struct WithheldItem {
  std::string place;
};

struct VerifyReport {
  std::vector<Claim> claims;
  std::vector<PlaneReport> planes;     // role plane and raw, in the order of the file
  std::vector<WithheldItem> withheld;  // at most 10,000 are named; claim "withheld" counts all
  bool complete = false;               // sealed and to its end
  uint64_t size_bytes = 0;
  uint64_t proved_bytes = 0;         // from the front, by seal or last checkpoint
  base::Digest root{};               // of the seal or the last checkpoint
  std::optional<Signer> signer;      // none where nothing was signed yet
  std::optional<base::Error> fault;  // the first, with field "place"; Outcome as outcome()

  // nullopt: all hold (parts may be withheld, the record may say INCOMPLETE). no, not_loaded: `fault` says
  // where. incomplete: the bytes end early.
  std::optional<base::Outcome> outcome() const;
};

struct VerifyOptions {
  bool planes = true;  // decode every tile and hash the pixels
  // Gives the reader its deriver, for planes that are kept by their hashes; without it they stay unchecked.
  std::function<base::Result<void>(Reader&)> prepare;
};

// Never fails: what goes wrong is VerifyReport::fault.
VerifyReport verify(const std::filesystem::path& path, const VerifyOptions& options = {},
                    base::FileSystem& files = base::real_file_system());

}  // namespace garita::package
