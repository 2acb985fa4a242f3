#include "core/store/study_file.hpp"

#include <memory>
#include <utility>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "core/h5/attributes.hpp"
#include "core/store/layout.hpp"
#include "core/store/schema_attributes.hpp"
#include "core/store/seal.hpp"
#include "core/store/settled.hpp"

namespace vaster::store {
namespace {

StudyFile describe(h5::File const& file) {
    auto header = read_header(file);
    auto schema = read_schema(file);
    auto const table = [&](char const* path, h5::RecordType const& expected, std::uint32_t first_committed) {
        Table opened(h5::Dataset::open(file, path), first_committed);
        require<DataError>(
            opened.type().size == expected.size && opened.type().fields.size() == expected.fields.size(),
            "{} has other columns than its schema says", path);
        return opened;
    };
    auto plan = table(plan_path, plan_type(schema), 1);
    auto records = table(records_path, record_type(schema), mark_of(study::Status::done));
    auto attempts = table(attempts_path, attempt_type(), 1);
    auto schedule = table(schedule_path, schedule_type(), 1);
    std::vector<h5::Dataset> arrays;
    for (auto const& spec : schema.arrays)
        arrays.push_back(h5::Dataset::open(file, fmt::format("{}/{}", arrays_path, spec.name)));
    auto inputs = open_inputs(file);
    return {std::move(header),   std::move(schema),   std::move(plan),   std::move(records),
            std::move(attempts), std::move(schedule), std::move(arrays), std::move(inputs)};
}

StudyFile open_with(std::filesystem::path const& path, h5::Access access, h5::Driver driver) {
    forget_old_pages(path);
    check_seal(path);
    auto study = describe(h5::open_for_reading(path));
    auto const file = h5::open_row_file(path, access, driver);
    for (auto* const table : {&study.plan, &study.records, &study.attempts, &study.schedule})
        table->detach(file);
    for (auto& array : study.arrays) array.detach(file);
    for (auto& input : study.inputs) input.data.detach(file);
    return study;
}

}  // namespace

StudyFile::Slice StudyFile::slice(std::size_t array, study::Experiment const& experiment) const {
    bool const ragged = schema.arrays[array].extent == study::Extent::ragged;
    Slice const wanted = ragged ? Slice{experiment.first_row, experiment.n_rows} : Slice{experiment.index, 1};
    auto const n_rows = arrays[array].n_rows();
    require<DataError>(wanted.first <= n_rows && wanted.count <= n_rows - wanted.first,
                       "row {} of the plan points outside of array '{}'", experiment.index,
                       schema.arrays[array].name);
    return wanted;
}

std::vector<std::vector<std::uint8_t>> StudyFile::read_arrays(study::Experiment const& experiment) const {
    std::vector<std::vector<std::uint8_t>> read(arrays.size());
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        auto const [first, count] = slice(i, experiment);
        read[i].resize(count * arrays[i].row_bytes());
        arrays[i].read_rows(first, std::as_writable_bytes(std::span(read[i])));
    }
    return read;
}

std::uint32_t StudyFile::stage_of(std::uint64_t row, study::Experiment& experiment) const {
    if (row >= plan.n_rows()) return 0;
    Row content(plan.type());
    bool const holds = settles([&] {
        content = plan.read(row);
        return plan.holds(content.bytes());
    });
    require<DataError>(holds, "the checksum of row {} of {} does not hold", row, plan_path);
    auto const stage = tail_of(content.bytes()).mark;
    if (stage != 0) experiment = experiment_of(content, schema);
    return stage;
}

std::uint32_t checksum_of(std::vector<std::vector<std::uint8_t>> const& arrays) {
    std::uint32_t crc = 0;
    for (auto const& array : arrays) crc = crc32(std::as_bytes(std::span(array)), crc);
    return crc;
}

StudyFile open_study(std::filesystem::path const& path) {
    return open_with(path, h5::Access::read, h5::Driver::direct);
}

StudyFile open_study_for_rows(std::filesystem::path const& path, h5::Driver driver) {
    return open_with(path, h5::Access::read_write, driver);
}

}  // namespace vaster::store
