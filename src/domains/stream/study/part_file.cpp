#include "domains/stream/study/part_file.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <queue>
#include <utility>

#include "base/support/hash.hpp"
#include "base/support/temporary_file.hpp"
#include "domains/stream/records/plain_file.hpp"
#include "domains/stream/tasks/state.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "vaster stream part 1\n";
constexpr std::size_t word = sizeof(std::uint64_t);
/// After the magic: rows, bytes of their text, bytes of the states.
constexpr std::size_t n_header_words = 3;
constexpr std::size_t header_bytes = magic.size() + n_header_words * word;
constexpr std::size_t hash_bytes = 32;
/// Read and hashed together: it stays in the processor's cache in between.
constexpr std::size_t piece_bytes = std::size_t{256} << 10U;

std::string_view bytes_of(std::vector<std::uint64_t> const& numbers) {
    return {reinterpret_cast<char const*>(numbers.data()), numbers.size() * word};
}

std::uint64_t number_in(std::string_view bytes, std::size_t position) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + position, word);
    return value;
}

std::span<char> bytes_in(std::vector<std::uint64_t>& numbers, std::uint64_t n) {
    return {reinterpret_cast<char*>(numbers.data()), n * word};
}

/// Of a file that was whole a moment ago.
void read_whole(PlainFile const& file, std::uint64_t at, std::span<char> bytes, fs::path const& path) {
    require<IoError>(read_at(file, at, bytes, path) == bytes.size(),
                     "{} was cut while it was read; 'vaster run --resume' computes it again", path.string());
}

std::string packed(std::vector<KeptState> const& states) {
    StateWriter writer;
    for (auto const& state : states) {
        writer.put(std::string_view(state.sensor));
        writer.put(std::string_view(state.bytes));
    }
    return writer.bytes();
}

}  // namespace

std::string write_part(fs::path const& path, Output const& output, std::vector<KeptState> const& states,
                       Sync sync) {
    HashedFile file(path);
    std::string const state_bytes = packed(states);
    file.write(magic);
    file.write(bytes_of({output.n_rows(), output.text().size(), state_bytes.size()}));
    file.write(bytes_of(output.records()));
    file.write(bytes_of(output.starts()));
    file.write(output.text());
    file.write(state_bytes);
    std::string hash = file.hash();
    file.write(hash);
    file.keep(sync);
    return hash;
}

PartFile::PartFile(fs::path const& path) : path_(path) {
    auto const check = [&](bool holds) {
        require<DataError>(
            holds,
            "{} is not whole, or not a part of a stream's output: 'vaster run --resume' computes it again",
            path.string());
    };
    auto const file = open_plain(path);
    check(file.size >= header_bytes + hash_bytes);
    auto const body = file.size - header_bytes - hash_bytes;
    ContentHash content;
    std::string header;
    std::string piece(std::min<std::uint64_t>(file.size, piece_bytes), '\0');
    auto const n_hashed = file.size - hash_bytes;
    for (std::uint64_t at = 0; at < n_hashed; at += piece.size()) {
        piece.resize(std::min<std::uint64_t>(piece.size(), n_hashed - at));
        check(read_at(file, at, piece, path) == piece.size());
        content.add(piece);
        if (at == 0) header = piece.substr(0, header_bytes);
        if (at == 0) check(header.size() == header_bytes && header.starts_with(magic));
    }
    hash_.resize(hash_bytes);
    check(read_at(file, n_hashed, hash_, path) == hash_bytes && hash_ == content.text());
    n_rows_ = number_in(header, magic.size());
    n_text_ = number_in(header, magic.size() + word);
    n_states_ = number_in(header, magic.size() + 2 * word);
    check(n_rows_ <= body / (2 * word) && n_text_ <= body && n_states_ <= body &&
          n_rows_ * 2 * word + n_text_ + n_states_ == body);
}

std::vector<KeptState> PartFile::states() const {
    std::string bytes(n_states_, '\0');
    read_whole(open_plain(path_), header_bytes + n_rows_ * 2 * word + n_text_, bytes, path_);
    std::vector<KeptState> states;
    StateReader reader(bytes);
    while (reader.left() > 0) {
        std::string sensor(reader.get_text());
        states.push_back({std::move(sensor), std::string(reader.get_text())});
    }
    return states;
}

PartRows::PartRows(PartFile const& part, std::size_t memory) : part_(part) {
    if (at_end()) return;
    auto const bytes_of_row = 2 * word + part.n_text_ / part.n_rows_ + 1;
    n_at_once_ = std::max<std::uint64_t>(1, memory / bytes_of_row);
    read();
}

void PartRows::next() {
    ++row_;
    if (!at_end() && row_ - first_ == records_.size()) read();
}

std::string_view PartRows::row() const {
    auto const i = row_ - first_;
    return {text_.data() + (starts_[i] - starts_[0]), starts_[i + 1] - starts_[i]};
}

void PartRows::read() {
    // Opened each time: there may be more parts than a process may have open.
    auto const file = open_plain(part_.path_);
    first_ = row_;
    auto const n = std::min(n_at_once_, part_.n_rows_ - first_);
    bool const is_last = first_ + n == part_.n_rows_;
    records_.resize(n);
    starts_.resize(n + 1);
    read_whole(file, header_bytes + first_ * word, bytes_in(records_, n), part_.path_);
    auto const starts_at = header_bytes + (part_.n_rows_ + first_) * word;
    read_whole(file, starts_at, bytes_in(starts_, is_last ? n : n + 1), part_.path_);
    if (is_last) starts_[n] = part_.n_text_;
    text_.resize(starts_[n] - starts_[0]);
    read_whole(file, header_bytes + part_.n_rows_ * 2 * word + starts_[0], text_, part_.path_);
}

bool has_part(fs::path const& path, std::string_view hash) {
    try {
        return PartFile(path).hash() == hash;
    } catch (Error const&) {
        return false;
    }
}

Merged merge_parts(std::span<PartFile const> parts, std::string_view header, fs::path const& path) {
    using Place = std::pair<std::uint64_t, std::size_t>;  // record, part
    std::priority_queue<Place, std::vector<Place>, std::greater<>> next;
    // All of it fits into a processor's cache; with four times as much, rows come from memory again.
    constexpr std::size_t memory = std::size_t{16} << 20U;
    constexpr std::size_t least_of_part = std::size_t{4} << 10U;
    constexpr std::size_t most_of_part = std::size_t{1} << 20U;
    auto const of_part =
        std::clamp(memory / std::max<std::size_t>(1, parts.size()), least_of_part, most_of_part);
    std::vector<PartRows> rows;
    rows.reserve(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        rows.emplace_back(parts[i], of_part);
        if (!rows[i].at_end()) next.emplace(rows[i].record(), i);
    }
    remove_left_overs(path);  // of a process that was killed in the middle
    HashedFile file(path);
    file.write(header);
    Merged merged;
    while (!next.empty()) {
        auto const i = next.top().second;
        next.pop();
        auto& part = rows[i];
        // The part's rows that come before those of all other parts.
        do {
            file.write(part.row());
            part.next();
            ++merged.rows;
        } while (!part.at_end() && (next.empty() || part.record() < next.top().first));
        if (!part.at_end()) next.emplace(part.record(), i);
    }
    merged.bytes = file.n_bytes();
    merged.hash = file.hash();
    file.keep();
    return merged;
}

}  // namespace vaster::stream
