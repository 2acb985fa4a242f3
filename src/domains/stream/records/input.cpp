#include "domains/stream/records/input.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/support/gzip.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/records/copies.hpp"
#include "domains/stream/records/plain_file.hpp"
#include "domains/stream/records/scaled_times.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

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

/// Where the columns of a CSV file are told.
struct Header {
    CsvSchema schema;
    std::size_t end = 0;  ///< in the text: where its records begin
};

Header header_in(std::string_view text, std::size_t begin, std::filesystem::path const& path) {
    std::vector<std::string_view> header;
    for (auto line = line_at(text, begin); !line.empty() && header.size() < CsvSchema::n_lines;
         line = line_at(text, begin)) {
        begin += line.size();
        if (!is_blank(line)) header.push_back(without_end(line));
    }
    return {read_schema(header, path.string()), begin};
}

/// The first bytes of a file on the disk, with its header in it.
std::string head_of(PlainFile const& plain, std::filesystem::path const& path) {
    constexpr std::uint64_t enough = std::uint64_t{4} << 20U;
    std::string head(std::min(plain.size, enough), '\0');
    head.resize(read_at(plain, 0, head, path));
    return head;
}

/// A made-up stream has a name in the place of a file.
InputOptions with_name(InputOptions options) {
    if (options.made_up) options.files = {std::string(options.made_up->settings.set->name)};
    return options;
}

bool is_packed(PlainFile const& plain, std::filesystem::path const& path) {
    std::array<char, 2> first{};
    return is_gzip({first.data(), read_at(plain, 0, first, path)});
}

}  // namespace

Input::Input(InputOptions options) : options_(with_name(std::move(options))) {
    if (options_.made_up)
        make_up();
    else
        open_files();
    hashes_.reserve(files_.size());
    bool const hashes_mapped = options_.hashed_by == HashedBy::input || options_.copies > 1;
    for (auto const& text : texts_)
        hashes_.push_back(text && (hashes_mapped || text->was_packed()) ? hash_text(text->text()) : "");
    take_files();
    if (options_.copies > 1) make_copies();
}

/// In memory: from then on they are records as any others.
void Input::make_copies() {
    require<DataError>(!is_large_,
                       "the files have {} bytes, more than input.memory = {} allows where records are copied "
                       "in memory (scale.space = {}): raise input.memory",
                       bytes_, options_.memory, options_.copies);
    auto texts = texts_with_copies(*this, options_.sensor, options_.copies, options_.memory);
    for (std::size_t i = 0; i < files_.size(); ++i) {
        auto const text = std::make_shared<std::string>(std::move(texts[i]));
        auto const size = text->size();
        text->append(line_padding, '\0');
        texts_[i].emplace(MappedText({text->data(), size}, text, files_[i].modified));
        files_[i].size = size;
    }
    bytes_ = 0;
    schema_.reset();
    take_files();
}

/// All records at once: who takes one of them need not wait for those before it.
void Input::make_up() {
    auto const& made_up = *options_.made_up;
    Generator const generator(made_up.settings);
    auto const text = std::make_shared<std::string>();
    for (std::uint64_t record = 0; record < made_up.n_records; ++record) {
        generator.append_senml(record, *text);
        require<DataError>(
            text->size() <= options_.memory,
            "the first {} of {} made-up records have {} bytes, more than input.memory = {} allows; "
            "write them to a file ('vaster stream simulate') and name it, or raise input.memory",
            record + 1, made_up.n_records, text->size(), options_.memory);
    }
    auto const size = text->size();
    text->append(line_padding, '\0');
    texts_.emplace_back(MappedText({text->data(), size}, text, 0));
    auto& file = files_.emplace_back();
    file.path = options_.files.front();
    file.size = size;
}

/// Files that are packed lie in memory in any case; whether the others do, too, all together decide.
void Input::open_files() {
    auto const n = options_.files.size();
    texts_.resize(n);
    files_.resize(n);
    std::uint64_t plain_bytes = 0;
    std::uint64_t packed_bytes = 0;
    for (std::size_t i = 0; i < n; ++i) {
        auto& file = files_[i];
        file.path = options_.files[i];
        auto const plain = open_plain(file.path);
        file.modified = plain.modified;
        file.size = plain.size;
        if (is_packed(plain, file.path)) {
            file.size =
                texts_[i].emplace(file.path, line_padding, options_.memory - packed_bytes).text().size();
            packed_bytes += file.size;
        } else {
            plain_bytes += file.size;
        }
    }
    is_large_ = plain_bytes + packed_bytes > options_.memory;
    for (std::size_t i = 0; i < n; ++i)
        if (!is_large_ && !texts_[i]) texts_[i].emplace(files_[i].path, line_padding);
}

Input::Input(InputOptions options, BlockReader& block)
    : options_(with_name(std::move(options))), hashes_(block.texts()) {
    auto const sizes = block.array<std::uint64_t>();
    auto const modified = block.array<std::int64_t>();
    auto const places = block.array<TextPlace>();
    auto const n = options_.files.size();
    require<DataError>(hashes_.size() == n && sizes.size() == n && modified.size() == n && places.size() == n,
                       "a block of memory holds another input");
    texts_.resize(n);
    files_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        auto& file = files_[i];
        file.path = options_.files[i];
        file.size = sizes[i];
        file.modified = modified[i];
        is_large_ = is_large_ || places[i] == TextPlace::disk;
        if (places[i] == TextPlace::mapped) texts_[i].emplace(file.path, line_padding);
        if (places[i] == TextPlace::memory) {
            auto const text = std::make_shared<SharedArray<char>>(block.array<char>());
            require<DataError>(text->size() == sizes[i] + line_padding,
                               "a block of memory holds another text");
            texts_[i].emplace(std::string_view(text->data(), sizes[i]), text, modified[i]);
        } else {
            check_unchanged(i, sizes[i], modified[i]);
        }
    }
    take_files();
}

void Input::put(BlockWriter& block) const {
    std::vector<std::uint64_t> sizes;
    std::vector<std::int64_t> modified;
    std::vector<TextPlace> places;
    sizes.reserve(files_.size());
    modified.reserve(files_.size());
    places.reserve(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
        sizes.push_back(files_[i].size);
        modified.push_back(files_[i].modified);
        places.push_back(!texts_[i]                ? TextPlace::disk
                         : texts_[i]->was_packed() ? TextPlace::memory
                                                   : TextPlace::mapped);
    }
    block.put(hashes_);
    block.put(SharedArray(std::move(sizes)));
    block.put(SharedArray(std::move(modified)));
    block.put(SharedArray(std::move(places)));
    for (auto const& text : texts_) {
        if (!text || !text->was_packed()) continue;
        // The padding, too.
        std::span<char const> const bytes(text->text().data(), text->text().size() + line_padding);
        block.put(SharedArray<char>(bytes, std::shared_ptr<void const>(&text, [](void const*) {})));
    }
}

void Input::note_hashes(std::vector<std::string> const& hashes) {
    for (std::size_t i = 0; i < files_.size(); ++i)
        if (!hashes.at(i).empty()) hashes_[i] = hashes[i];
}

/// A file that was only touched has the same bytes.
void Input::check_unchanged(std::size_t i, std::uint64_t size, std::int64_t modified) {
    auto& file = files_[i];
    if (texts_[i]) {
        file.size = texts_[i]->text().size();
        file.modified = texts_[i]->modified();
    } else {
        auto const plain = open_plain(file.path);
        file.size = plain.size;
        file.modified = plain.modified;
    }
    auto const hash_now = [&] {
        return texts_[i] ? hash_text(texts_[i]->text()) : content_hash(open_plain(file.path), file.path);
    };
    bool const same = file.size == size && (file.modified == modified || hash_now() == hashes_[i]);
    require<DataError>(same,
                       "{} has changed while the study was at work: it had {} bytes at its start, and has "
                       "{} now{}; bring the old contents back and use --resume, or start a new study",
                       file.path.string(), size, file.size,
                       file.size == size ? ", of which some are others" : "");
}

void Input::take_files() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
        auto& file = files_[i];
        file.offset = bytes_;
        file.begin = 0;
        file.is_on_disk = !texts_[i];
        file.is_mapped = texts_[i] && !texts_[i]->was_packed();
        std::string head;
        if (texts_[i]) file.text = texts_[i]->text();
        if (file.is_on_disk) head = head_of(open_plain(file.path), file.path);
        std::string_view const text = file.is_on_disk ? std::string_view(head) : file.text;
        if (text.starts_with(byte_order_mark)) file.begin = byte_order_mark.size();
        bytes_ += file.size;
        if (options_.format != InputFormat::csv || is_blank(text.substr(file.begin))) continue;
        auto header = header_in(text, file.begin, file.path);
        file.begin = header.end;
        require<DataError>(
            !schema_ || *schema_ == header.schema,
            "{} has another header than the files before it: files of one stream have the same "
            "columns, units and types in the same order",
            file.path.string());
        schema_ = std::move(header.schema);
    }
}

std::size_t Input::file_at(std::uint64_t offset) const {
    auto const after =
        std::upper_bound(files_.begin(), files_.end(), offset,
                         [](std::uint64_t at, InputFile const& file) { return at < file.offset; });
    return static_cast<std::size_t>(after - files_.begin()) - 1;
}

std::string_view Input::text(std::uint64_t offset, std::size_t length) const {
    InputFile const& file = files_[file_at(offset)];
    return file.text.substr(offset - file.offset, length);
}

void Input::map_pages() const {
    if (std::exchange(pages_are_mapped_, true)) return;
    for (auto const& text : texts_)
        if (text) text->map_pages();
}

std::string Input::place_of(std::uint64_t offset) const {
    InputFile const& file = files_[file_at(offset)];
    return fmt::format("{}, byte {}{}", file.path.string(), offset - file.offset,
                       options_.copies > 1 ? " of its text with copies (scale.space)" : "");
}

std::unique_ptr<RecordParser> Input::parser(Layout const& layout) const {
    auto parser = make_parser(options_.format, layout, schema());
    if (options_.time_scale == 1) return parser;
    return with_scaled_times(std::move(parser), options_.time_scale);
}

}  // namespace vaster::stream
