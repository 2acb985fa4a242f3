#include "domains/stream/study/part_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "domains/stream/tasks/state.hpp"
#include "vaster/support/errors.hpp"

// A part: magic, header, records of the rows, where their texts begin, texts, states, and the hash of all of
// these. Behind the hash, where the rows are read by ranges: the ranges, a hash of the states, and a hash of
// both.
namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "vaster stream part 1\n";
constexpr std::size_t word = sizeof(std::uint64_t);
/// After the magic: rows, bytes of their text, bytes of the states.
constexpr std::size_t n_header_words = 3;
constexpr std::size_t header_bytes = magic.size() + n_header_words * word;
constexpr std::size_t hash_bytes = 32;
constexpr std::size_t range_bytes = 2 * word + hash_bytes;
/// Read and hashed together: it stays in the processor's cache in between.
constexpr std::size_t piece_bytes = std::size_t{256} << 10U;

std::string_view bytes_of(std::span<std::uint64_t const> numbers) {
    return {reinterpret_cast<char const*>(numbers.data()), numbers.size() * word};
}

std::uint64_t number_in(std::string_view bytes, std::size_t position) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + position, word);
    return value;
}

void append(std::string& bytes, std::uint64_t number) {
    bytes.append(bytes_of({&number, 1}));
}

std::string packed(std::vector<KeptState> const& states) {
    StateWriter writer;
    for (auto const& state : states) {
        writer.put(std::string_view(state.sensor));
        writer.put(std::string_view(state.bytes));
    }
    return writer.bytes();
}

/// What stands behind the hash of a part.
std::string end_of(Output const& output, std::string_view states, RecordRanges const& ranges) {
    std::string bytes;
    if (ranges.size() < 2) return bytes;
    std::span const records(output.records());
    std::span const starts(output.starts());
    std::string_view const text(output.text());
    auto const rows = ranges.first_rows(records);
    auto const text_at = [&](std::uint64_t row) { return row < starts.size() ? starts[row] : text.size(); };
    for (std::uint64_t range = 0; range < ranges.size(); ++range) {
        auto const row = rows[range];
        auto const n = rows[range + 1] - row;
        RowsHash hash;
        hash.add(records.subspan(row, n), starts.subspan(row, n),
                 text.substr(text_at(row), text_at(row + n) - text_at(row)));
        append(bytes, row);
        append(bytes, text_at(row));
        bytes += hash.text();
    }
    append(bytes, hash64(states));
    append(bytes, hash64(bytes));
    return bytes;
}

}  // namespace

void RowsHash::add(std::span<std::uint64_t const> records, std::span<std::uint64_t const> starts,
                   std::string_view text) {
    records_.add(bytes_of(records));
    starts_.add(bytes_of(starts));
    text_.add(text);
}

std::string RowsHash::text() const {
    ContentHash all;
    for (auto const* const one : {&records_, &starts_, &text_}) all.add(one->text());
    return all.text();
}

std::string write_part(fs::path const& path, Output const& output, std::vector<KeptState> const& states,
                       Sync sync, RecordRanges const& ranges) {
    HashedFile file(path);
    std::string const state_bytes = packed(states);
    std::array<std::uint64_t, n_header_words> const header{output.n_rows(), output.text().size(),
                                                           state_bytes.size()};
    file.write(magic);
    file.write(bytes_of(header));
    file.write(bytes_of(output.records()));
    file.write(bytes_of(output.starts()));
    file.write(output.text());
    file.write(state_bytes);
    std::string hash = file.hash();
    file.write(hash);
    file.write(end_of(output, state_bytes, ranges));
    file.keep(sync);
    return hash;
}

PartFile::PartFile(fs::path const& path) : path_(path) {
    auto const file = open_plain(path);
    read_header(file);
    read_end(file);
    ContentHash content;
    std::string piece(std::min<std::uint64_t>(file.size, piece_bytes), '\0');
    auto const n_hashed = states_at() + n_states_;
    for (std::uint64_t at = 0; at < n_hashed; at += piece.size()) {
        piece.resize(std::min<std::uint64_t>(piece.size(), n_hashed - at));
        check(read_at(file, at, piece, path) == piece.size());
        content.add(piece);
    }
    check(hash_ == content.text());
}

PartFile PartFile::with_rows_unseen(fs::path const& path) {
    PartFile part;
    part.path_ = path;
    auto const file = open_plain(path);
    part.read_header(file);
    part.read_end(file);
    return part;
}

void PartFile::check(bool holds) const {
    require<DataError>(
        holds, "{} is not whole, or not a part of a stream's output: 'vaster run --resume' computes it again",
        path_.string());
}

void PartFile::read_header(PlainFile const& file) {
    check(file.size >= header_bytes + hash_bytes);
    std::string header(header_bytes, '\0');
    check(read_at(file, 0, header, path_) == header_bytes && header.starts_with(magic));
    n_rows_ = number_in(header, magic.size());
    n_text_ = number_in(header, magic.size() + word);
    n_states_ = number_in(header, magic.size() + 2 * word);
    auto const body = file.size - header_bytes - hash_bytes;
    check(n_rows_ <= body / (2 * word) && n_text_ <= body && n_states_ <= body &&
          n_rows_ * 2 * word + n_text_ + n_states_ <= body);
}

void PartFile::read_end(PlainFile const& file) {
    auto const at = states_at() + n_states_;
    std::string end(file.size - at, '\0');
    check(read_at(file, at, end, path_) == end.size());
    hash_ = end.substr(0, hash_bytes);
    if (end.size() == hash_bytes) return;
    std::string_view bytes(end);
    bytes.remove_prefix(hash_bytes);
    check(bytes.size() > 2 * word && (bytes.size() - 2 * word) % range_bytes == 0);
    auto const n = (bytes.size() - 2 * word) / range_bytes;
    states_hash_ = number_in(bytes, n * range_bytes);
    check(hash64(bytes.substr(0, bytes.size() - word)) == number_in(bytes, bytes.size() - word));
    for (std::size_t range = 0; range < n; ++range) {
        auto const one = bytes.substr(range * range_bytes, range_bytes);
        ranges_.push_back({number_in(one, 0), number_in(one, word), std::string(one.substr(2 * word))});
    }
    ranges_.push_back({n_rows_, n_text_, ""});
    check(std::is_sorted(ranges_.begin(), ranges_.end(),
                         [](auto const& a, auto const& b) { return a.row < b.row || a.text < b.text; }));
}

std::uint64_t PartFile::rows_at() const noexcept {
    return header_bytes;
}

std::uint64_t PartFile::states_at() const noexcept {
    return header_bytes + n_rows_ * 2 * word + n_text_;
}

std::string PartFile::states_bytes() const {
    std::string bytes(n_states_, '\0');
    auto const n = read_at(open_plain(path_), states_at(), bytes, path_);
    check(n == bytes.size() && (ranges_.empty() || hash64(bytes) == states_hash_));
    return bytes;
}

std::vector<StateView> states_in(std::string_view bytes) {
    std::vector<StateView> states;
    StateReader reader(bytes);
    while (reader.left() > 0) {
        std::string_view const sensor = reader.get_text();
        states.push_back({sensor, reader.get_text()});
    }
    return states;
}

bool has_part(fs::path const& path, std::string_view hash) {
    try {
        return PartFile(path).hash() == hash;
    } catch (Error const&) {
        return false;
    }
}

}  // namespace vaster::stream
