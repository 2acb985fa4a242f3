// The study-file reader on any bytes: it reads them, or says in one Error why not; and so does salvage. The
// first byte of an input says what the rest is: a whole file; changes of a sound file; or changes of its
// rows, with their checksums made right again, as of a file that somebody wrote with intent.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "../unit/core/store/example.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "core/store/reader.hpp"
#include "core/store/salvage.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace {

using namespace vaster;

constexpr std::size_t n_experiments = 8;
constexpr std::size_t tail_bytes = 8;

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// A sound file with some results, and where its tables lie.
struct Sound {
    std::string bytes;
    std::vector<Range> ranges;

    Sound() {
        example::Folder const folder;
        auto const path = example::create(folder, n_experiments);
        {
            store::Writer writer(path);
            for (std::size_t i : {0U, 1U, 2U})
                writer.commit(example::result(example::plan(n_experiments).experiments[i]),
                              example::origin());
        }
        bytes = read_file(path);
        std::istringstream in(bytes.substr(0, bytes.find('\0')));
        std::string line;
        for (Range range; std::getline(in, line);)
            if (std::sscanf(line.c_str(), "range %zu %zu", &range.begin, &range.end) == 2)
                ranges.push_back(range);
    }
};

/// Changes of four bytes each: a position in 24 bits, and what is put there.
std::string changed(std::string bytes, std::span<std::uint8_t const> changes, Range where) {
    for (; changes.size() >= 4; changes = changes.subspan(4)) {
        std::size_t const at = changes[0] | changes[1] << 8U | changes[2] << 16U;
        bytes[where.begin + at % (where.end - where.begin)] = static_cast<char>(changes[3]);
    }
    return bytes;
}

/// Gives every row that says that it is committed the right checksum.
void make_right(std::string& bytes, Range table) {
    auto const length = (table.end - table.begin) / n_experiments;
    for (auto at = table.begin; at + length <= table.end; at += length) {
        auto const row = std::as_bytes(std::span(bytes)).subspan(at, length);
        std::uint32_t mark = 0;
        std::memcpy(&mark, row.data() + length - 4, sizeof mark);
        auto const crc = mark == 0 ? 0U : crc32(row.last(4), crc32(row.first(length - tail_bytes)));
        std::memcpy(bytes.data() + at + length - tail_bytes, &crc, sizeof crc);
    }
}

std::string file_of(std::uint8_t kind, std::span<std::uint8_t const> rest) {
    static Sound const sound;
    if (kind % 3 == 0) return {reinterpret_cast<char const*>(rest.data()), rest.size()};
    if (kind % 3 == 1) return changed(sound.bytes, rest, {0, sound.bytes.size()});
    auto const table = sound.ranges[kind / 3 % 2];
    auto bytes = changed(sound.bytes, rest, table);
    make_right(bytes, table);
    return bytes;
}

void read_all(std::filesystem::path const& path) {
    try {
        store::Reader const study(path);
        for (std::size_t row = 0; row < study.size(); ++row) {
            (void)study.info(row);
            if (study.done(row)) (void)study.cells(row);
        }
        (void)study.attempts();
        (void)study.costs();
        for (std::size_t row = 0; row < study.size(); ++row)
            if (study.done(row)) (void)study.arrays(row);
    } catch (Error const&) {
    }
    try {
        (void)store::verify(path);
    } catch (Error const&) {
    }
}

void salvage(std::filesystem::path const& path) {
    static example::Folder const folder;
    auto const saved = folder / "saved.h5";
    std::filesystem::remove(saved);
    try {
        (void)store::salvage(path, saved);
    } catch (Error const&) {
        return;
    }
    read_all(saved);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const bytes = file_of(data[0], {data + 1, size - 1});
    Descriptor const file(::memfd_create("study", MFD_CLOEXEC));
    if (!file || ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        std::abort();
    auto const path = std::filesystem::path("/proc/self/fd") / std::to_string(file.get());
    read_all(path);
    salvage(path);
    return 0;
}
