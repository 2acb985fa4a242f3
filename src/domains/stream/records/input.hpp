#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/support/block_parts.hpp"
#include "domains/stream/records/mapped_text.hpp"
#include "domains/stream/records/parser.hpp"
#include "domains/stream/records/record.hpp"

namespace vaster::stream {

/// A stream on disk.
struct InputOptions {
    std::vector<std::filesystem::path> files;  ///< in the order of the stream
    InputFormat format = InputFormat::senml;
    std::uint64_t longest = std::uint64_t{1} << 20;  ///< record [bytes]; a longer one is too_long
};

/// One file of a stream.
struct InputFile {
    std::filesystem::path path;
    std::uint64_t offset = 0;  ///< of its first byte over the whole stream
    std::string_view text;     ///< all of it; line_padding bytes after it can be read
    std::size_t begin = 0;     ///< of its first record: after a byte order mark and the lines of a CSV header
};

/// A record as it stands in the input, good or not.
struct Line {
    std::uint64_t number = 0;  ///< from 0 over the whole stream
    std::uint64_t offset = 0;  ///< of its first byte over the whole stream
    std::string_view text;     ///< without its end; line_padding bytes after it can be read
    bool too_long = false;
};

/// The files of a stream, mapped, and the lines in them. A record is a line that is not blank (in XML: a file
/// that is not). Lines end with LF or CRLF, the last one of a file also without; a UTF-8 byte order mark is
/// skipped. Offsets are those of the files' bytes one after the other (of a packed file: of what is in it).
class Input {
  public:
    /// @throws IoError for a file that cannot be read, by its name; DataError for one that cannot be
    /// unpacked, or for CSV whose header is none, or not that of the file before
    explicit Input(InputOptions options);

    /// The same for another process of the host: what put() has put there. Plain files are mapped again, and
    /// must be those that they were; what was packed lies in the block, so that it is unpacked once a host.
    /// @throws DataError for a file that has changed since; else as above
    Input(InputOptions options, BlockReader& block);

    /// @throws IoError when there is no memory left
    void put(BlockWriter& block) const;

    /// hash_text() of each file's content, in the order of the stream: to see whether it is still the same.
    [[nodiscard]] std::vector<std::string> const& hashes() const noexcept { return hashes_; }

    [[nodiscard]] std::vector<InputFile> const& files() const noexcept { return files_; }

    [[nodiscard]] InputFormat format() const noexcept { return options_.format; }

    [[nodiscard]] std::uint64_t longest() const noexcept { return options_.longest; }

    /// Bytes of all files.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    /// The columns of CSV files; null for other forms, and where there is no file that is not empty.
    [[nodiscard]] CsvSchema const* schema() const noexcept { return schema_ ? &*schema_ : nullptr; }

    /// A record's text, by what a Line or an index says of it.
    [[nodiscard]] std::string_view text(std::uint64_t offset, std::size_t length) const;

    /// "sys.csv, byte 1234": for messages.
    [[nodiscard]] std::string place_of(std::uint64_t offset) const;

    /// A parser for records of this input. @throws DataError as make_parser()
    [[nodiscard]] std::unique_ptr<RecordParser> parser(Layout const& layout) const;

  private:
    void take_files();
    void check_unchanged(std::size_t file, std::uint64_t size, std::int64_t modified) const;
    [[nodiscard]] InputFile const& file_at(std::uint64_t offset) const;

    InputOptions options_;
    std::vector<MappedText> texts_;
    std::vector<InputFile> files_;
    std::uint64_t bytes_ = 0;
    std::optional<CsvSchema> schema_;
    std::vector<std::string> hashes_;  ///< by file
};

/// Takes the lines of an input one after the other.
class LineReader {
  public:
    explicit LineReader(Input const& input) : input_(input) { open(0); }

    /// The next line that is not blank. @returns whether there was one
    bool next(Line& line);

  private:
    void open(std::size_t file);
    [[nodiscard]] std::string_view take_line();

    Input const& input_;
    std::size_t file_ = 0;
    std::size_t place_ = 0;  ///< in the text of the file
    std::uint64_t number_ = 0;
};

}  // namespace vaster::stream
