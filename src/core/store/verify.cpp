#include "core/store/verify.hpp"

#include "core/store/layout.hpp"
#include "core/store/settled.hpp"
#include "core/store/study_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

constexpr auto row_does_not_hold = "the checksum of the row does not hold";

class Verifier {
  public:
    explicit Verifier(StudyFile const& file) : file_(file), columns_(file.schema) {}

    std::vector<BadRow> run() {
        check_table(plan_path, file_.plan);
        check_records();
        check_table(attempts_path, file_.attempts);
        check_table(schedule_path, file_.schedule);
        for (auto const& input : file_.inputs)
            if (!input.holds())
                bad_.push_back({input.data.path(), {}, "the checksum of the data does not hold"});
        return std::move(bad_);
    }

  private:
    void check_table(char const* path, Table const& table) {
        see_settled_rows(table, [&](std::uint64_t i, auto, bool holds) {
            if (!holds) bad_.push_back({path, i, row_does_not_hold});
        });
    }

    void check_records() {
        see_settled_rows(file_.records, [&](std::uint64_t i, auto bytes, bool holds) {
            if (!holds)
                bad_.push_back({records_path, i, row_does_not_hold});
            else if (tail_of(bytes).mark > mark_of(study::Status::skipped))
                bad_.push_back({records_path, i, "its status does not exist"});
            else
                check_record(i, Row(file_.records.type(), bytes));
        });
    }

    void check_record(std::uint64_t i, Row const& record) {
        if (record.unsigned_integer(RecordColumns::index) != i)
            bad_.push_back({records_path, i, "it is another experiment's row"});
        else if (tail_of(record.bytes()).mark == mark_of(study::Status::done))
            check_arrays(i);
    }

    void check_arrays(std::uint64_t i) {
        try {
            study::Experiment experiment;
            bool const planned = file_.stage_of(i, experiment) != 0;
            bool const holds = planned && settles([&] {
                                   auto const record = file_.records.read(i);
                                   return checksum_of(file_.read_arrays(experiment)) ==
                                          record.unsigned_integer(columns_.arrays_crc);
                               });
            if (!planned)
                bad_.push_back({records_path, i, "it has a result but is not in the plan"});
            else if (!holds)
                bad_.push_back({records_path, i, "the checksum of its arrays does not hold"});
        } catch (DataError const& error) {
            bad_.push_back({records_path, i, error.what()});
        }
    }

    StudyFile const& file_;
    RecordColumns columns_;
    std::vector<BadRow> bad_;
};

}  // namespace

std::string BadRow::text() const {
    return row ? fmt::format("row {} of {}: {}", *row, table, reason) : fmt::format("{}: {}", table, reason);
}

std::vector<BadRow> verify(std::filesystem::path const& path) {
    auto const file = open_study(path);
    return Verifier(file).run();
}

}  // namespace vaster::store
