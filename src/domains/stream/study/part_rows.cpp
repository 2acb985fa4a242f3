#include "domains/stream/study/part_rows.hpp"

#include <algorithm>

#include "domains/stream/records/plain_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr std::size_t word = sizeof(std::uint64_t);

/// Of a file that was whole a moment ago.
void read_whole(PlainFile const& file, std::uint64_t at, std::span<char> bytes,
                std::filesystem::path const& path) {
    require<IoError>(read_at(file, at, bytes, path) == bytes.size(),
                     "{} was cut while it was read; 'vaster run --resume' computes it again", path.string());
}

std::span<char> bytes_in(std::vector<std::uint64_t>& numbers, std::uint64_t n) {
    return {reinterpret_cast<char*>(numbers.data()), n * word};
}

}  // namespace

PartRows::PartRows(PartFile const& part, std::uint64_t first, std::uint64_t end, std::uint64_t text_end,
                   std::size_t memory)
    : part_(part), row_(first), end_(end), text_end_(text_end), first_(first) {
    auto const bytes_of_row = 2 * word + part.n_text_ / std::max<std::uint64_t>(1, part.n_rows_) + 1;
    n_at_once_ = std::max<std::uint64_t>(1, memory / bytes_of_row);
}

PartRows::PartRows(PartFile const& part, std::size_t memory)
    : PartRows(part, 0, part.n_rows_, part.n_text_, memory) {
    if (!at_end()) read();
}

PartRows::PartRows(PartFile const& part, std::uint64_t range, std::size_t memory)
    : PartRows(part, part.ranges_[range].row, part.ranges_[range + 1].row, part.ranges_[range + 1].text,
               memory) {
    expected_ = part.ranges_[range].hash;
    seen_.emplace();
    if (!at_end()) read();
}

void PartRows::read() {
    // Opened each time: there may be more parts than a process may have open.
    auto const file = open_plain(part_.path_);
    first_ = row_;
    auto const n = std::min(n_at_once_, end_ - first_);
    bool const is_last = first_ + n == end_;
    records_.resize(n);
    starts_.resize(n + 1);
    read_whole(file, part_.rows_at() + first_ * word, bytes_in(records_, n), part_.path_);
    auto const starts_at = part_.rows_at() + (part_.n_rows_ + first_) * word;
    read_whole(file, starts_at, bytes_in(starts_, is_last ? n : n + 1), part_.path_);
    if (is_last) starts_[n] = text_end_;
    part_.check(std::is_sorted(starts_.begin(), starts_.end()) && starts_[n] <= text_end_);
    auto const n_text = starts_[n] - starts_[0];
    text_.clear();
    read_whole(file, part_.rows_at() + part_.n_rows_ * 2 * word + starts_[0], {text_.room(n_text), n_text},
               part_.path_);
    text_.took(n_text);
    if (seen_) seen_->add(records_, std::span(starts_).first(n), text_.view());
}

bool PartRows::were_whole() const {
    return seen_ && seen_->text() == expected_;
}

std::size_t memory_of_part(std::size_t n_parts) {
    // All of it fits into a processor's cache; with four times as much, rows come from memory again.
    constexpr std::size_t memory = std::size_t{16} << 20U;
    constexpr std::size_t least_of_part = std::size_t{4} << 10U;
    constexpr std::size_t most_of_part = std::size_t{1} << 20U;
    return std::clamp(memory / std::max<std::size_t>(1, n_parts), least_of_part, most_of_part);
}

}  // namespace vaster::stream
