#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vaster/study/study.hpp"

namespace vaster::testing {

/// A kind without keys, problems or summary, of which nothing can be opened: for tests of what is done with
/// kinds. Derive from it to add something.
class PlainKind : public study::Kind {
  public:
    explicit PlainKind(std::string name) : name_(std::move(name)) {}

    [[nodiscard]] std::string name() const override { return name_; }

    [[nodiscard]] std::string doc() const override { return "for tests"; }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return {}; }

    [[nodiscard]] std::vector<std::string> problems(study::Config const&) const override { return {}; }

    [[nodiscard]] study::Opened open(study::Config const&, study::DataFrom const&) const override {
        return {};
    }

    [[nodiscard]] std::vector<TextTable> summary(study::Config const&, study::Schema const&,
                                                 study::Records const&) const override {
        return {};
    }

  private:
    std::string name_;
};

}  // namespace vaster::testing
