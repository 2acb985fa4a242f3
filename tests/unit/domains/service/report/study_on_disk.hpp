#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../../core/store/example.hpp"
#include "core/report/chapter.hpp"
#include "core/store/reader.hpp"
#include "core/store/writer.hpp"
#include "vaster/study/study.hpp"

namespace vaster::testing {

/// A study file of a kind with its first experiments and no results yet.
class StudyOnDisk {
  public:
    StudyOnDisk(study::Kind const& kind, std::filesystem::path path, std::string const& text)
        : path_(std::move(path)) {
        study_ = kind.open(study::load(kind, {"", text, {}}), study::FromSource{}).study;
        auto header = example::header();
        header.kind = kind.name();
        header.config = text;
        store::create(path_, header, study_->schema(), study_->next_experiments(study::NoRecords()),
                      {study_->capacity(), study_->row_capacity()}, store::OnExisting::refuse,
                      study_->inputs());
    }

    [[nodiscard]] study::Study const& study() const { return *study_; }

    [[nodiscard]] std::filesystem::path const& path() const { return path_; }

    /// What the report says of it.
    [[nodiscard]] report::Chapter chapter(report::OwnSections const& own) const {
        return report::chapter_of(std::make_shared<store::Reader const>(path_), "study", {}, &own);
    }

  private:
    std::filesystem::path path_;
    std::unique_ptr<study::Study> study_;
};

}  // namespace vaster::testing
