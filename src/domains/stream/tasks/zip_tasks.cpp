// LZP and RZP: records in ZIP archives.
#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/zip_archive.hpp"

namespace vaster::stream {
namespace {

class Zip final : public Task {
  public:
    Zip(TaskSetup const& setup, std::filesystem::path folder)
        : folder_(std::move(folder)),
          n_files_(size_of(setup, "files")),
          pattern_(setup.parameters.get<std::string>("pattern")) {}

    void take(Record const& record, Yield& yield) override {
        entries_.push_back({fmt::format("{}-{:06}.svg", pattern_, n_taken_++), std::string(record.line)});
        if (entries_.size() < n_files_) {
            yield.count(Outcome::none);
            return;
        }
        auto const name = fmt::format("{}-{:06}.zip", pattern_, n_taken_ - n_files_);
        auto const bytes = zip_archive(entries_);
        entries_.clear();
        std::filesystem::create_directories(folder_);
        replace_file(folder_ / name, bytes);
        yield.output.begin(record.number)
            .cell(std::string_view(name))
            .cell(static_cast<std::uint64_t>(bytes.size()))
            .cell(std::string_view(hash_text(bytes)))
            .end();
        yield.count(Outcome::output);
    }

    void finish(Yield& yield) override { yield.tally.pending += entries_.size(); }

    void save(std::uint32_t /*sensor_index*/, StateWriter& state) const override {
        state.put(n_taken_);
        state.put(static_cast<std::uint64_t>(entries_.size()));
        for (auto const& entry : entries_) {
            state.put(std::string_view(entry.name));
            state.put(std::string_view(entry.bytes));
        }
    }

    void load(std::uint32_t /*sensor_index*/, StateReader& state) override {
        n_taken_ = state.get<std::uint64_t>();
        auto const n = state.get<std::uint64_t>();
        require<DataError>(n < n_files_, "a kept state has {} files, but an archive has {}", n, n_files_);
        for (std::uint64_t i = 0; i < n; ++i) {
            std::string name(state.get_text());
            entries_.push_back({std::move(name), std::string(state.get_text())});
        }
    }

  private:
    std::filesystem::path folder_;
    std::size_t n_files_;
    std::string pattern_;
    std::uint64_t n_taken_ = 0;
    std::vector<ZipEntry> entries_;
};

std::vector<std::string> problems(TaskSetup const& setup) {
    auto const& pattern = setup.parameters.get<std::string>("pattern");
    if (!pattern.empty() && pattern.find('/') == std::string::npos) return {};
    return {fmt::format("pattern = \"{}\" (must be the beginning of a file's name, without '/')", pattern)};
}

TaskKind zip_task(std::string_view code, std::string_view name, std::string_view doc) {
    return {
        .code = code,
        .name = name,
        .doc = doc,
        .sigma = "N:1",
        .uses_fields = false,
        .parameters = {{.name = "files",
                        .standard = std::int64_t{10},
                        .doc = "records in an archive",
                        .bounds = {.at_least = 1, .at_most = 100000}},
                       {.name = "pattern",
                        .standard = std::string("plot"),
                        .doc = "how the names of archives, and of the files in them, begin"}},
        .keying = by_stream,
        .fields = [](TaskSetup const&) { return std::vector<std::string>(); },
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "archive", "bytes", "content"}, 1};
            },
        .problems = problems,
    };
}

}  // namespace

TaskKind local_zip_task() {
    auto kind =
        zip_task("LZP", "local_zip", "each full batch of records as a ZIP archive in the task's folder");
    kind.make = [](TaskSetup const& setup) -> std::unique_ptr<Task> {
        return std::make_unique<Zip>(setup, setup.folder);
    };
    return kind;
}

TaskKind remote_zip_task() {
    auto kind = zip_task("RZP", "remote_zip", "the same in a folder on the file system that all hosts share");
    kind.make = [](TaskSetup const& setup) -> std::unique_ptr<Task> {
        return std::make_unique<Zip>(setup, setup.remote_folder);
    };
    return kind;
}

}  // namespace vaster::stream
