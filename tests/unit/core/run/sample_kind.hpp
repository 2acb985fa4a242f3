#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vaster/study/kinds.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/errors.hpp"

/// A kind of study that remembers where it was told to take its data from.
namespace vaster::run::testing {

class SampleStudy final : public study::Study {
  public:
    explicit SampleStudy(std::string source) : source_(std::move(source)) {}

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return source_; }

    [[nodiscard]] std::size_t capacity() const override { return 0; }

    [[nodiscard]] std::vector<study::Experiment> next_experiments(study::Records const&) const override {
        return {};
    }

    void run(study::Task const&, study::Sink&, Watcher&) const override {}

  private:
    std::string source_;
    study::Schema schema_;
};

class SampleKind final : public study::Kind {
  public:
    [[nodiscard]] std::string name() const override { return "sample"; }

    [[nodiscard]] std::string doc() const override { return "for tests"; }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override {
        return {{"sample", "Of the sample", {{.name = "word", .standard = "", .doc = "a word"}}}};
    }

    [[nodiscard]] std::vector<std::string> problems(study::Config const&) const override { return {}; }

    [[nodiscard]] study::Opened open(study::Config const& config,
                                     study::DataFrom const& from) const override {
        auto const word = config.get<std::string>("sample.word");
        require<DataError>(word != "broken", "the sample is broken");
        constexpr char const* places[] = {"source", "source to share", "block", "file"};
        auto text = word + " from " + places[from.index()];
        auto const* const file = std::get_if<study::FromFile>(&from);
        if (file != nullptr && file->block) text += " and block";
        if (file != nullptr && file->share) text += " to share";
        return {std::make_unique<SampleStudy>(std::move(text))};
    }

    [[nodiscard]] std::vector<TextTable> summary(study::Config const&, study::Schema const&,
                                                 study::Records const&) const override {
        return {};
    }
};

inline study::Kinds sample_kinds() {
    return study::Kinds({std::make_shared<SampleKind>()});
}

}  // namespace vaster::run::testing
