#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/report/chapter.hpp"

namespace vaster::study {
class Kind;
class Study;
}  // namespace vaster::study

namespace vaster::testing {

/// A study file of a kind with its first experiments and no results yet.
class StudyOnDisk {
  public:
    StudyOnDisk(study::Kind const& kind, std::filesystem::path path, std::string const& text);
    ~StudyOnDisk();

    [[nodiscard]] std::filesystem::path const& path() const { return path_; }

    /// What the report says of it.
    [[nodiscard]] report::Chapter chapter(report::OwnSections const& own) const;

  private:
    std::filesystem::path path_;
    std::unique_ptr<study::Study> study_;
};

/// The file that a figure shows.
[[nodiscard]] std::string data_url(report::Figure const& figure);

}  // namespace vaster::testing
