#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/report/chapter.hpp"

namespace vaster::report {

/// May a folder be written into that holds other things than an earlier report?
enum class Overwrite { refuse, allow };

/// Which files beside the page show the figures.
enum class Pictures { none, svg, svg_and_png };

/// The page as one HTML text that needs nothing else: no network, no other file. Everything that comes from
/// study files is escaped.
/// @param notes  what a reader must know of the report itself, such as files that could not be made
/// @param pictures  what there is in folder `figures`, to be linked
[[nodiscard]] std::string page_of(std::vector<Chapter> const& chapters, std::vector<std::string> const& notes,
                                  Pictures pictures);

/// Throws unless write_folder() may write there: nothing, an empty folder, or an earlier report.
/// @throws UsageError for a folder with other things in it, unless it may be overwritten, and for a file
void check_folder(std::filesystem::path const& folder, Overwrite overwrite);

/// Writes index.html, report.json, tables/*.csv and figures/*: all of it beside `folder` first, which is then
/// put in its place. What else was in the folder stays in it.
/// @returns what could not be made, and why
/// @throws IoError naming the path; `folder` is then as it was
[[nodiscard]] std::vector<std::string> write_folder(std::vector<Chapter> const& chapters,
                                                    std::filesystem::path const& folder, Pictures pictures);

}  // namespace vaster::report
