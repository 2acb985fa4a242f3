#include "core/store/layout.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <set>
#include <stdexcept>

#include "vaster/support/ids.hpp"

namespace vaster::store {
namespace {

using h5::Field;
using h5::Scalar;

constexpr std::size_t host_width = 64;
constexpr std::size_t key_width = 64;
constexpr std::size_t message_width = 512;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Numbers at multiples of their size, the tail at a multiple of eight.
class Builder {
  public:
    Builder& add(std::string name, Scalar type, std::size_t width = 0, std::vector<h5::EnumName> names = {}) {
        if (!names_.insert(name).second) throw std::logic_error("two columns are named '" + name + "'");
        Field field{std::move(name), type, width, 0, std::move(names)};
        align(type == Scalar::text ? 1 : size_of(field));
        field.offset = record_.size;
        record_.size += size_of(field);
        record_.fields.push_back(std::move(field));
        return *this;
    }

    Builder& add(std::vector<study::Column> const& columns) {
        for (auto const& column : columns) {
            switch (column.type) {
                case study::CellType::integer:
                    add(column.name, Scalar::int64);
                    break;
                case study::CellType::real:
                    add(column.name, Scalar::float64);
                    break;
                case study::CellType::text:
                    add(column.name, Scalar::text, std::max<std::size_t>(column.width, 1));
                    break;
            }
        }
        return *this;
    }

    h5::RecordType finish(std::string mark, Scalar type, std::vector<h5::EnumName> names = {}) {
        align(tail_bytes);
        add("crc", Scalar::uint32).add(std::move(mark), type, 0, std::move(names));
        align(tail_bytes);
        return std::move(record_);
    }

  private:
    void align(std::size_t to) { record_.size = (record_.size + to - 1) / to * to; }

    h5::RecordType record_;
    std::set<std::string> names_;
};

std::vector<h5::EnumName> status_names() {
    std::vector<h5::EnumName> names;
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(study::Status::skipped); ++i)
        names.push_back({to_text(static_cast<study::Status>(i)), i});
    return names;
}

Scalar scalar_of(study::ElementType type) {
    switch (type) {
        case study::ElementType::uint8:
            return Scalar::uint8;
        case study::ElementType::uint16:
            return Scalar::uint16;
        case study::ElementType::int32:
            return Scalar::int32;
        case study::ElementType::uint32:
            return Scalar::uint32;
        case study::ElementType::int64:
            return Scalar::int64;
        case study::ElementType::float32:
            return Scalar::float32;
        case study::ElementType::float64:
            return Scalar::float64;
    }
    throw std::logic_error("an element type that does not exist");
}

ExperimentId id_of(std::string const& text) {
    ExperimentId id;
    std::from_chars(text.data(), text.data() + text.size(), id.value, 16);
    return id;
}

}  // namespace

PlanColumns::PlanColumns(study::Schema const& schema)
    : group(design + schema.design.size()),
      expected_seconds(group + 1),
      cost_key(group + 2),
      n_rows(group + 3),
      first_row(group + 4),
      skip_reason(group + 5) {}

RecordColumns::RecordColumns(study::Schema const& schema)
    : peak_rss_bytes(results + schema.results.size()),
      rank(peak_rss_bytes + 1),
      host(peak_rss_bytes + 2),
      attempt(peak_rss_bytes + 3),
      error(peak_rss_bytes + 4),
      arrays_crc(peak_rss_bytes + 5) {}

h5::RecordType plan_type(study::Schema const& schema) {
    return Builder()
        .add("index", Scalar::uint64)
        .add("id", Scalar::text, 16)
        .add(schema.design)
        .add("group", Scalar::uint64)
        .add("expected_seconds", Scalar::float64)
        .add("cost_key", Scalar::text, key_width)
        .add("n_rows", Scalar::uint64)
        .add("first_row", Scalar::uint64)
        .add("skip_reason", Scalar::text, message_width)
        .finish("planned", Scalar::uint32);
}

h5::RecordType record_type(study::Schema const& schema) {
    return Builder()
        .add("index", Scalar::uint64)
        .add(schema.results)
        .add("peak_rss_bytes", Scalar::uint64)
        .add("rank", Scalar::int64)
        .add("host", Scalar::text, host_width)
        .add("attempt", Scalar::int64)
        .add("error", Scalar::text, message_width)
        .add("arrays_crc", Scalar::uint32)
        .finish("status", Scalar::uint8, status_names());
}

h5::RecordType attempt_type() {
    return Builder()
        .add("index", Scalar::uint64)
        .add("attempt", Scalar::int64)
        .add("rank", Scalar::int64)
        .add("host", Scalar::text, host_width)
        .add("started", Scalar::float64)
        .add("seconds", Scalar::float64)
        .add("outcome", Scalar::text, 16)
        .add("message", Scalar::text, message_width)
        .finish("sequence", Scalar::uint32);
}

h5::RecordType schedule_type() {
    return Builder()
        .add("cost_key", Scalar::text, key_width)
        .add("expected_seconds", Scalar::float64)
        .add("measured_seconds", Scalar::float64)
        .finish("written", Scalar::uint8);
}

h5::RecordType element_type(std::vector<study::ArrayField> const& fields) {
    h5::RecordType type;
    for (auto const& field : fields) {
        auto const name = fields.size() == 1 ? std::string() : field.name;
        type.fields.push_back({name, scalar_of(field.type), 0, type.size});
        type.size += study::size_of(field.type);
    }
    return type;
}

std::vector<std::byte> blank_element(h5::RecordType const& type) {
    std::vector<std::byte> bytes(type.size);
    for (auto const& field : type.fields) {
        float const missing_float = std::numeric_limits<float>::quiet_NaN();
        if (field.type == Scalar::float32)
            std::memcpy(bytes.data() + field.offset, &missing_float, sizeof missing_float);
        if (field.type == Scalar::float64) std::memcpy(bytes.data() + field.offset, &missing, sizeof missing);
    }
    return bytes;
}

std::uint64_t attempt_rows(std::uint64_t n_experiments) {
    return std::clamp<std::uint64_t>(4 * n_experiments, 1024, 16384);
}

void set_cells(Row& row, std::size_t first, std::vector<study::Column> const& columns,
               study::Cells const& cells) {
    if (cells.size() != columns.size())
        throw std::logic_error(fmt::format("{} cells for {} columns", cells.size(), columns.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (cells[i].index() != static_cast<std::size_t>(columns[i].type))
            throw std::logic_error("a cell of another type than column '" + columns[i].name + "'");
        if (auto const* integer = std::get_if<std::int64_t>(&cells[i]))
            row.set_integer(first + i, *integer);
        else if (auto const* real = std::get_if<double>(&cells[i]))
            row.set_real(first + i, *real);
        else
            row.set_text(first + i, std::get<std::string>(cells[i]));
    }
}

study::Cells cells_of(Row const& row, std::size_t first, std::vector<study::Column> const& columns) {
    study::Cells cells;
    cells.reserve(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        switch (columns[i].type) {
            case study::CellType::integer:
                cells.emplace_back(row.integer(first + i));
                break;
            case study::CellType::real:
                cells.emplace_back(row.real(first + i));
                break;
            case study::CellType::text:
                cells.emplace_back(row.text(first + i));
                break;
        }
    }
    return cells;
}

Row plan_row(h5::RecordType const& type, study::Schema const& schema, study::Experiment const& experiment) {
    PlanColumns const at(schema);
    Row row(type);
    row.set_unsigned(at.index, experiment.index);
    row.set_text(at.id, to_text(experiment.id));
    for (std::size_t i = 0; i < schema.design.size(); ++i) {
        auto const* const text = std::get_if<std::string>(&experiment.design.at(i));
        if (text != nullptr && text->size() > schema.design[i].width)
            throw std::logic_error(
                fmt::format("design column '{}' is too narrow for '{}'", schema.design[i].name, *text));
    }
    set_cells(row, at.design, schema.design, experiment.design);
    row.set_unsigned(at.group, experiment.group);
    row.set_real(at.expected_seconds, experiment.expected_seconds);
    row.set_text(at.cost_key, experiment.cost_key);
    row.set_unsigned(at.n_rows, experiment.n_rows);
    row.set_unsigned(at.first_row, experiment.first_row);
    row.set_text(at.skip_reason, experiment.skip_reason);
    return row;
}

study::Experiment experiment_of(Row const& row, study::Schema const& schema) {
    PlanColumns const at(schema);
    study::Experiment experiment;
    experiment.index = row.unsigned_integer(at.index);
    experiment.id = id_of(row.text(at.id));
    experiment.group = row.unsigned_integer(at.group);
    experiment.expected_seconds = row.real(at.expected_seconds);
    experiment.cost_key = row.text(at.cost_key);
    experiment.design = cells_of(row, at.design, schema.design);
    experiment.n_rows = row.unsigned_integer(at.n_rows);
    experiment.first_row = row.unsigned_integer(at.first_row);
    experiment.skip_reason = row.text(at.skip_reason);
    return experiment;
}

Row blank_record(h5::RecordType const& type, study::Schema const& schema, std::uint64_t index) {
    RecordColumns const at(schema);
    Row row(type);
    row.set_unsigned(at.index, index);
    for (std::size_t i = 0; i < schema.results.size(); ++i)
        if (schema.results[i].type == study::CellType::real) row.set_real(at.results + i, missing);
    row.set_integer(at.rank, -1);
    return row;
}

Row attempt_row(h5::RecordType const& type, study::Attempt const& attempt) {
    Row row(type);
    row.set_unsigned(0, attempt.index);
    row.set_integer(1, attempt.attempt);
    row.set_integer(2, attempt.rank);
    row.set_text(3, attempt.host);
    row.set_real(4, attempt.started);
    row.set_real(5, attempt.seconds);
    row.set_text(6, attempt.outcome);
    row.set_text(7, attempt.message);
    return row;
}

study::Attempt attempt_of(Row const& row) {
    return {row.unsigned_integer(0),
            row.integer(1),
            row.integer(2),
            row.text(3),
            row.real(4),
            row.real(5),
            row.text(6),
            row.text(7)};
}

Row cost_row(h5::RecordType const& type, study::MeasuredCost const& cost) {
    Row row(type);
    row.set_text(0, cost.cost_key);
    row.set_real(1, cost.expected_seconds);
    row.set_real(2, cost.measured_seconds);
    return row;
}

study::MeasuredCost cost_of(Row const& row) {
    return {row.text(0), row.real(1), row.real(2)};
}

}  // namespace vaster::store
