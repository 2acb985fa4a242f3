#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/support/hash.hpp"
#include "domains/stream/records/input.hpp"
#include "domains/stream/records/plain_file.hpp"

namespace vaster::stream {

/// @throws DataError that names the file when what was opened is not as it was when the input was
void require_same(PlainFile const& opened, InputFile const& file);

/// Where a line begins.
struct LineStart {
    std::uint64_t offset = 0;  ///< of its first byte over the whole stream
    std::uint64_t number = 0;  ///< as Line::number
};

/// Takes the lines of an input one after the other. Files on the disk are read in pieces of Input::block().
class LineReader {
  public:
    /// How files that are mapped are taken.
    enum class Mapped : std::uint8_t {
        in_memory,  ///< lines stay where they are as long as the input
        read,  ///< as files on the disk: who looks at each line once is done with a copy of a piece before
               ///< the pages are mapped
    };

    /// @param start  the first line
    /// @param end    no line that begins there or later is taken
    explicit LineReader(Input const& input, LineStart start = {},
                        std::uint64_t end = std::numeric_limits<std::uint64_t>::max(),
                        Mapped mapped = Mapped::in_memory);

    /// The next line that is not blank. @returns whether there was one
    /// @throws IoError; DataError for a file on the disk that has changed since the input was opened
    bool next(Line& line);

    /// Content hashes of the files that were read, in the order of the stream, when all lines of the input
    /// were taken, from the first one without an end. Of other files: "".
    [[nodiscard]] std::vector<std::string> const& hashes() const noexcept { return hashes_; }

  private:
    /// A line with its end.
    struct Taken {
        std::string_view text;
        bool is_blank = false;
        bool is_too_long = false;
        bool is_none = false;  ///< the file has no more
    };

    void open(std::size_t file, std::uint64_t place);
    void close();
    void read_more();
    [[nodiscard]] std::size_t end_of_line(std::size_t from) const;
    [[nodiscard]] Taken take_line();
    [[nodiscard]] Taken take_long_line();

    [[nodiscard]] InputFile const& file() const { return input_.files()[file_]; }

    /// Is the file read in pieces?
    [[nodiscard]] bool is_read() const {
        return file().is_on_disk || (mapped_ == Mapped::read && file().is_mapped);
    }

    Input const& input_;
    std::uint64_t end_;
    Mapped mapped_;
    bool takes_all_;
    std::size_t longest_;
    std::size_t file_ = 0;
    std::string_view window_;      ///< what is in memory of the file
    std::uint64_t window_at_ = 0;  ///< where that begins in it
    std::size_t place_ = 0;        ///< in the window
    bool has_more_ = false;        ///< has the file more after the window?
    std::uint64_t number_;
    PlainFile plain_;           ///< the file, if it is on the disk
    std::uint64_t piece_ = 0;   ///< that is read at once [bytes]
    std::vector<char> buffer_;  ///< the window, and the padding after it
    std::optional<ContentHash> hash_;
    std::vector<std::string> hashes_;
};

}  // namespace vaster::stream
