#include "core/store/create.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "base/support/files.hpp"
#include "base/support/temporary_file.hpp"
#include "base/support/units.hpp"
#include "core/h5/dataset.hpp"
#include "core/h5/file.hpp"
#include "core/store/inputs.hpp"
#include "core/store/layout.hpp"
#include "core/store/rows.hpp"
#include "core/store/schema_attributes.hpp"
#include "core/store/seal.hpp"
#include "core/store/study_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

using study::PackedPlan;

/// The experiments of a plan, for rows that are written in order.
class InOrder {
  public:
    explicit InOrder(PackedPlan const& plan) : plan_(&plan), next_(plan.begin()) {}

    /// Number i, asked for in order, from 0 on; once more from there if the file is laid out again. Null: the
    /// plan has no more.
    study::Experiment const* at(std::uint64_t i) {
        if (i >= plan_->size()) return nullptr;
        if (i == 0) next_ = plan_->begin();
        experiment_ = *next_;
        ++next_;
        return &experiment_;
    }

  private:
    PackedPlan const* plan_;
    PackedPlan::Iterator next_;
    study::Experiment experiment_;
};

/// One table of the file before it is written; its rows are made piece by piece, since a million of them take
/// more than half a gibibyte.
struct Content {
    char const* path;
    h5::RecordType type;
    std::uint64_t n_rows = 0;
    /// Writes row i into bytes that are zero; empty: all bytes of all rows stay zero.
    std::function<void(std::uint64_t i, std::span<std::byte> row)> fill;

    [[nodiscard]] std::uint64_t bytes() const { return n_rows * type.size; }
};

void put(Row const& row, std::span<std::byte> to) {
    std::copy(row.bytes().begin(), row.bytes().end(), to.begin());
}

Content plan_content(study::Schema const& schema, PackedPlan const& experiments, std::uint64_t capacity) {
    auto const type = plan_type(schema);
    return {plan_path, type, capacity,
            [&schema, experiments = InOrder(experiments), type](std::uint64_t i, auto to) mutable {
                auto const* const experiment = experiments.at(i);
                if (experiment == nullptr) return;
                put(plan_row(type, schema, *experiment), to);
                seal(to, 1);
            }};
}

Content record_content(study::Schema const& schema, PackedPlan const& experiments, std::uint64_t capacity) {
    auto const type = record_type(schema);
    RecordColumns const at(schema);
    return {records_path, type, capacity,
            [&schema, experiments = InOrder(experiments), type, at](std::uint64_t i, auto to) mutable {
                Row row = blank_record(type, schema, i);
                auto const* const experiment = experiments.at(i);
                bool const skipped = experiment != nullptr && !experiment->skip_reason.empty();
                if (skipped) row.set_text(at.error, experiment->skip_reason);
                put(row, to);
                if (skipped) seal(to, mark_of(study::Status::skipped));
            }};
}

Content empty_content(char const* path, h5::RecordType type, std::uint64_t n_rows) {
    return {path, std::move(type), n_rows, {}};
}

/// An array's dataset before it is made.
struct ArrayPlace {
    std::string path;
    h5::RecordType element;
    std::vector<std::uint64_t> shape;

    [[nodiscard]] std::uint64_t bytes() const {
        return std::accumulate(shape.begin(), shape.end(), std::uint64_t{element.size}, std::multiplies<>());
    }
};

ArrayPlace place_of(study::ArraySpec const& spec, Capacity const& capacity) {
    ArrayPlace place{
        fmt::format("{}/{}", arrays_path, spec.name), element_type(spec.fields), {capacity.array_rows}};
    if (spec.extent == study::Extent::fixed) {
        place.shape = {capacity.experiments};
        place.shape.insert(place.shape.end(), spec.shape.begin(), spec.shape.end());
    }
    return place;
}

void require_space(std::filesystem::path const& path, std::uint64_t needed) {
    std::error_code error;
    auto const folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    auto const space = std::filesystem::space(folder, error);
    if (error) return;  // some file systems do not say; writing will show
    require<IoError>(space.available >= needed,
                     "cannot create {}: it needs {}, but only {} are free on its disk", path.string(),
                     bytes_text(needed), bytes_text(space.available));
}

void write_rows(h5::Dataset const& data, Content const& content) {
    constexpr std::size_t piece_bytes = std::size_t{1} << 20U;
    auto const length = content.type.size;
    auto const rows_of_piece = std::max<std::uint64_t>(1, piece_bytes / length);
    std::vector<std::byte> piece;
    for (std::uint64_t first = 0; first < content.n_rows; first += rows_of_piece) {
        auto const n = std::min(rows_of_piece, content.n_rows - first);
        piece.assign(n * length, std::byte{0});
        for (std::uint64_t i = 0; i < n; ++i)
            content.fill(first + i, std::span(piece).subspan(i * length, length));
        data.write_rows(first, piece);
    }
}

h5::Dataset write_table(h5::File const& file, Content const& content) {
    auto const filling = content.fill ? h5::Filling::by_caller : h5::Filling::blank;
    auto data = h5::Dataset::create(file, content.path, content.type, {content.n_rows},
                                    std::vector<std::byte>(content.type.size), filling);
    if (content.fill) write_rows(data, content);
    if (data.offset() % tail_bytes != 0)
        throw std::logic_error("rows that do not begin at a multiple of eight bytes");
    return data;
}

/// All that a new study file has in it.
struct Design {
    Header const& header;
    study::Schema const& schema;
    std::vector<Content> tables;
    std::vector<ArrayPlace> arrays;
    std::vector<study::Input> const& inputs;

    [[nodiscard]] std::uint64_t bytes() const {
        constexpr std::uint64_t structure = 1 << 20;
        std::uint64_t bytes = structure + header.config.size() + header.result_config.size();
        for (auto const& table : tables) bytes += table.bytes();
        for (auto const& array : arrays) bytes += array.bytes();
        for (auto const& input : inputs) bytes += input.rows.size();
        return bytes;
    }
};

/// Lays the file out; returns the bytes that rows are in, which the seal does not cover.
std::vector<Range> lay_out(std::filesystem::path const& path, std::uint64_t user_block,
                           Design const& design) {
    auto file = h5::create_file(path, user_block);
    write_header(file, design.header);
    std::vector<Range> ranges;
    auto const add_range = [&](h5::Dataset const& data) {
        if (data.n_rows() > 0)
            ranges.push_back({data.offset(), data.offset() + data.n_rows() * data.row_bytes()});
    };
    for (auto const& table : design.tables) add_range(write_table(file, table));
    h5::create_group(file, arrays_path);
    for (auto const& [array, element, shape] : design.arrays)
        add_range(h5::Dataset::create(file, array, element, shape, blank_element(element)));
    h5::create_group(file, labels_path);
    write_schema(file, design.schema);
    for (auto const& input : write_inputs(file, design.schema, design.inputs)) add_range(input);
    h5::flush(file);
    h5::require_h5<IoError>(file.close_now(), "HDF5 cannot close {}", path.string());
    return ranges;
}

std::uint64_t bytes_outside(std::vector<Range> const& ranges, std::filesystem::path const& path,
                            std::uint64_t user_block) {
    auto bytes = std::filesystem::file_size(path) - user_block;
    for (auto const& range : ranges) bytes -= range.end - range.begin;
    return bytes;
}

/// Lays the file out behind a user block with room for the mirror of its structure, and seals it. Its size is
/// known only afterwards: a file with an unusually long config is laid out twice.
void lay_out_and_seal(std::filesystem::path const& path, Design const& design) {
    for (auto user_block = usual_user_block;;) {
        auto const ranges = lay_out(path, user_block, design);
        auto const needed = user_block_for(bytes_outside(ranges, path, user_block));
        if (needed <= user_block) return write_seal(path, user_block, ranges);
        user_block = needed;
    }
}

/// How many elements of ragged arrays a plan needs. @throws std::logic_error when it is not in order
std::uint64_t array_rows_of(PackedPlan const& experiments) {
    std::uint64_t rows = 0;
    std::uint64_t index = 0;
    for (auto const& experiment : experiments) {
        if (experiment.index != index++) throw std::logic_error("a plan that is not in order of index");
        rows = std::max(rows, experiment.first_row + experiment.n_rows);
    }
    return rows;
}

/// HDF5 describes a table in at most 64 KiB, a blank row included, and every text of a row is as wide as the
/// longest one: names that the data bring may be too long. Refused here, HDF5 itself would not say which.
void check_names(study::Schema const& schema) {
    constexpr std::size_t most_bytes = 60000;
    std::size_t together = 0;
    study::Column const* widest = nullptr;
    for (auto const& column : schema.design) {
        together += column.width;
        if (widest == nullptr || column.width > widest->width) widest = &column;
    }
    require<DataError>(
        together <= most_bytes,
        "the names of an experiment may take {} bytes in a study file, not {}: the longest one "
        "in '{}' has {}; shorten it, and see that no quote is missing where it comes from",
        most_bytes, together, widest == nullptr ? "" : widest->name, widest == nullptr ? 0 : widest->width);
    for (auto const& list : schema.labels)
        for (auto const& label : list.labels)
            require<DataError>(
                label.size() <= most_bytes,
                "a name among the {} has {} bytes, and a study file holds {}: '{}...'; shorten "
                "it, and see that no quote is missing where it comes from",
                list.name, label.size(), most_bytes, label.substr(0, 40));
}

}  // namespace

void create(std::filesystem::path const& name, Header const& header, study::Schema const& schema,
            PackedPlan const& experiments, Capacity capacity, OnExisting on_existing,
            std::vector<study::Input> const& inputs) {
    capacity.array_rows = std::max(capacity.array_rows, array_rows_of(experiments));
    check_names(schema);
    auto const path = target_to_write(name);
    require<UsageError>(on_existing == OnExisting::replace || !std::filesystem::exists(path),
                        "{} exists already: resume it (--resume), or replace it (--overwrite)",
                        path.string());
    require<UsageError>(!std::filesystem::exists(path) || std::filesystem::is_regular_file(path),
                        "{} is not a file, so no study can take its place; choose another name with --output",
                        path.string());
    capacity.experiments = std::max<std::uint64_t>(capacity.experiments, experiments.size());

    Design design{header, schema, {}, {}, inputs};
    design.tables = {plan_content(schema, experiments, capacity.experiments),
                     record_content(schema, experiments, capacity.experiments),
                     empty_content(attempts_path, attempt_type(), attempt_rows(capacity.experiments)),
                     empty_content(schedule_path, schedule_type(), schedule_rows)};
    for (auto const& spec : schema.arrays) design.arrays.push_back(place_of(spec, capacity));

    remove_left_overs(path);
    TemporaryFile temporary(path);
    require_space(path, design.bytes());
    try {
        lay_out_and_seal(temporary.path(), design);
    } catch (IoError const& error) {
        throw IoError(fmt::format("cannot create {}: {}", path.string(), error.what()));
    }
    temporary.become(path);
}

}  // namespace vaster::store
