#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/support/growing_text.hpp"
#include "domains/stream/study/part_file.hpp"

namespace vaster::stream {

/// The rows of a part, one after the other, all of them or those of a range. Little of them is in memory at a
/// time.
class PartRows {
  public:
    /// @param part    kept by reference. @param memory  for rows that are read together [bytes], about
    PartRows(PartFile const& part, std::size_t memory);

    /// @param range  in PartFile::ranges()
    PartRows(PartFile const& part, std::uint64_t range, std::size_t memory);

    /// Was the last row taken?
    [[nodiscard]] bool at_end() const noexcept { return row_ == end_; }

    /// Number of the record that caused the row. Rows are in the order of these.
    [[nodiscard]] std::uint64_t record() const { return records_[row_ - first_]; }

    /// The row with the end of its line; until next().
    [[nodiscard]] std::string_view row() const {
        auto const i = row_ - first_;
        return {text_.view().data() + (starts_[i] - starts_[0]), starts_[i + 1] - starts_[i]};
    }

    /// @throws IoError; DataError when the rows are damaged
    void next() {
        ++row_;
        if (!at_end() && row_ - first_ == records_.size()) read();
    }

    /// Of a range, at its end: are its rows those that were written?
    [[nodiscard]] bool were_whole() const;

  private:
    PartRows(PartFile const& part, std::uint64_t first, std::uint64_t end, std::uint64_t text_end,
             std::size_t memory);
    void read();

    PartFile const& part_;
    std::uint64_t n_at_once_ = 1;
    std::uint64_t row_ = 0;
    std::uint64_t end_ = 0;
    std::uint64_t text_end_ = 0;          ///< of the last row
    std::uint64_t first_ = 0;             ///< row in memory
    std::vector<std::uint64_t> records_;  ///< of the rows in memory
    std::vector<std::uint64_t> starts_;   ///< of their texts, and the end of the last one
    GrowingText text_;
    std::string_view expected_;     ///< hash of the range
    std::optional<RowsHash> seen_;  ///< of a range alone
};

/// Memory for the rows of one of so many parts, so that all of them stay in a processor's cache [bytes].
[[nodiscard]] std::size_t memory_of_part(std::size_t n_parts);

/// Takes the rows of the parts of one stream in the order of their records.
/// @param take  is given a record and a row of it. @throws as PartRows::next()
template <class Take>
void take_in_order(std::span<PartRows> parts, Take take) {
    using RowPlace = std::pair<std::uint64_t, std::size_t>;  // record, part
    std::priority_queue<RowPlace, std::vector<RowPlace>, std::greater<>> next;
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (!parts[i].at_end()) next.emplace(parts[i].record(), i);
    while (!next.empty()) {
        auto const i = next.top().second;
        next.pop();
        auto& part = parts[i];
        // The part's rows that come before those of all other parts.
        do {
            take(part.record(), part.row());
            part.next();
        } while (!part.at_end() && (next.empty() || part.record() < next.top().first));
        if (!part.at_end()) next.emplace(part.record(), i);
    }
}

}  // namespace vaster::stream
