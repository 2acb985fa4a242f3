#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/store/rows.hpp"
#include "core/study/journal.hpp"

namespace vaster::store {

/// Rank 0's access to /attempts, a ring. Attempts that went well come by the ten thousand a second: they wait
/// for each other, and rows that follow each other are one write. Whatever waits is lost when the process is
/// killed: the newest notes of what has long been committed.
class AttemptLog {
  public:
    /// `table` must outlive the log.
    explicit AttemptLog(Table const& table) : table_(table) {}

    /// @param now  monotonic seconds
    /// @throws IoError
    void add(study::Attempt const& attempt, double now);

    /// Writes what waits. @throws IoError
    void flush();

    /// Writes what has waited for long enough. @throws IoError
    void flush_when_due(double now);

    [[nodiscard]] bool waiting() const noexcept { return !rows_.empty(); }

  private:
    [[nodiscard]] std::uint32_t next_sequence();

    Table const& table_;
    std::vector<std::byte> rows_;  ///< that wait, one after the other in the ring
    std::uint64_t n_rows_ = 0;
    std::uint32_t first_ = 0;     ///< sequence of the first of them
    std::uint32_t sequence_ = 0;  ///< of the newest attempt; 0: not looked for yet
    double since_ = 0;            ///< when the first began to wait
};

}  // namespace vaster::store
