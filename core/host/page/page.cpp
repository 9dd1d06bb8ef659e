#include "core/host/page/page.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/markup.hpp"
#include "core/host/page/document.hpp"
#include "core/host/page/model.hpp"
#include "core/host/page/parts.hpp"
#include "core/host/page/plane_rows.hpp"
#include "core/host/page/tile_code.hpp"
#include "core/host/scan_freshness.hpp"
#include "core/picture/colours/materials.hpp"

namespace garita::host {
namespace {

constexpr uint64_t longest_overview = 2048, needs_overview = 512;
constexpr uint32_t least_overview_level = 1;

uint64_t plane_bytes(const ViewPlanes& planes, uint32_t level) {
  const LevelSize size = size_at(planes.shown.plane, level);
  return size.rows * size.columns * 2 * (planes.shown.low ? 2 : 1);
}

uint64_t longer_side(const ViewPlanes& planes, uint32_t level) {
  const LevelSize size = size_at(planes.shown.plane, level);
  return std::max<uint64_t>(size.rows, size.columns);
}

// ---- What goes in

void note(PageContent& content, base::Error error) { content.notes.push_back(std::move(error)); }

// The page can do without the second energy, but not with one of another size.
void drop_unlike_low(ViewPlanes& planes) {
  const auto& low = planes.shown.low;
  if (low && (low->rows != planes.shown.plane.rows || low->columns != planes.shown.plane.columns))
    planes.shown.low.reset();
}

base::Result<void> add_views(OpenPackage& package, PageContent& content) {
  for (int i = 0; i < package.record.views_size(); ++i) {
    auto planes = planes_of(package, i, Numbers::exact);
    if (!planes) {
      note(content, std::move(planes).error());
      continue;
    }
    drop_unlike_low(*planes);
    content.views.push_back({i, std::move(*planes)});
  }
  return {};
}

// The largest is averaged first, until all fit.
void fit_planes(const v1::Inspection& record, uint64_t most_bytes, PageContent& content) {
  const auto bytes = [](const PageView& view) { return plane_bytes(view.planes, view.level); };
  for (;;) {
    uint64_t all = 0;
    for (const PageView& view : content.views) all += bytes(view);
    if (all <= most_bytes) break;
    auto largest = std::max_element(content.views.begin(), content.views.end(),
                                    [&](const auto& a, const auto& b) { return bytes(a) < bytes(b); });
    if (longer_side(largest->planes, largest->level) <= needs_overview) break;
    ++largest->level;
  }
  for (PageView& view : content.views) {
    if (longer_side(view.planes, view.level) > needs_overview) {
      view.overview = view.level + least_overview_level;
      while (longer_side(view.planes, view.overview) > longest_overview) ++view.overview;
    } else {
      view.overview = view.level;
    }
    if (view.level > 0)
      note(content,
           {base::Outcome::incomplete,
            "host.page_averaged",
            {{"view", record.views(view.index).name()}, {"factor", std::to_string(1u << 2 * view.level)}}});
  }
}

// What the attachment says it is and what its first bytes are must agree; nothing else of it is looked at.
std::string picture_type(const std::string& media_type, base::Bytes bytes) {
  const auto begins = [&](std::string_view magic) { return bytes.text().starts_with(magic); };
  if (media_type == "image/jpeg" && begins("\xFF\xD8\xFF")) return "image/jpeg";
  if (media_type == "image/png" && begins("\x89PNG\r\n\x1A\n")) return "image/png";
  return "";
}

bool may_be_picture(const package::AttachmentInfo& info) {
  return info.spec.media_type == "image/jpeg" || info.spec.media_type == "image/png";
}

base::Result<void> add_photos(OpenPackage& package, uint64_t most_bytes, PageContent& content) {
  const auto& attachments = package.reader.attachments();
  for (size_t i = 0; i < attachments.size(); ++i) {
    const package::AttachmentInfo& info = attachments[i];
    if (!may_be_picture(info)) continue;
    if (info.withheld != package::Withheld::nothing) {
      note(content, {base::Outcome::incomplete, "host.page_photo_withheld", {{"name", info.spec.name}}});
    } else if (info.size_bytes > most_bytes) {
      note(content, {base::Outcome::incomplete, "host.page_photo_large", {{"name", info.spec.name}}});
    } else {
      GARITA_TRY_ASSIGN(bytes, package.reader.read_attachment(info, most_bytes));
      const std::string type = picture_type(info.spec.media_type, bytes);
      if (type.empty())
        note(content, {base::Outcome::incomplete, "host.page_photo_other", {{"name", info.spec.name}}});
      else
        content.photos.push_back({i, type});
    }
  }
  return {};
}

// ---- What is written

std::string part(std::string_view ending) {
  std::string joined;
  for (const base::EmbeddedFile& file : page_parts())
    if (file.name.ends_with(ending)) joined += file.text;
  return joined;
}

// {{id}} in the HTML is the catalogue's sentence in both languages: what is read where no script runs.
std::string with_texts(std::string markup) {
  for (size_t at = 0; (at = markup.find("{{", at)) != std::string::npos;) {
    const size_t end = markup.find("}}", at);
    if (end == std::string::npos) break;
    const std::string id = markup.substr(at + 2, end - at - 2);
    std::string both;
    for (const auto language : {base::Language::en, base::Language::es})
      both += std::string("<span lang=\"") + (language == base::Language::es ? "es" : "en") + "\">" +
              base::escaped_markup(base::text(language, id)) + "</span> ";
    markup.replace(at, end + 2 - at, both);
    at += both.size();
  }
  return markup;
}

std::string head(base::Language language, const std::string& style, const std::string& script) {
  const std::string own = language == base::Language::es ? "es" : "en";
  return "<!doctype html>\n<html lang=\"" + own +
         "\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src " +
         policy_source(script) + "; style-src " + policy_source(style) +
         "; img-src data:; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n"
         "<title>Garita</title>\n<style>" +
         style + "</style>\n</head>\n";
}

// The colours of core/picture, so that page and PNG agree.
base::Result<void> write_colours(Document& document) {
  std::vector<uint8_t> pseudo, materials;
  for (int i = 0; i < 256; ++i) {
    const picture::Rgb colour = picture::pseudo_colour(static_cast<float>(i) / 255);
    pseudo.insert(pseudo.end(), {colour.red, colour.green, colour.blue});
  }
  constexpr int steps = 64;  // brightness along x, place 0 … 2 along y
  for (int place = 0; place < steps; ++place)
    for (int brightness = 0; brightness < steps; ++brightness) {
      const picture::Rgb colour = picture::material_colour(static_cast<float>(brightness) / (steps - 1),
                                                           2 * static_cast<float>(place) / (steps - 1), 1);
      materials.insert(materials.end(), {colour.red, colour.green, colour.blue});
    }
  GARITA_TRY(document.bytes("pseudo", pseudo));
  return document.bytes("materials", materials);
}

// The three curves of a view with two energies: 401 floats each.
base::Result<void> write_curves(const PageView& view, const std::string& id, Document& document) {
  const picture::MaterialCurves curves(view.planes.shown.high_energy_kev, view.planes.shown.low_energy_kev);
  std::vector<float> low;
  for (const auto material : {picture::organic, picture::inorganic, picture::metal})
    for (int i = 0; i <= 400; ++i)
      low.push_back(
          curves.low_of(material, static_cast<float>(i) * picture::MaterialCurves::max_attenuation / 400));
  return document.bytes(id, base::Bytes(low.data(), low.size() * sizeof(float)));
}

// The planes of a view: [0] what is shown, [1] the low energy.
std::vector<const picture::Plane*> planes_of(const PageView& view) {
  std::vector<const picture::Plane*> planes{&view.planes.shown.plane};
  if (view.planes.shown.low) planes.push_back(&*view.planes.shown.low);
  return planes;
}

std::string number(size_t value) { return std::to_string(value); }

base::Result<void> write_overviews(const PageView& view, size_t index, TileCoder& coder, Document& document) {
  if (view.overview == view.level) return {};
  const auto planes = planes_of(view);
  for (size_t channel = 0; channel < planes.size(); ++channel) {
    const LevelSize size = size_at(*planes[channel], view.overview);
    std::vector<uint16_t> numbers;
    numbers.reserve(size.rows * size.columns);
    GARITA_TRY(each_row(*planes[channel], view.planes.shown.masks, view.overview,
                        [&](std::span<const uint16_t> rows, uint32_t) -> base::Result<void> {
                          numbers.insert(numbers.end(), rows.begin(), rows.end());
                          return {};
                        }));
    if (numbers.size() != size.rows * size.columns) return base::Error{base::Outcome::no, "host.page_memory"};
    GARITA_TRY_ASSIGN(coded, coder.code(numbers.data(), size.rows, size.columns, size.columns));
    GARITA_TRY(document.bytes("o" + number(index) + "-" + number(channel), base::Bytes(coded)));
  }
  return {};
}

// Cuts a plane that comes row by row into tiles. Tiles share a row and a column with the next ones, so that
// the page can interpolate without seams.
class Tiles {
 public:
  Tiles(std::string prefix, LevelSize size, TileCoder& coder, Document& document)
      : prefix_(std::move(prefix)), size_(size), coder_(coder), document_(document) {
    band_.reserve((tile_rows_of_page + 1) * size_t{size.columns});
  }

  base::Result<void> add(std::span<const uint16_t> rows) {
    while (!rows.empty()) {
      band_.insert(band_.end(), rows.begin(), rows.begin() + size_.columns);
      rows = rows.subspan(size_.columns);
      if (band_.size() == (tile_rows_of_page + 1) * size_t{size_.columns}) GARITA_TRY(write_band(false));
    }
    return {};
  }

  base::Result<void> end() { return band_.empty() ? base::Result<void>() : write_band(true); }

 private:
  base::Result<void> write_band(bool last) {
    const size_t rows = band_.size() / size_.columns;
    for (uint32_t first = 0, i = 0; first < size_.columns; first += tile_columns_of_page, ++i) {
      const uint32_t columns = std::min(tile_columns_of_page + 1, size_.columns - first);
      GARITA_TRY_ASSIGN(coded, coder_.code(band_.data() + first, rows, columns, size_.columns));
      GARITA_TRY(document_.bytes(prefix_ + "-" + number(bands_) + "-" + number(i), base::Bytes(coded)));
    }
    ++bands_;
    if (!last) band_.erase(band_.begin(), band_.end() - size_.columns);
    return {};
  }

  const std::string prefix_;
  const LevelSize size_;
  TileCoder& coder_;
  Document& document_;
  std::vector<uint16_t> band_;
  size_t bands_ = 0;
};

base::Result<void> write_tiles(const PageView& view, size_t index, TileCoder& coder, Document& document) {
  const auto planes = planes_of(view);
  for (size_t channel = 0; channel < planes.size(); ++channel) {
    Tiles tiles("t" + number(index) + "-" + number(channel), size_at(*planes[channel], view.level), coder,
                document);
    GARITA_TRY(each_row(*planes[channel], view.planes.shown.masks, view.level,
                        [&](std::span<const uint16_t> rows, uint32_t) { return tiles.add(rows); }));
    GARITA_TRY(tiles.end());
  }
  return {};
}

base::Result<void> write_photos(OpenPackage& package, const PageContent& content, uint64_t most_bytes,
                                Document& document) {
  for (size_t i = 0; i < content.photos.size(); ++i) {
    const package::AttachmentInfo& info = package.reader.attachments()[content.photos[i].attachment];
    GARITA_TRY_ASSIGN(bytes, package.reader.read_attachment(info, most_bytes));
    GARITA_TRY(document.bytes("photo" + number(i), bytes));
  }
  return {};
}

base::Result<void> write_all(OpenPackage& package, const PageContent& content, const PageRequest& request,
                             Document& document) {
  const std::string style = part(".css"), script = "'use strict';\n(() => {\n" + part(".js") + "})();\n";
  GARITA_TRY(document.markup(head(request.language, style, script)));
  GARITA_TRY(document.markup(with_texts(part(".html"))));
  GARITA_TRY(document.json("model", model_of(package, content, request.language)
                                        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  TileCoder coder;
  GARITA_TRY(write_colours(document));
  for (size_t i = 0; i < content.views.size(); ++i) {
    if (content.views[i].planes.shown.low)
      GARITA_TRY(write_curves(content.views[i], "c" + number(i), document));
    GARITA_TRY(write_overviews(content.views[i], i, coder, document));
  }
  GARITA_TRY(document.markup("<script>" + script + "</script>\n"));
  for (size_t i = 0; i < content.views.size(); ++i)
    GARITA_TRY(write_tiles(content.views[i], i, coder, document));
  GARITA_TRY(write_photos(package, content, request.max_photo_bytes, document));
  return document.markup("</body>\n</html>\n");
}

}  // namespace

base::Result<PageSummary> write_page(OpenPackage& package, const std::filesystem::path& path,
                                     const PageRequest& request, base::FileSystem& files) {
  PageContent content;
  if (auto suspicion = suspicion_of(package.record)) note(content, *std::move(suspicion));
  GARITA_TRY(add_views(package, content));
  fit_planes(package.record, request.max_plane_bytes, content);
  GARITA_TRY(add_photos(package, request.max_photo_bytes, content));
  GARITA_TRY_ASSIGN(document, Document::create(path, files));
  GARITA_TRY(write_all(package, content, request, document));
  GARITA_TRY_ASSIGN(size_bytes, document.commit());
  return PageSummary{size_bytes, std::move(content.notes)};
}

}  // namespace garita::host
