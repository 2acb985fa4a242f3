#include "study_on_disk.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "../../../core/store/example.hpp"
#include "core/store/reader.hpp"
#include "vaster/study/study.hpp"

namespace vaster::testing {

StudyOnDisk::StudyOnDisk(study::Kind const& kind, std::filesystem::path path, std::string const& text)
    : path_(std::move(path)),
      study_(kind.open(study::load(kind, {"", text, {}}), study::FromSource{}).study) {
    auto header = example::header();
    header.kind = kind.name();
    header.config = text;
    store::create(path_, header, study_->schema(), study_->next_experiments(study::NoRecords()),
                  {study_->capacity(), study_->row_capacity()}, store::OnExisting::refuse, study_->inputs());
}

StudyOnDisk::~StudyOnDisk() = default;

report::Chapter StudyOnDisk::chapter(report::OwnSections const& own) const {
    return report::chapter_of(std::make_shared<store::Reader const>(path_), "study", {}, &own);
}

std::string data_url(report::Figure const& figure) {
    return nlohmann::json::parse(figure.spec)["data"]["url"];
}

}  // namespace vaster::testing
