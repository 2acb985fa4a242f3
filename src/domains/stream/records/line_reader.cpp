#include "domains/stream/records/line_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr std::uint64_t longest_of_all = 0xFFFFFFFF;                  // lengths are kept in 32 bits
constexpr std::uint64_t piece_of_mapped = std::uint64_t{512} << 10U;  // stays in a processor's cache
constexpr std::size_t no_end = std::string_view::npos;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

std::string_view without_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

void require_same(bool same, InputFile const& file) {
    require<DataError>(same,
                       "{} has changed while the study was at work; bring the old contents back and use "
                       "--resume, or start a new study",
                       file.path.string());
}

}  // namespace

void require_same(PlainFile const& opened, InputFile const& file) {
    require_same(opened.size == file.size && opened.modified == file.modified, file);
}

LineReader::LineReader(Input const& input, LineStart start, std::uint64_t end, Mapped mapped)
    : input_(input),
      end_(end),
      mapped_(mapped),
      takes_all_(start.offset == 0 && end == std::numeric_limits<std::uint64_t>::max()),
      longest_(std::min(input.longest(), longest_of_all)),
      number_(start.number) {
    if (input.files().empty()) return;
    if (start.offset == 0) {
        open(0, input.files()[0].begin);
    } else {
        auto const file = input.file_at(start.offset);
        open(file, start.offset - input.files()[file].offset);
    }
}

void LineReader::open(std::size_t file, std::uint64_t place) {
    file_ = file;
    hash_.reset();
    if (!is_read()) {
        window_ = this->file().text;
        window_at_ = 0;
        place_ = place;
        has_more_ = false;
        return;
    }
    plain_ = open_plain(this->file().path);
    require_same(plain_, this->file());
    bool const from_the_start = place == this->file().begin;
    if (from_the_start && takes_all_) hash_.emplace();
    piece_ = this->file().is_on_disk ? input_.block() : piece_of_mapped;
    window_ = {};
    window_at_ = from_the_start ? 0 : place;
    place_ = 0;
    has_more_ = window_at_ < plain_.size;
    auto const skipped = place - window_at_;
    while (has_more_ && window_.size() <= skipped) read_more();
    place_ = skipped;
}

/// After the last line of a file.
void LineReader::close() {
    if (is_read()) require_same(is_unchanged(plain_, file().path), file());
    hashes_.push_back(hash_ ? hash_->text() : "");
}

/// Lets the window begin at the line that is being taken, and reads a block behind it.
void LineReader::read_more() {
    std::string_view const left = window_.substr(place_);
    auto const n_left = left.size();
    if (n_left > 0) std::memmove(buffer_.data(), left.data(), n_left);
    window_at_ += place_;
    place_ = 0;
    auto const at = window_at_ + n_left;
    auto const n = static_cast<std::size_t>(std::min(piece_, plain_.size - at));
    buffer_.resize(std::max(buffer_.size(), n_left + n + line_padding));
    auto const n_read = read_at(plain_, at, {buffer_.data() + n_left, n}, file().path);
    require_same(n_read == n, file());
    std::fill_n(buffer_.begin() + static_cast<std::ptrdiff_t>(n_left + n), line_padding, '\0');
    window_ = {buffer_.data(), n_left + n};
    has_more_ = at + n < plain_.size;
    if (hash_) hash_->add(window_.substr(n_left));
}

/// After the first newline from there on in the window.
std::size_t LineReader::end_of_line(std::size_t from) const {
    if (input_.format() == InputFormat::xml || from >= window_.size()) return no_end;
    void const* const end = std::memchr(window_.data() + from, '\n', window_.size() - from);
    if (end == nullptr) return no_end;
    return static_cast<std::size_t>(static_cast<char const*>(end) - window_.data()) + 1;
}

LineReader::Taken LineReader::take_line() {
    auto end = end_of_line(place_);
    while (end == no_end && has_more_) {
        auto const n_seen = window_.size() - place_;
        if (n_seen > longest_ + 2) return take_long_line();
        read_more();
        end = end_of_line(n_seen);
    }
    auto const line = window_.substr(place_, end == no_end ? end : end - place_);
    place_ += line.size();
    return {line, is_blank(line), without_end(line).size() > longest_, line.empty()};
}

/// A line that is not to be held in memory.
LineReader::Taken LineReader::take_long_line() {
    Taken taken{{}, true, true, false};
    for (;;) {
        auto const end = end_of_line(place_);
        auto const piece = window_.substr(place_, end == no_end ? end : end - place_);
        taken.is_blank = taken.is_blank && is_blank(piece);
        place_ += piece.size();
        if (end != no_end || !has_more_) return taken;
        read_more();
    }
}

bool LineReader::next(Line& line) {
    while (file_ < input_.files().size()) {
        auto const offset = file().offset + window_at_ + place_;
        if (offset >= end_) return false;
        auto const taken = take_line();
        if (taken.is_none) {
            close();
            if (++file_ < input_.files().size()) open(file_, file().begin);
            continue;
        }
        if (taken.is_blank) continue;
        line.number = number_++;
        line.offset = offset;
        line.too_long = taken.is_too_long;
        line.text = without_end(taken.text);
        return true;
    }
    return false;
}

}  // namespace vaster::stream
