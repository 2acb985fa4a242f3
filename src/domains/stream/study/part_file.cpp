#include "domains/stream/study/part_file.hpp"

#include <cstring>
#include <functional>
#include <queue>
#include <system_error>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/temporary_file.hpp"
#include "domains/stream/records/mapped_text.hpp"
#include "domains/stream/records/parser.hpp"
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

std::string_view bytes_of(std::vector<std::uint64_t> const& numbers) {
    return {reinterpret_cast<char const*>(numbers.data()), numbers.size() * word};
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
    open();
    std::string_view const bytes = bytes_;
    auto const check = [&](bool holds) {
        require<DataError>(
            holds,
            "{} is not whole, or not a part of a stream's output: 'vaster run --resume' computes it again",
            path.string());
    };
    check(bytes.size() >= header_bytes + hash_bytes && bytes.substr(0, magic.size()) == magic);
    n_rows_ = number(magic.size());
    auto const n_text = number(magic.size() + word);
    auto const n_states = number(magic.size() + 2 * word);
    auto const body = bytes.size() - header_bytes - hash_bytes;
    check(n_rows_ <= body / (2 * word) && n_text <= body && n_states <= body &&
          n_rows_ * 2 * word + n_text + n_states == body);
    hash_ = bytes.substr(bytes.size() - hash_bytes);
    check(hash_ == hash_text(bytes.substr(0, bytes.size() - hash_bytes)));
    text_ = bytes.substr(header_bytes + n_rows_ * 2 * word, n_text);
    states_ = bytes.substr(bytes.size() - hash_bytes - n_states, n_states);
}

void PartFile::open() {
    std::error_code ignored;
    // A process has room for some 30,000 mapped files, and a stream may have twice as many partitions.
    constexpr std::uintmax_t small = std::uintmax_t{64} << 10U;
    if (fs::file_size(path_, ignored) <= small) {
        auto const text = std::make_shared<std::string const>(read_file(path_));
        bytes_ = *text;
        keeper_ = text;
    } else {
        auto const text = std::make_shared<MappedText const>(path_, line_padding);
        bytes_ = text->text();
        keeper_ = text;
    }
}

std::uint64_t PartFile::number(std::uint64_t position) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + position, word);
    return value;
}

std::uint64_t PartFile::record(std::uint64_t row) const {
    return number(header_bytes + row * word);
}

std::string_view PartFile::row(std::uint64_t row) const {
    auto const start = [&](std::uint64_t one) {
        return one < n_rows_ ? number(header_bytes + (n_rows_ + one) * word) : text_.size();
    };
    return text_.substr(start(row), start(row + 1) - start(row));
}

std::vector<KeptState> PartFile::states() const {
    std::vector<KeptState> states;
    StateReader reader(states_);
    while (reader.left() > 0) {
        std::string sensor(reader.get_text());
        states.push_back({std::move(sensor), std::string(reader.get_text())});
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

Merged merge_parts(std::span<PartFile const> parts, std::string_view header, fs::path const& path) {
    using Place = std::pair<std::uint64_t, std::size_t>;  // record, part
    std::priority_queue<Place, std::vector<Place>, std::greater<>> next;
    std::vector<std::uint64_t> rows(parts.size(), 0);
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (parts[i].n_rows() > 0) next.emplace(parts[i].record(0), i);
    remove_left_overs(path);  // of a process that was killed in the middle
    HashedFile file(path);
    file.write(header);
    Merged merged;
    while (!next.empty()) {
        auto const i = next.top().second;
        next.pop();
        auto const& part = parts[i];
        // The part's rows that come before those of all other parts.
        auto& row = rows[i];
        do {
            file.write(part.row(row++));
            ++merged.rows;
        } while (row < part.n_rows() && (next.empty() || part.record(row) < next.top().first));
        if (row < part.n_rows()) next.emplace(part.record(row), i);
    }
    merged.bytes = file.n_bytes();
    merged.hash = file.hash();
    file.keep();
    return merged;
}

}  // namespace vaster::stream
