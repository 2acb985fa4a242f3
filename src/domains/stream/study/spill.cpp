#include "domains/stream/study/spill.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "base/support/temporary_file.hpp"
#include "domains/stream/records/line_reader.hpp"
#include "domains/stream/study/hashed_file.hpp"
#include "domains/stream/study/jobs.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "vaster stream lines 1\n";

/// Before the text of a line.
struct LineHead {
    std::uint64_t number = 0;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// Last in the file.
struct Foot {
    std::uint64_t spill = 0;
    std::uint64_t partitions = 0;
    std::uint64_t chunks = 0;  ///< of each partition
    std::uint64_t table = 0;   ///< where the table of chunks begins, partition by partition
};

template <class T>
std::string_view bytes_of(T const& value) {
    return {reinterpret_cast<char const*>(&value), sizeof value};
}

template <class T>
T value_in(char const* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

/// Lines by partition, which are written together when there are enough of them.
class SpillWriter {
  public:
    SpillWriter(fs::path const& path, std::uint64_t partitions, std::uint64_t memory)
        : file_(path), texts_(partitions), n_lines_(partitions, 0), memory_(memory) {
        file_.write(magic);
    }

    void add(Line const& line, std::uint64_t partition) {
        auto& text = texts_[partition];
        text += bytes_of(LineHead{line.number, line.offset, line.text.size()});
        text += line.text;
        ++n_lines_[partition];
        held_ += sizeof(LineHead) + line.text.size();
        if (held_ >= memory_) flush();
    }

    /// @returns content hash of the file
    std::string keep(std::uint64_t spill, Sync sync) {
        flush();
        auto const partitions = texts_.size();
        auto const n = chunks_.size() / partitions;
        Foot const foot{spill, partitions, n, file_.n_bytes()};
        for (std::size_t partition = 0; partition < partitions; ++partition)
            for (std::size_t i = 0; i < n; ++i) file_.write(bytes_of(chunks_[i * partitions + partition]));
        file_.write(bytes_of(foot));
        auto hash = file_.hash();
        file_.keep(sync);
        return hash;
    }

  private:
    void flush() {
        for (std::size_t partition = 0; partition < texts_.size(); ++partition) {
            auto& text = texts_[partition];
            chunks_.push_back({file_.n_bytes(), text.size(), n_lines_[partition], hash64(text)});
            file_.write(text);
            text.clear();
            n_lines_[partition] = 0;
        }
        held_ = 0;
    }

    HashedFile file_;
    std::vector<std::string> texts_;  ///< by partition
    std::vector<std::uint64_t> n_lines_;
    std::uint64_t memory_;
    std::uint64_t held_ = 0;
    std::vector<SpillChunk> chunks_;
};

/// The lines of the blocks that go into a spill file.
LineReader lines_of(Source const& source, std::uint64_t spill) {
    auto const& starts = source.index().block_starts();
    auto const first = spill * blocks_of_spill;
    auto const end = std::min<std::uint64_t>(first + blocks_of_spill, starts.size() - 1);
    return LineReader(source.input(), starts[first].line, starts[end].line.offset);
}

}  // namespace

bool is_split(Options const& options, Source const& source) {
    return source.input().is_large() &&
           std::any_of(options.jobs.begin(), options.jobs.end(),
                       [](JobOptions const& job) { return keying_of(job) == Keying::sensor; });
}

std::uint64_t n_spills(Source const& source) {
    auto const n_blocks = source.index().block_starts().size() - 1;
    return (n_blocks + blocks_of_spill - 1) / blocks_of_spill;
}

fs::path spill_folder(Options const& options) {
    return side_folder(options.study) / "split";
}

fs::path spill_path(Options const& options, std::uint64_t spill) {
    return spill_folder(options) / fmt::format("{:06}.lines", spill);
}

Spill write_spill(Options const& options, Source const& source, std::uint64_t number, Watcher& watcher) {
    constexpr std::uint64_t most_memory = std::uint64_t{64} << 20U;
    SpillWriter writer(spill_path(options, number), source.index().n_partitions(),
                       std::min(most_memory, options.source.memory));
    Layout const layout{options.source.sensor, {}};
    auto const parser = source.input().parser(layout);
    auto lines = lines_of(source, number);
    Spill spill;
    Record record;
    constexpr std::uint64_t between_looks = 1024;
    for (Line line; lines.next(line);) {
        if ((spill.lines + spill.broken) % between_looks == 0 && watcher.stop_requested()) throw Cancelled{};
        if (line.too_long || parser->parse(line.text, record)) {
            ++spill.broken;
            continue;
        }
        ++spill.lines;
        spill.bytes += line.text.size();
        writer.add(line, partition_of(record.sensor, source.index().n_partitions()));
    }
    spill.hash = writer.keep(number, options.output.waits_for_disk ? Sync::now : Sync::later);
    return spill;
}

SpillReader::SpillReader(Options const& options, Source const& source, std::uint64_t partition,
                         Watcher& watcher)
    : options_(options), source_(source), partition_(partition), watcher_(watcher) {}

/// Opens a spill file and finds the partition in it. @returns whether it is whole, as far as that is seen
bool SpillReader::open() {
    auto const path = spill_path(options_, spill_);
    try {
        file_ = open_plain(path);
        std::array<char, sizeof(Foot)> end{};
        if (file_.size < magic.size() + sizeof(Foot)) return false;
        auto const foot_at = file_.size - sizeof(Foot);
        read_at(file_, foot_at, end, path);
        auto const foot = value_in<Foot>(end.data());
        auto const row = foot.chunks * sizeof(SpillChunk);
        bool const holds = foot.spill == spill_ && foot.partitions == source_.index().n_partitions() &&
                           foot.table <= foot_at &&
                           foot.chunks <= (foot_at - foot.table) / sizeof(SpillChunk) &&
                           foot.partitions * row == foot_at - foot.table;
        if (!holds) return false;
        std::vector<char> table(row);
        read_at(file_, foot.table + partition_ * row, table, path);
        chunks_.resize(foot.chunks);
        for (std::size_t i = 0; i < chunks_.size(); ++i)
            chunks_[i] = value_in<SpillChunk>(table.data() + i * sizeof(SpillChunk));
        return true;
    } catch (IoError const&) {
        return false;
    }
}

bool SpillReader::read(SpillChunk const& chunk) {
    if (chunk.at > file_.size || chunk.bytes > file_.size - chunk.at) return false;
    buffer_.resize(std::max<std::size_t>(buffer_.size(), chunk.bytes + line_padding));
    at_ = 0;
    end_ = 0;
    try {
        if (read_at(file_, chunk.at, {buffer_.data(), chunk.bytes}, spill_path(options_, spill_)) !=
            chunk.bytes)
            return false;
    } catch (IoError const&) {
        return false;
    }
    if (hash64({buffer_.data(), chunk.bytes}) != chunk.hash) return false;
    end_ = chunk.bytes;
    return true;
}

SpillReader::~SpillReader() {
    if (leaves_none_) remove_spills(options_);
}

void SpillReader::write_again() {
    constexpr int most_attempts = 3;
    for (int attempt = 1;; ++attempt) {
        leaves_none_ = leaves_none_ || !fs::exists(spill_folder(options_));
        try {
            write_spill(options_, source_, spill_, watcher_);
            return;
        } catch (IoError const&) {
            // Whoever merges may have removed the folder in the meantime.
            if (attempt == most_attempts || fs::exists(spill_folder(options_))) throw;
        }
    }
}

void SpillReader::open_or_write() {
    if (open()) return;
    write_again();
    require<IoError>(open(),
                     "{} was written again, and is not whole still: does its disk hold what is written?",
                     spill_path(options_, spill_).string());
}

/// @returns whether there was one more
bool SpillReader::next_chunk() {
    for (;;) {
        if (watcher_.stop_requested()) throw Cancelled{};
        if (spill_ >= n_spills(source_)) return false;
        if (!file_.file) {
            open_or_write();
            chunk_ = 0;
        }
        if (chunk_ == chunks_.size()) {
            file_ = {};
            ++spill_;
            continue;
        }
        if (!read(chunks_[chunk_])) {
            write_again();
            open_or_write();
            require<IoError>(
                chunk_ < chunks_.size() && read(chunks_[chunk_]),
                "{} was written again, and is damaged still: does its disk hold what is written?",
                spill_path(options_, spill_).string());
        }
        ++chunk_;
        if (end_ > 0) return true;
    }
}

bool SpillReader::next(Line& line) {
    if (at_ == end_ && !next_chunk()) return false;
    auto const head = value_in<LineHead>(buffer_.data() + at_);
    at_ += sizeof(LineHead);
    line.number = head.number;
    line.offset = head.offset;
    line.text = {buffer_.data() + at_, head.length};
    line.too_long = false;
    at_ += head.length;
    return true;
}

void remove_spills(Options const& options) noexcept {
    std::error_code ignored;
    fs::remove_all(spill_folder(options), ignored);
}

}  // namespace vaster::stream
