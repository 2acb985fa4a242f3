#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "vaster/study/experiment.hpp"

namespace vaster::engine {

/// The workers that take part, as rank 0 knows them: when each was last heard of, where it is, and whether
/// its host can be trusted with work. Knows no MPI and no clock.
class Crew {
  public:
    /// So many different experiments that fail on a host one after the other, without a result between them,
    /// are one too many for it.
    static constexpr std::size_t most_failures = 3;

    explicit Crew(int size);

    [[nodiscard]] bool contains(int worker) const { return members_.contains(worker); }

    [[nodiscard]] bool empty() const noexcept { return members_.empty(); }

    [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }

    /// All but rank 0, in order.
    [[nodiscard]] std::vector<int> others() const;

    /// A sign of life. @param now  [s]
    void heard(int worker, double now) { members_.at(worker).heard = now; }

    void set_host(int worker, std::string const& host) { members_.at(worker).host = host; }

    /// What is known of the worker's host; empty: nothing yet.
    [[nodiscard]] std::string const& host(int worker) const { return members_.at(worker).host; }

    /// It no longer takes part.
    void remove(int worker) { members_.erase(worker); }

    /// Those but rank 0 that gave no sign for more than `limit` seconds.
    [[nodiscard]] std::vector<int> silent(double now, double limit) const;

    void on_result(int worker) { failures_.erase(host(worker)); }

    /// An attempt failed there, other than by an error of the model.
    /// @return true when it is the one that makes the host untrusted
    bool on_failure(int worker, study::ExperimentIndex index);

    /// May the worker be given more? Not on a host that failed too many in a row, as long as there is another
    /// host.
    [[nodiscard]] bool trusted(int worker) const;

  private:
    struct Member {
        double heard = 0;
        std::string host;
    };

    [[nodiscard]] bool untrusted(std::string const& host) const;

    std::map<int, Member> members_;
    std::map<std::string, std::set<study::ExperimentIndex>> failures_;  ///< in a row, by host
};

}  // namespace vaster::engine
