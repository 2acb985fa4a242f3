#include <fmt/format.h>

#include "domains/stream/records/csv_schema.hpp"
#include "domains/stream/records/forms.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

class CsvParser final : public RecordParser {
  public:
    CsvParser(Layout const& layout, CsvSchema const& schema)
        : schema_(schema),
          time_(place_of_needed(CsvSchema::time_column)),
          sensor_(place_of_needed(layout.sensor)),
          values_(layout.fields.size()) {
        places_.reserve(layout.fields.size());
        for (auto const& field : layout.fields) places_.push_back(schema.place_of(field));
    }

    std::optional<Fault> parse(std::string_view line, Record& record) override {
        if (!cells_.split(line) || cells_.cells().size() != schema_.columns.size()) return Fault::bad_line;
        auto const& cells = cells_.cells();
        auto const time = milliseconds_of(cells[time_]);
        if (!time) return Fault::bad_time;
        if (value_of(cells[sensor_]).presence != Presence::present) return Fault::no_sensor;
        for (std::size_t i = 0; i < places_.size(); ++i)
            values_[i] = places_[i] < cells.size() ? value_of(cells[places_[i]]) : FieldValue{};
        record.time = *time;
        record.line = line;
        record.sensor = cells[sensor_];
        record.fields = values_;
        return std::nullopt;
    }

    std::vector<std::string> names(std::string_view /*line*/) override {
        std::vector<std::string> names;
        names.reserve(schema_.columns.size());
        for (auto const& column : schema_.columns) names.push_back(column.name);
        return names;
    }

  private:
    [[nodiscard]] std::size_t place_of_needed(std::string_view name) const {
        auto const place = schema_.place_of(name);
        if (place < schema_.columns.size()) return place;
        std::string names;
        for (auto const& column : schema_.columns)
            names.append(names.empty() ? "" : ", ").append(column.name);
        throw DataError(fmt::format("the CSV input has no column '{}'; it has: {}", name, names));
    }

    CsvSchema schema_;
    CsvCells cells_;
    std::size_t time_;
    std::size_t sensor_;
    std::vector<std::size_t> places_;  ///< of the layout's fields; one too large: there is no such column
    std::vector<FieldValue> values_;
};

}  // namespace

std::unique_ptr<RecordParser> make_csv_parser(Layout const& layout, CsvSchema const& schema) {
    return std::make_unique<CsvParser>(layout, schema);
}

}  // namespace vaster::stream
