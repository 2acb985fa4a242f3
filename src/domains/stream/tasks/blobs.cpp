// ABD and ABU: a file that is read or written whole for each record.
#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/units.hpp"
#include "domains/stream/tasks/catalogue.hpp"
#include "vaster/support/random.hpp"

namespace vaster::stream {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

std::uint64_t bytes_of(TaskSetup const& setup) {
    return parse_bytes(setup.parameters.get<std::string>("bytes")).value_or(0);
}

/// Bytes that look like nothing; the same for a seed.
std::string made_up(std::uint64_t size, std::uint64_t seed) {
    Random random(seed);
    std::string bytes;
    bytes.reserve(size + sizeof(std::uint64_t));
    while (bytes.size() < size) {
        std::uint64_t const word = random();
        for (std::size_t i = 0; i < sizeof word; ++i) bytes += static_cast<char>(word >> 8 * i & 0xff);
    }
    bytes.resize(size);
    return bytes;
}

void put_row(Record const& record, std::uint64_t size, Yield& yield) {
    yield.output.begin(record.number).cell(record.sensor).cell(size).end();
    yield.count(Outcome::output);
}

class BlobDownload final : public Task {
  public:
    explicit BlobDownload(TaskSetup const& setup)
        : folder_(setup.folder),
          path_(setup.folder / "download.bin"),
          size_(bytes_of(setup)),
          seed_(setup.seed) {}

    void take(Record const& record, Yield& yield) override {
        if (!ready_) prepare();
        auto const bytes = read_file(path_);
        require<IoError>(hash64(bytes) == hash_, "{} has changed while the stream was read: it has {} bytes",
                         path_.string(), bytes.size());
        put_row(record, bytes.size(), yield);
    }

  private:
    void prepare() {
        auto const bytes = made_up(size_, seed_);
        hash_ = hash64(bytes);
        std::filesystem::create_directories(folder_);
        replace_file(path_, bytes);
        ready_ = true;
    }

    std::filesystem::path folder_;
    std::filesystem::path path_;
    std::uint64_t size_;
    std::uint64_t seed_;
    std::uint64_t hash_ = 0;
    bool ready_ = false;
};

class BlobUpload final : public Task {
  public:
    explicit BlobUpload(TaskSetup const& setup)
        : folder_(setup.folder),
          path_(setup.folder / "upload.bin"),
          bytes_(made_up(bytes_of(setup), setup.seed)),
          sync_(setup.parameters.get<std::string>("sync") == "each") {}

    void take(Record const& record, Yield& yield) override {
        if (!ready_) std::filesystem::create_directories(folder_);
        ready_ = true;
        mark(record.number);
        if (sync_)
            write_file_atomically(path_, bytes_);
        else
            replace_file(path_, bytes_);
        put_row(record, bytes_.size(), yield);
    }

  private:
    /// No two uploads are of the same bytes.
    void mark(std::uint64_t number) {
        for (std::size_t i = 0; i < std::min(bytes_.size(), sizeof number); ++i)
            bytes_[i] = static_cast<char>(number >> 8 * i & 0xff);
    }

    std::filesystem::path folder_;
    std::filesystem::path path_;
    std::string bytes_;
    bool sync_;
    bool ready_ = false;
};

Parameter bytes_parameter() {
    return {.name = "bytes",
            .standard = std::string("1MiB"),
            .doc = "size of the file, up to 1 GiB",
            .format = Format::bytes};
}

std::vector<std::string> problems(TaskSetup const& setup) {
    auto const size = bytes_of(setup);
    if (size >= 1 && size <= most_bytes) return {};
    return {fmt::format("bytes = \"{}\" (must be from 1 B to 1 GiB)",
                        setup.parameters.get<std::string>("bytes"))};
}

std::vector<std::string> no_fields(TaskSetup const& /*setup*/) {
    return {};
}

Columns columns(TaskSetup const& /*setup*/) {
    return {{"record", "sensor", "bytes"}, 2};
}

}  // namespace

TaskKind blob_download_task() {
    return {
        .code = "ABD",
        .name = "blob_download",
        .doc = "a file is read whole for each record",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {bytes_parameter()},
        .keying = by_record,
        .fields = no_fields,
        .columns = columns,
        .problems = problems,
        .make = make_task<BlobDownload>,
    };
}

TaskKind blob_upload_task() {
    return {
        .code = "ABU",
        .name = "blob_upload",
        .doc = "a file is written beside its old self and renamed for each record",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {bytes_parameter(),
                       {.name = "sync",
                        .standard = std::string("none"),
                        .doc = "each: every file reaches the disk before the next record is taken",
                        .choices = {"none", "each"}}},
        .keying = by_record,
        .fields = no_fields,
        .columns = columns,
        .problems = problems,
        .make = make_task<BlobUpload>,
    };
}

}  // namespace vaster::stream
