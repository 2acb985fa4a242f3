#include "domains/stream/study/merged_file.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/temporary_file.hpp"
#include "domains/stream/records/plain_file.hpp"
#include "domains/stream/study/part_rows.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

/// Written, read and hashed together: they stay in the processor's cache in between.
constexpr std::size_t buffer_bytes = std::size_t{256} << 10U;

/// Bytes of a file from a place on.
class PieceWriter {
  public:
    PieceWriter(fs::path const& path, std::uint64_t at) : path_(with_folder(path)), begin_(at), at_(at) {
        constexpr unsigned all = 0666;
        file_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, all));
        require<IoError>(bool(file_), "cannot write {}: {}", path.string(), system_reason(errno));
        buffer_.reserve(buffer_bytes);
    }

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            auto const n = std::min(bytes.size(), buffer_bytes - buffer_.size());
            buffer_.append(bytes.substr(0, n));
            bytes.remove_prefix(n);
            if (buffer_.size() == buffer_bytes) flush();
        }
    }

    /// Lets the system begin to bring them to the disk, for which somebody will have to wait. @returns hash
    std::string finish() {
        flush();
        ::sync_file_range(file_.get(), static_cast<off64_t>(begin_), static_cast<off64_t>(at_ - begin_),
                          SYNC_FILE_RANGE_WRITE);
        return hash_.text();
    }

    [[nodiscard]] std::uint64_t n_bytes() const { return at_ - begin_; }

  private:
    void flush() {
        write_at(file_.get(), at_, buffer_, path_);
        at_ += buffer_.size();
        hash_.add(buffer_);
        buffer_.clear();
    }

    fs::path const& path_;
    Descriptor file_;
    std::uint64_t begin_;
    std::uint64_t at_;
    std::string buffer_;
    ContentHash hash_;
};

/// Hashes what comes range by range.
class RangeHashes {
  public:
    explicit RangeHashes(RecordRanges const& ranges) : ranges_(ranges) {}

    void add(std::uint64_t record, std::string_view row) {
        while (hashes_.size() + 1 < ranges_.size() && record >= ranges_.begin(hashes_.size() + 1)) close();
        hash_.add(row);
    }

    void add(std::string_view header) { hash_.add(header); }

    [[nodiscard]] std::vector<std::string> take() {
        while (hashes_.size() < ranges_.size()) close();
        return std::move(hashes_);
    }

  private:
    void close() {
        hashes_.push_back(hash_.text());
        hash_ = ContentHash();
    }

    RecordRanges const& ranges_;
    ContentHash hash_;
    std::vector<std::string> hashes_;
};

/// Where a piece begins in the merged file; of a range after the last one, where the file ends.
std::uint64_t place_of(std::span<PartFile const> parts, std::string_view header, std::uint64_t range) {
    if (range == 0) return 0;
    std::uint64_t place = header.size();
    for (auto const& part : parts) place += part.ranges()[range].text;
    return place;
}

std::vector<PartRows> rows_of(std::span<PartFile const> parts, std::uint64_t range) {
    std::vector<PartRows> rows;
    rows.reserve(parts.size());
    for (auto const& part : parts) rows.emplace_back(part, range, memory_of_part(parts.size()));
    return rows;
}

/// The pieces as they stand in the file. Empty: it is shorter.
MergedInRanges look_at(PlainFile const& file, std::vector<std::uint64_t> const& places,
                       fs::path const& path) {
    MergedInRanges found;
    ContentHash all;
    std::string buffer;
    for (std::size_t range = 0; range + 1 < places.size(); ++range) {
        ContentHash own;
        for (auto at = places[range]; at < places[range + 1]; at += buffer.size()) {
            buffer.resize(std::min<std::uint64_t>(buffer_bytes, places[range + 1] - at));
            if (read_at(file, at, buffer, path) < buffer.size()) return {};
            own.add(buffer);
            all.add(buffer);
        }
        found.ranges.push_back(own.text());
    }
    found.file.bytes = places.back();
    found.file.hash = all.text();
    return found;
}

/// Cuts it where it is to end, syncs it and gives it its name.
void finish(fs::path const& pieces, std::uint64_t n_bytes, fs::path const& path) {
    Descriptor const file(::open(pieces.c_str(), O_RDWR | O_CLOEXEC));
    bool const done = bool(file) && ::ftruncate(file.get(), static_cast<off_t>(n_bytes)) == 0 &&
                      ::fchmod(file.get(), mode_of_successor(path)) == 0 && ::fsync(file.get()) == 0;
    require<IoError>(done, "cannot sync {}: {}", pieces.string(), system_reason(errno));
    rename_durably(pieces, path);
}

void remove_pieces(fs::path const& path) {
    std::error_code ignored;
    fs::remove(pieces_path(path), ignored);
}

}  // namespace

std::optional<Merged> merge_parts(std::span<PartFile const> parts, std::string_view header,
                                  fs::path const& path, RecordRanges const& ranges, IsRight const& is_right) {
    std::vector<PartRows> rows;
    rows.reserve(parts.size());
    for (auto const& part : parts) rows.emplace_back(part, memory_of_part(parts.size()));
    remove_left_overs(path);  // of a process that was killed in the middle
    remove_pieces(path);
    HashedFile file(path);
    file.write(header);
    MergedInRanges merged;
    if (is_right) {
        RangeHashes hashes(ranges);
        hashes.add(header);
        take_in_order(std::span(rows), [&](std::uint64_t record, std::string_view row) {
            file.write(row);
            hashes.add(record, row);
            ++merged.file.rows;
        });
        merged.ranges = hashes.take();
    } else {
        take_in_order(std::span(rows), [&](std::uint64_t, std::string_view row) {
            file.write(row);
            ++merged.file.rows;
        });
    }
    merged.file.bytes = file.n_bytes();
    merged.file.hash = file.hash();
    if (is_right && !is_right(merged)) return std::nullopt;
    file.keep();
    return merged.file;
}

fs::path pieces_path(fs::path const& path) {
    return path.parent_path() / fmt::format(".{}.merging", path.filename().string());
}

std::optional<Piece> write_piece(std::span<PartFile const> parts, std::string_view header,
                                 fs::path const& path, std::uint64_t range) {
    auto const pieces = pieces_path(path);
    try {
        auto rows = rows_of(parts, range);
        PieceWriter file(pieces, place_of(parts, header, range));
        Piece piece;
        if (range == 0) file.write(header);
        take_in_order(std::span(rows), [&](std::uint64_t, std::string_view row) {
            file.write(row);
            ++piece.rows;
        });
        for (auto const& part : rows)
            if (!part.were_whole()) return std::nullopt;
        piece.hash = file.finish();
        piece.bytes = file.n_bytes();
        return piece;
    } catch (DataError const&) {
        return std::nullopt;
    }
}

std::optional<Merged> join_pieces(std::span<PartFile const> parts, std::string_view header,
                                  fs::path const& path, IsRight const& is_right) {
    auto const pieces = pieces_path(path);
    if (!fs::exists(pieces) || parts.empty()) return std::nullopt;
    std::vector<std::uint64_t> places;
    for (std::uint64_t range = 0; range < parts.front().ranges().size(); ++range)
        places.push_back(place_of(parts, header, range));
    auto found = look_at(open_plain(pieces), places, pieces);
    if (!is_right(found)) return std::nullopt;
    for (auto const& part : parts) found.file.rows += part.n_rows();
    finish(pieces, found.file.bytes, path);
    return found.file;
}

}  // namespace vaster::stream
