#include "domains/stream/records/input.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr std::uint64_t longest_of_all = 0xFFFFFFFF;  // lengths are kept in 32 bits
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

/// The line that begins there, with its end. Empty: there is none.
std::string_view line_at(std::string_view text, std::size_t begin) {
    std::string_view const rest = text.substr(begin);
    if (rest.empty()) return {};
    void const* const end = std::memchr(rest.data(), '\n', rest.size());
    if (end == nullptr) return rest;
    return rest.substr(0, static_cast<std::size_t>(static_cast<char const*>(end) - rest.data()) + 1);
}

std::string_view without_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// Reads the header of a CSV file and goes past it.
CsvSchema take_schema(InputFile& file) {
    std::vector<std::string_view> header;
    for (auto line = line_at(file.text, file.begin); !line.empty() && header.size() < CsvSchema::n_lines;
         line = line_at(file.text, file.begin)) {
        file.begin += line.size();
        if (!is_blank(line)) header.push_back(without_end(line));
    }
    return read_schema(header, file.path.string());
}

}  // namespace

Input::Input(InputOptions options) : options_(std::move(options)) {
    texts_.reserve(options_.files.size());
    hashes_.reserve(options_.files.size());
    for (auto const& path : options_.files) texts_.emplace_back(path, line_padding);
    for (auto const& text : texts_) hashes_.push_back(hash_text(text.text()));
    take_files();
}

Input::Input(InputOptions options, BlockReader& block)
    : options_(std::move(options)), hashes_(block.texts()) {
    auto const sizes = block.array<std::uint64_t>();
    auto const modified = block.array<std::int64_t>();
    auto const was_packed = block.array<std::uint8_t>();
    auto const n = options_.files.size();
    require<DataError>(
        hashes_.size() == n && sizes.size() == n && modified.size() == n && was_packed.size() == n,
        "a block of memory holds another input");
    texts_.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
        if (was_packed[i] == 0) {
            texts_.emplace_back(options_.files[i], line_padding);
            check_unchanged(i, sizes[i], modified[i]);
            continue;
        }
        auto const text = std::make_shared<SharedArray<char>>(block.array<char>());
        require<DataError>(text->size() == sizes[i] + line_padding, "a block of memory holds another text");
        texts_.emplace_back(std::string_view(text->data(), sizes[i]), text, modified[i]);
    }
    take_files();
}

void Input::put(BlockWriter& block) const {
    std::vector<std::uint64_t> sizes;
    std::vector<std::int64_t> modified;
    std::vector<std::uint8_t> was_packed;
    sizes.reserve(texts_.size());
    modified.reserve(texts_.size());
    was_packed.reserve(texts_.size());
    for (auto const& text : texts_) {
        sizes.push_back(text.text().size());
        modified.push_back(text.modified());
        was_packed.push_back(text.was_packed() ? 1 : 0);
    }
    block.put(hashes_);
    block.put(SharedArray(std::move(sizes)));
    block.put(SharedArray(std::move(modified)));
    block.put(SharedArray(std::move(was_packed)));
    for (auto const& text : texts_) {
        if (!text.was_packed()) continue;
        // The padding, too.
        std::span<char const> const bytes(text.text().data(), text.text().size() + line_padding);
        block.put(SharedArray<char>(bytes, std::shared_ptr<void const>(&text, [](void const*) {})));
    }
}

/// A file that was only touched has the same bytes.
void Input::check_unchanged(std::size_t file, std::uint64_t size, std::int64_t modified) const {
    auto const& text = texts_[file];
    bool const same = text.text().size() == size &&
                      (text.modified() == modified || hash_text(text.text()) == hashes_[file]);
    require<DataError>(same,
                       "{} has changed while the study was at work: it had {} bytes at its start, and has "
                       "{} now{}; bring the old contents back and use --resume, or start a new study",
                       options_.files[file].string(), size, text.text().size(),
                       text.text().size() == size ? ", of which some are others" : "");
}

void Input::take_files() {
    files_.reserve(options_.files.size());
    for (std::size_t i = 0; i < options_.files.size(); ++i) {
        auto const& path = options_.files[i];
        auto const text = texts_[i].text();
        InputFile& file = files_.emplace_back(InputFile{path, bytes_, text, 0});
        if (text.starts_with(byte_order_mark)) file.begin = byte_order_mark.size();
        bytes_ += text.size();
        if (options_.format != InputFormat::csv || is_blank(text.substr(file.begin))) continue;
        auto schema = take_schema(file);
        require<DataError>(
            !schema_ || *schema_ == schema,
            "{} has another header than the files before it: files of one stream have the same "
            "columns, units and types in the same order",
            path.string());
        schema_ = std::move(schema);
    }
}

InputFile const& Input::file_at(std::uint64_t offset) const {
    auto const after =
        std::upper_bound(files_.begin(), files_.end(), offset,
                         [](std::uint64_t at, InputFile const& file) { return at < file.offset; });
    return *std::prev(after);
}

std::string_view Input::text(std::uint64_t offset, std::size_t length) const {
    InputFile const& file = file_at(offset);
    return file.text.substr(offset - file.offset, length);
}

std::string Input::place_of(std::uint64_t offset) const {
    InputFile const& file = file_at(offset);
    return fmt::format("{}, byte {}", file.path.string(), offset - file.offset);
}

std::unique_ptr<RecordParser> Input::parser(Layout const& layout) const {
    return make_parser(options_.format, layout, schema());
}

void LineReader::open(std::size_t file) {
    file_ = file;
    if (file_ < input_.files().size()) place_ = input_.files()[file_].begin;
}

std::string_view LineReader::take_line() {
    std::string_view const text = input_.files()[file_].text;
    auto const line = input_.format() == InputFormat::xml ? text.substr(place_) : line_at(text, place_);
    place_ += line.size();
    return line;
}

bool LineReader::next(Line& line) {
    for (; file_ < input_.files().size(); open(file_ + 1)) {
        for (;;) {
            auto const begin = place_;
            auto const taken = take_line();
            if (taken.empty()) break;
            if (is_blank(taken)) continue;
            line.number = number_++;
            line.offset = input_.files()[file_].offset + begin;
            line.text = without_end(taken);
            line.too_long = line.text.size() > std::min(input_.longest(), longest_of_all);
            return true;
        }
    }
    return false;
}

}  // namespace vaster::stream
