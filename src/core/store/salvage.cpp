#include "core/store/salvage.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/temporary_file.hpp"
#include "core/store/layout.hpp"
#include "core/store/seal.hpp"
#include "core/store/settled.hpp"
#include "core/store/study_file.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

namespace fs = std::filesystem;

void write_part(Descriptor const& file, std::string_view bytes, std::uint64_t offset, fs::path const& path) {
    while (!bytes.empty()) {
        ssize_t const n = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n > 0, "cannot write {}: {}", path.string(), system_reason(errno));
        bytes.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
}

/// Copies what there is of a range; what cannot be read any more stays zero, and the checksums will tell.
void copy_range(Descriptor const& from, Descriptor const& to, Range range, fs::path const& path) {
    constexpr std::uint64_t sector_bytes = 4096;
    std::string buffer(sector_bytes, '\0');
    while (range.begin < range.end) {
        auto const wanted = std::min<std::uint64_t>(buffer.size(), range.end - range.begin);
        ssize_t const n = ::pread(from.get(), buffer.data(), wanted, static_cast<off_t>(range.begin));
        if (n < 0 && errno == EINTR) continue;
        if (n == 0) return;
        if (n < 0) {  // a bad spot of the disk: go on behind it
            range.begin += sector_bytes - range.begin % sector_bytes;
            continue;
        }
        write_part(to, std::string_view(buffer).substr(0, static_cast<std::size_t>(n)), range.begin, path);
        range.begin += static_cast<std::uint64_t>(n);
    }
}

/// The damaged file's rows in a sound structure.
void rebuild(fs::path const& damaged, fs::path const& output) {
    auto const [seal, structure] = read_blueprint(damaged);
    Descriptor const from(::open(damaged.c_str(), O_RDONLY | O_CLOEXEC));
    require<IoError>(bool(from), "cannot open {}: {}", damaged.string(), system_reason(errno));
    Descriptor const to(::open(output.c_str(), O_RDWR | O_CLOEXEC));
    bool const done = bool(to) && ::ftruncate(to.get(), static_cast<off_t>(seal.size)) == 0;
    require<IoError>(done, "cannot write {}: {}", output.string(), system_reason(errno));
    std::uint64_t at = 0;
    for (auto const& part : structure_of(seal)) {
        write_part(to, std::string_view(structure).substr(at, part.end - part.begin), part.begin, output);
        at += part.end - part.begin;
    }
    for (auto const& range : seal.ranges) copy_range(from, to, range, output);
    write_seal(output, seal.user_block, seal.ranges);
}

/// Takes out what does not hold.
class Sieve {
  public:
    explicit Sieve(StudyFile const& file) : file_(file), columns_(file.schema) {}

    Salvaged run() {
        sift_plan();
        sift_records();
        sift_notes(file_.attempts);
        sift_notes(file_.schedule);
        for (auto const& input : file_.inputs)
            if (!input.holds()) salvaged_.lost_inputs.push_back(input.data.path());
        return std::move(salvaged_);
    }

  private:
    void sift_plan() {
        see_settled_rows(file_.plan, [&](std::uint64_t i, auto, bool holds) {
            if (!holds) salvaged_.plan_damage.push_back(i);
        });
    }

    void sift_records() {
        auto const& records = file_.records;
        see_settled_rows(records, [&](std::uint64_t i, auto bytes, bool holds) {
            auto const mark = tail_of(bytes).mark;
            Row const row(records.type(), bytes);
            bool const sound = holds && mark <= mark_of(study::Status::skipped) &&
                               row.unsigned_integer(RecordColumns::index) == i;
            bool const done = mark == mark_of(study::Status::done);
            if (sound && (!done || arrays_hold(i, row))) {
                if (done) ++salvaged_.done;
                return;
            }
            records.open_row(i, mark_of(study::Status::pending));
            records.data().write_rows(i, blank_record(records.type(), file_.schema, i).bytes());
            salvaged_.lost.push_back(i);
        });
    }

    /// Where the plan does not say which arrays are the row's, `--resume` finds out.
    [[nodiscard]] bool arrays_hold(std::uint64_t i, Row const& record) const {
        study::Experiment experiment;
        auto const& damage = salvaged_.plan_damage;
        if (std::binary_search(damage.begin(), damage.end(), i) || file_.stage_of(i, experiment) == 0)
            return true;
        return checksum_of(file_.read_arrays(experiment)) == record.unsigned_integer(columns_.arrays_crc);
    }

    void sift_notes(Table const& table) {
        see_settled_rows(table, [&](std::uint64_t i, auto, bool holds) {
            if (holds) return;
            table.data().write_rows(i, Row(table.type()).bytes());
            ++salvaged_.lost_notes;
        });
    }

    StudyFile const& file_;
    RecordColumns columns_;
    Salvaged salvaged_;
};

}  // namespace

Salvaged salvage(fs::path const& damaged, fs::path const& name) {
    auto const output = target_to_write(name);
    require<UsageError>(!fs::exists(output),
                        "{} exists already, and nothing is overwritten: choose another name",
                        output.string());
    (void)read_blueprint(damaged);
    TemporaryFile temporary(output);
    rebuild(damaged, temporary.path());
    auto salvaged = Sieve(open_study_for_rows(temporary.path(), h5::Driver::direct)).run();
    temporary.become(output);
    return salvaged;
}

}  // namespace vaster::store
