#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/support/block_parts.hpp"
#include "domains/stream/records/generator.hpp"
#include "domains/stream/records/mapped_text.hpp"
#include "domains/stream/records/parser.hpp"
#include "domains/stream/records/record.hpp"

namespace vaster::stream {

/// A stream that lies in no file.
struct MadeUpStream {
    GeneratorSettings settings;  ///< without problems()
    std::uint64_t n_records = 0;
};

/// Who hashes the files that are mapped.
enum class HashedBy : std::uint8_t {
    input,   ///< Input itself, in a look of its own
    reader,  ///< whoever looks at all lines anyway, and says so by Input::note_hashes()
};

/// Where a stream comes from.
struct InputOptions {
    std::vector<std::filesystem::path> files;  ///< in the order of the stream
    InputFormat format = InputFormat::senml;
    HashedBy hashed_by = HashedBy::input;
    std::uint64_t longest = std::uint64_t{1} << 20;  ///< record [bytes]; a longer one is too_long
    /// Larger streams stay on the disk [bytes].
    std::uint64_t memory = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t block = std::uint64_t{8} << 20;  ///< of a stream on the disk that is read at once [bytes]
    /// Made in memory instead of being read; as InputFormat::senml.
    std::optional<MadeUpStream> made_up = {};
    /// Each record is there so often: as it stands, and for the copies of its sensor (copies.hpp).
    std::uint64_t copies = 1;
    std::string sensor = {};  ///< Layout::sensor, where there are copies
    double time_scale = 1;    ///< times of records are divided by it, and rounded down to whole milliseconds
};

/// One file of a stream.
struct InputFile {
    std::filesystem::path path;
    std::uint64_t offset = 0;  ///< of its first byte over the whole stream
    std::uint64_t size = 0;    ///< [bytes]; of a packed file: of what is in it
    std::string_view text;     ///< all of it, if it is in memory; line_padding bytes after it can be read
    std::size_t begin = 0;     ///< of its first record: after a byte order mark and the lines of a CSV header
    bool is_on_disk = false;   ///< is it not mapped, but read in pieces?
    bool is_mapped = false;    ///< is the text the file as it stands there, not unpacked or made up?
    std::int64_t modified = 0;  ///< as PlainFile::modified
};

/// A record as it stands in the input, good or not.
struct Line {
    std::uint64_t number = 0;  ///< from 0 over the whole stream
    std::uint64_t offset = 0;  ///< of its first byte over the whole stream
    /// Without its end; line_padding bytes after it can be read. Nothing, where it is too long and on the
    /// disk.
    std::string_view text;
    bool too_long = false;
};

/// The files of a stream, and the lines in them. They are mapped, unless they have more bytes than
/// InputOptions::memory: then they stay on the disk and are read in pieces (is_large()). A record is a line
/// that is not blank (in XML: a file that is not). Lines end with LF or CRLF, the last one of a file also
/// without; a UTF-8 byte order mark is skipped. Offsets are those of the files' bytes one after the other (of
/// a packed file: of what is in it).
class Input {
  public:
    /// @throws IoError for a file that cannot be read, by its name; DataError for one that cannot be
    /// unpacked, for one or a made-up stream with more in it than fits in InputOptions::memory, or for CSV
    /// whose header is none, or not that of the file before; where there are copies, also as
    /// texts_with_copies()
    explicit Input(InputOptions options);

    /// The same for another process of the host: what put() has put there. Plain files are mapped again, and
    /// must be those that they were; what was packed lies in the block, so that it is unpacked once a host.
    /// @throws DataError for a file that has changed since; else as above
    Input(InputOptions options, BlockReader& block);

    /// @throws IoError when there is no memory left
    void put(BlockWriter& block) const;

    /// hash_text() of each file's content, in the order of the stream: to see whether it is still the same.
    /// Of files on the disk, and of mapped ones where HashedBy::reader: empty until note_hashes().
    [[nodiscard]] std::vector<std::string> const& hashes() const noexcept { return hashes_; }

    /// What a LineReader has found that has read it all.
    /// @param hashes  by file; empty ones are passed over
    void note_hashes(std::vector<std::string> const& hashes);

    /// Does the stream stay on the disk?
    [[nodiscard]] bool is_large() const noexcept { return is_large_; }

    [[nodiscard]] std::uint64_t block() const noexcept { return options_.block; }

    [[nodiscard]] std::vector<InputFile> const& files() const noexcept { return files_; }

    [[nodiscard]] InputFormat format() const noexcept { return options_.format; }

    [[nodiscard]] std::uint64_t longest() const noexcept { return options_.longest; }

    /// Bytes of all files.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    /// The columns of CSV files; null for other forms, and where there is no file that is not empty.
    [[nodiscard]] CsvSchema const* schema() const noexcept { return schema_ ? &*schema_ : nullptr; }

    /// A record's text, by what a Line or an index says of it; not of a large stream.
    [[nodiscard]] std::string_view text(std::uint64_t offset, std::size_t length) const;

    /// For who will look at most of the stream in any order: see MappedText::map_pages(). A process does it
    /// once, however often it is asked to.
    void map_pages() const;

    /// Place in files() of the one that has this byte.
    [[nodiscard]] std::size_t file_at(std::uint64_t offset) const;

    /// "sys.csv, byte 1234": for messages. Where there are copies, bytes are those of the text with them.
    [[nodiscard]] std::string place_of(std::uint64_t offset) const;

    /// A parser for records of this input, with their times divided by InputOptions::time_scale. @throws
    /// DataError as make_parser()
    [[nodiscard]] std::unique_ptr<RecordParser> parser(Layout const& layout) const;

  private:
    /// Where the text of a file is.
    enum class TextPlace : std::uint8_t { mapped, memory, disk };

    void make_up();
    void open_files();
    void take_files();
    void make_copies();
    void check_unchanged(std::size_t i, std::uint64_t size, std::int64_t modified);

    InputOptions options_;
    std::vector<std::optional<MappedText>> texts_;  ///< by file; nothing: it is on the disk
    std::vector<InputFile> files_;
    std::uint64_t bytes_ = 0;
    bool is_large_ = false;
    std::optional<CsvSchema> schema_;
    std::vector<std::string> hashes_;  ///< by file
    mutable bool pages_are_mapped_ = false;
};

}  // namespace vaster::stream
