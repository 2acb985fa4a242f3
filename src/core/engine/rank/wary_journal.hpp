#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "core/study/journal.hpp"

namespace vaster::engine {

/// Asks before it writes whether this rank may still do so: one that was frozen for longer than others wait
/// for a sign of it is lost to them, and its experiments are somebody else's.
class WaryJournal final : public study::Journal {
  public:
    /// @param require_wanted  does not return where the rank must not write any more
    WaryJournal(study::Journal& journal, std::function<void()> require_wanted)
        : journal_(journal), require_wanted_(std::move(require_wanted)) {}

    void learn(std::vector<study::Experiment> const& experiments) override { journal_.learn(experiments); }

    void mark_running(std::vector<study::ExperimentIndex> const& indices) override {
        require_wanted_();
        journal_.mark_running(indices);
    }

    void commit(study::Result const& result, study::Origin const& origin) override {
        require_wanted_();
        journal_.commit(result, origin);
    }

    void idle() override { journal_.idle(); }

  private:
    study::Journal& journal_;
    std::function<void()> require_wanted_;
};

}  // namespace vaster::engine
