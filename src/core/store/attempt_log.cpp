#include "core/store/attempt_log.hpp"

#include <algorithm>
#include <span>

#include "core/store/layout.hpp"

namespace vaster::store {
namespace {

constexpr std::uint64_t most_waiting = 64;
constexpr double longest_wait_seconds = 0.1;

}  // namespace

void AttemptLog::add(study::Attempt const& attempt, double now) {
    auto const sequence = next_sequence();
    if (!waiting()) {
        first_ = sequence;
        since_ = now;
    }
    Row row = attempt_row(table_.type(), attempt);
    seal(row.bytes(), sequence);
    rows_.insert(rows_.end(), row.bytes().begin(), row.bytes().end());
    ++n_rows_;
    bool const ring_ends = sequence % table_.n_rows() == 0;
    bool const tells_of_trouble = attempt.outcome != "done";
    if (ring_ends || tells_of_trouble || n_rows_ >= most_waiting) flush();
}

void AttemptLog::flush() {
    if (!waiting()) return;
    auto const first_row = (first_ - 1) % table_.n_rows();
    if (first_ > table_.n_rows()) table_.open_rows(first_row, n_rows_, 0);
    table_.write_sealed(first_row, rows_);
    rows_.clear();
    n_rows_ = 0;
}

void AttemptLog::flush_when_due(double now) {
    if (waiting() && now - since_ >= longest_wait_seconds) flush();
}

std::uint32_t AttemptLog::next_sequence() {
    if (sequence_ == 0) {
        auto const rows = table_.read(0, table_.n_rows());
        for (std::size_t i = 0; i < table_.n_rows(); ++i)
            sequence_ = std::max(
                sequence_, tail_of(std::span(rows).subspan(i * table_.type().size, table_.type().size)).mark);
    }
    return ++sequence_;
}

}  // namespace vaster::store
