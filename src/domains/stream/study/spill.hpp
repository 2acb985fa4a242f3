#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "domains/stream/records/input.hpp"
#include "domains/stream/records/plain_file.hpp"
#include "domains/stream/study/options.hpp"
#include "domains/stream/study/source.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::stream {

/// Blocks of a large stream (Input::block()) whose lines go into one spill file.
inline constexpr std::uint64_t blocks_of_spill = 64;

/// Must the stream be split, since its partitions would have to be looked for all over the disk? A large one,
/// for jobs with a state for each sensor.
[[nodiscard]] bool is_split(Options const& options, Source const& source);

/// How many spill files the stream is split into.
[[nodiscard]] std::uint64_t n_spills(Source const& source);

/// Where spill files are, beside the study file.
[[nodiscard]] std::filesystem::path spill_folder(Options const& options);

[[nodiscard]] std::filesystem::path spill_path(Options const& options, std::uint64_t spill);

/// What a spill file holds.
struct Spill {
    std::uint64_t lines = 0;   ///< good records
    std::uint64_t broken = 0;  ///< lines that were left out
    std::uint64_t bytes = 0;   ///< of the good ones' text
    std::string hash;          ///< content hash of the file
};

/// Writes the good lines of some blocks, each partition's by themselves. Under a temporary name, which is
/// renamed; the same stream and number of partitions make equal bytes.
/// @throws IoError; DataError when the stream has changed; Cancelled
Spill write_spill(Options const& options, Source const& source, std::uint64_t spill, Watcher& watcher);

/// Lines of a partition that lie together in a spill file.
struct SpillChunk {
    std::uint64_t at = 0;  ///< in the file
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;
    std::uint64_t hash = 0;  ///< hash64() of the bytes
};

/// Reads the lines of a partition from all spill files, in their order. One that is lost or damaged is
/// written again.
/// Where all were removed, the stream has been merged or is being merged: then none is left behind.
class SpillReader {
  public:
    /// All of them are kept, also by reference.
    SpillReader(Options const& options, Source const& source, std::uint64_t partition, Watcher& watcher);
    ~SpillReader();
    SpillReader(SpillReader const&) = delete;
    SpillReader& operator=(SpillReader const&) = delete;

    /// @returns whether there was one more
    /// @throws IoError for a file that is damaged again; as write_spill()
    bool next(Line& line);

  private:
    [[nodiscard]] bool open();
    [[nodiscard]] bool read(SpillChunk const& chunk);
    void open_or_write();
    void write_again();
    bool next_chunk();

    Options const& options_;
    Source const& source_;
    std::uint64_t partition_;
    Watcher& watcher_;
    bool leaves_none_ = false;
    std::uint64_t spill_ = 0;  ///< that is open, or would be the next one
    PlainFile file_;
    std::vector<SpillChunk> chunks_;  ///< of the open file
    std::size_t chunk_ = 0;           ///< that comes next
    std::vector<char> buffer_;        ///< the lines of a chunk, and padding
    std::size_t at_ = 0;
    std::size_t end_ = 0;
};

/// Removes all spill files; one that is needed yet is written again. Never throws.
void remove_spills(Options const& options) noexcept;

}  // namespace vaster::stream
