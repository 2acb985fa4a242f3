#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/folder.hpp"

// What the page and the files beside it have in common.
namespace vaster::report {

/// Name with letters, digits, '_', '-' and '.' alone, for files, anchors and addresses.
[[nodiscard]] std::string file_name(std::string_view text);

/// What the files of each chapter begin with: nothing where there is one chapter, else its name, made unique.
[[nodiscard]] std::vector<std::string> prefixes_of(std::vector<Chapter> const& chapters);

/// A specification that stands for itself, to be kept in folder `figures`: with the address of its data and
/// the looks for paper.
[[nodiscard]] std::string standalone_spec(Figure const& figure, std::string const& prefix);

/// Specifications, data and looks for the script of the page, as JSON without '<'.
[[nodiscard]] std::string page_data(std::vector<Chapter> const& chapters);

/// report.json: facts, notes, sections with their figures, and all tables.
[[nodiscard]] std::string report_json(std::vector<Chapter> const& chapters,
                                      std::vector<std::string> const& notes, Pictures pictures);

/// How report.json begins, by which an earlier report is known.
inline constexpr std::string_view report_mark = "{\"filetype\":\"vaster-report\"";

/// Draws every figures/*.vl.json of a folder as SVG, and these as PNG, with programs that may not be there.
/// @returns what there is then; why not all of it is added to `notes`
[[nodiscard]] Pictures draw(std::filesystem::path const& folder, Pictures wanted,
                            std::vector<std::string>& notes);

// Files that are compiled in.
std::string_view vega_js();
std::string_view vega_lite_js();
std::string_view vega_embed_js();
std::string_view vega_licences();
std::string_view report_css();
std::string_view report_js();
std::string_view draw_js();
std::string_view theme_json();

}  // namespace vaster::report
