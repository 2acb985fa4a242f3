#include "core/archive/index.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/support/byte_text.hpp"
#include "base/support/sha256.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::archive {
namespace {

constexpr std::string_view end_word = "end ";
constexpr std::string_view no_dimensions = "-";
constexpr std::size_t digits_of_hash = 64;
constexpr std::size_t most_dimensions = 32;  // of HDF5

bool is_hash(std::string_view text) {
    return text.size() == digits_of_hash &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What a message shows of a text that may be anything.
std::string shown(std::string_view text) {
    constexpr std::size_t enough = 60;
    return legible(text.size() <= enough ? text : text.substr(0, enough));
}

/// A number as to_text() writes it: digits only, none of them a leading zero.
std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool const is_whole = error == std::errc() && end == text.data() + text.size();
    if (!is_whole || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    return number;
}

std::optional<PartType> type_in(std::string_view text) {
    for (auto const type : {PartType::u8, PartType::u16, PartType::u32, PartType::u64, PartType::i32,
                            PartType::f32, PartType::f64, PartType::text})
        if (text == vaster::to_text(type)) return type;
    return std::nullopt;
}

std::string shape_text(std::vector<std::uint64_t> const& shape) {
    return shape.empty() ? std::string(no_dimensions) : fmt::format("{}", fmt::join(shape, "x"));
}

std::optional<std::vector<std::uint64_t>> shape_in(std::string_view text) {
    std::vector<std::uint64_t> shape;
    if (text == no_dimensions) return shape;
    for (;;) {
        auto const end = std::min(text.find('x'), text.size());
        auto const length = number_in(text.substr(0, end));
        if (!length || shape.size() == most_dimensions) return std::nullopt;
        shape.push_back(*length);
        if (end == text.size()) return shape;
        text.remove_prefix(end + 1);
    }
}

std::string lines_of(Index const& index) {
    auto text = fmt::format("{} {}\nprogram {}\ncontent {}\nlength {}\nhdf5 {}\n", file_type, format_version,
                            index.program, index.content, index.length, index.hdf5);
    for (auto const& part : index.entries)
        text += fmt::format("part {} {} {} {} {} {}\n", part.name, vaster::to_text(part.type),
                            shape_text(part.shape), part.offset, part.n_bytes, part.sha256);
    return text;
}

/// Goes through the lines of an index.
class Lines {
  public:
    explicit Lines(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    /// The next line without its word. @throws DataError when it does not begin with that
    std::string_view after(std::string_view word) {
        auto const end = rest_.find('\n');
        line_ = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++number_;
        bool const begins =
            line_.size() > word.size() && line_.starts_with(word) && line_[word.size()] == ' ';
        require(begins, fmt::format("must begin with '{} '", word));
        return line_.substr(word.size() + 1);
    }

    std::uint64_t number_after(std::string_view word) {
        auto const number = number_in(after(word));
        require(number.has_value(), "must have a number");
        return *number;
    }

    /// @throws DataError that names the line
    void require(bool holds, std::string_view problem) const {
        if (!holds)
            throw DataError(fmt::format("line {} of its index, '{}', {}", number_, shown(line_), problem));
    }

  private:
    std::string_view rest_;
    std::string_view line_;
    std::size_t number_ = 0;
};

/// The next of the words that are divided by single spaces.
std::string_view next_word(std::string_view& text) {
    auto const word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
}

/// Product of the lengths times the bytes of a value; nothing when it has more than 64 bits.
std::optional<std::uint64_t> bytes_of(Entry const& entry) {
    std::uint64_t n_bytes = size_of(entry.type);
    for (auto const length : entry.shape)
        if (__builtin_mul_overflow(n_bytes, length, &n_bytes)) return std::nullopt;
    return n_bytes;
}

void check_place(Lines const& lines, Index const& index, Entry const& entry) {
    if (entry.n_bytes == 0) return lines.require(entry.offset == 0, "has no bytes and must be at 0");
    bool const inside = entry.offset >= index.hdf5 && entry.offset <= index.length &&
                        entry.n_bytes <= index.length - entry.offset;
    lines.require(inside, "lies outside of the file");
    lines.require(entry.offset % alignment == 0, "does not begin at a multiple of 8");
}

Entry read_entry(Lines& lines, Index const& index) {
    auto rest = lines.after("part");
    Entry entry;
    entry.name = std::string(next_word(rest));
    lines.require(Parts::may_be_called(entry.name), "has a name that parts cannot have");
    auto const type = type_in(next_word(rest));
    lines.require(type.has_value(), "has a type that this program does not know");
    entry.type = *type;
    auto shape = shape_in(next_word(rest));
    lines.require(shape.has_value(), "must have lengths of dimensions such as 3x4");
    entry.shape = std::move(*shape);
    lines.require(entry.type != PartType::text || entry.shape.size() == 1, "is a text of several dimensions");
    auto const offset = number_in(next_word(rest));
    auto const n_bytes = number_in(next_word(rest));
    lines.require(offset && n_bytes, "must have an offset and a number of bytes");
    entry.offset = *offset;
    entry.n_bytes = *n_bytes;
    lines.require(is_hash(rest), "must end with a SHA-256");
    entry.sha256 = std::string(rest);
    lines.require(bytes_of(entry) == entry.n_bytes,
                  "has another number of bytes than its type and shape say");
    check_place(lines, index, entry);
    return entry;
}

void check_overlaps(std::vector<Entry> const& entries) {
    std::vector<Entry const*> placed;
    placed.reserve(entries.size());
    for (auto const& entry : entries)
        if (entry.n_bytes > 0) placed.push_back(&entry);
    std::sort(placed.begin(), placed.end(),
              [](auto const* a, auto const* b) { return a->offset < b->offset; });
    for (std::size_t i = 1; i < placed.size(); ++i) {
        auto const& before = *placed[i - 1];
        require<DataError>(before.offset + before.n_bytes <= placed[i]->offset,
                           "its parts '{}' and '{}' overlap", before.name, placed[i]->name);
    }
}

/// The rest of the line that begins with the word, among the first lines of a file of any version.
std::string_view early_line(std::string_view beginning, std::string_view word) {
    constexpr std::size_t n_early = 8;
    for (std::size_t i = 0; i < n_early && !beginning.empty(); ++i) {
        auto const line = beginning.substr(0, std::min(beginning.find('\n'), std::size_t{200}));
        if (line.starts_with(word)) return line.substr(word.size());
        beginning.remove_prefix(std::min(line.size() + 1, beginning.size()));
    }
    return {};
}

void check_beginning(std::string_view beginning) {
    require<DataError>(!beginning.empty(), "is empty, not a model file");
    require<DataError>(!beginning.starts_with("vaster-study "), "is a study file, not a model file");
    require<DataError>(!beginning.starts_with("\x89HDF"),
                       "is an HDF5 file that is not a model file: a model file begins with the line '{} {}'",
                       file_type, format_version);
    require<DataError>(begins_like_a_model(beginning),
                       "is not a model file: a model file begins with the line '{} {}'", file_type,
                       format_version);
}

void check_version(std::string_view beginning) {
    auto const text = beginning.substr(file_type.size() + 1, beginning.find('\n') - file_type.size() - 1);
    auto const version = number_in(text);
    require<DataError>(version && *version > 0, "has a first line that is not '{} {}': '{}'", file_type,
                       format_version, shown(text));
    auto const program = early_line(beginning, "program ");
    require<DataError>(
        *version <= format_version,
        "has format {} of model files, written by vaster {}; this program reads formats up to {}: "
        "use a newer one",
        *version, program.empty() ? "of an unknown version" : shown(program), format_version);
}

/// Where the last line of the index begins. @throws DataError when there is none, or its hash is another
std::size_t find_end(std::string_view beginning, std::uint64_t file_size) {
    auto const newline = beginning.substr(0, longest_index).find(fmt::format("\n{}", end_word));
    auto const end = newline + 1;
    bool const is_whole =
        newline != std::string_view::npos && end + end_word.size() + digits_of_hash < beginning.size();
    require<DataError>(
        is_whole, "ends within its index, or its index is damaged: the file has {} bytes{}", file_size,
        early_line(beginning, "length ").empty()
            ? std::string()
            : fmt::format(", and was written with {}", shown(early_line(beginning, "length "))));
    auto const hash = beginning.substr(end + end_word.size(), digits_of_hash);
    require<DataError>(hash == sha256_text(beginning.substr(0, end)) &&
                           beginning[end + end_word.size() + digits_of_hash] == '\n',
                       "has an index that was changed after it was written: its hash is another");
    return end;
}

void check_sizes(Index const& index, std::size_t text_size, std::uint64_t file_size) {
    require<DataError>(index.length == file_size, "has {} bytes, and was written with {}: {}", file_size,
                       index.length, file_size < index.length ? "it is truncated" : "something was added");
    require<DataError>(index.length <= longest_file, "is longer than the {} bytes that a model file may have",
                       longest_file);
    require<DataError>(std::has_single_bit(index.hdf5) && index.hdf5 >= smallest_user_block &&
                           index.hdf5 >= text_size && index.hdf5 < file_size,
                       "says that HDF5's part begins at {}, which cannot be", index.hdf5);
}

void read_entries(Lines& lines, Index& index) {
    while (!lines.at_end()) {
        auto entry = read_entry(lines, index);
        lines.require(index.entries.empty() || index.entries.back().name < entry.name,
                      "is not behind the one before in the order of names");
        lines.require(index.entries.size() < most_parts, "is one part more than a file may have");
        index.entries.push_back(std::move(entry));
    }
}

}  // namespace

std::string to_text(Index const& index) {
    auto const lines = lines_of(index);
    return fmt::format("{}{}{}\n", lines, end_word, sha256_text(lines));
}

std::string content_hash(std::vector<Entry> const& entries) {
    Sha256 hash;
    for (auto const& part : entries)
        if (part.name.starts_with("model/") || part.name.starts_with("data/"))
            hash.add(fmt::format("{} {} {} {}\n", part.name, vaster::to_text(part.type),
                                 shape_text(part.shape), part.sha256));
    return hash.text();
}

bool begins_like_a_model(std::string_view beginning) {
    return beginning.starts_with(file_type) && beginning.substr(file_type.size()).starts_with(' ');
}

Index parse_index(std::string_view beginning, std::uint64_t file_size) {
    check_beginning(beginning);
    check_version(beginning);
    auto const end = find_end(beginning, file_size);
    Lines lines(beginning.substr(0, end));
    Index index;
    (void)lines.number_after(file_type);
    index.program = std::string(lines.after("program"));
    index.content = std::string(lines.after("content"));
    lines.require(is_hash(index.content), "must have a SHA-256");
    index.length = lines.number_after("length");
    index.hdf5 = lines.number_after("hdf5");
    check_sizes(index, end + end_word.size() + digits_of_hash + 1, file_size);
    read_entries(lines, index);
    check_overlaps(index.entries);
    require<DataError>(index.content == content_hash(index.entries),
                       "says another content than its parts have: {} (they have {})", index.content,
                       content_hash(index.entries));
    return index;
}

}  // namespace vaster::archive
