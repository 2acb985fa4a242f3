#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <span>

#include "core/report/elements.hpp"
#include "core/report/export.hpp"
#include "core/report/row_columns.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::report {
namespace {

/// Shows one field of an element.
struct FieldText {
    study::ElementType type;
    std::size_t offset;
    std::vector<std::string> const* labels;  ///< nothing: a plain number

    [[nodiscard]] std::string operator()(std::span<std::uint8_t const> element) const {
        auto const number = number_of(type, element.subspan(offset));
        auto const* position = std::get_if<std::int64_t>(&number);
        if (labels == nullptr || position == nullptr) return store::cell_text(number);
        bool const exists = *position >= 0 && static_cast<std::size_t>(*position) < labels->size();
        return exists ? (*labels)[static_cast<std::size_t>(*position)] : "";
    }
};

std::vector<FieldText> field_texts(study::Schema const& schema, study::ArraySpec const& spec) {
    std::vector<FieldText> texts;
    std::size_t offset = 0;
    for (auto const& field : spec.fields) {
        auto const list =
            std::find_if(schema.labels.begin(), schema.labels.end(),
                         [&](study::LabelList const& labels) { return labels.name == field.labels; });
        texts.push_back({field.type, offset, list == schema.labels.end() ? nullptr : &list->labels});
        offset += study::size_of(field.type);
    }
    return texts;
}

/// Is there nothing in the element, by its first field?
bool is_spare(FieldText const& first, std::span<std::uint8_t const> element) {
    auto const number = number_of(first.type, element.subspan(first.offset));
    auto const* const whole = std::get_if<std::int64_t>(&number);
    return whole != nullptr ? *whole == -1 : std::isnan(std::get<double>(number));
}

/// A first field that points into the list of this name says what an element is about.
constexpr std::string_view list_of_ids = "ids";

}  // namespace

void export_array(std::ostream& out, store::Reader const& study, std::string_view array) {
    auto const& schema = study.schema();
    auto const position = find_table(schema, array);
    auto const& spec = schema.arrays[position];
    auto const texts = field_texts(schema, spec);
    auto const identity = identity_columns(schema);
    // The name of what an element is about comes first in its line.
    std::size_t const n_leading = spec.fields.front().labels == list_of_ids ? 1 : 0;
    std::vector<std::string> line;
    line.reserve(identity.size() + spec.fields.size());
    for (std::size_t k = 0; k < n_leading; ++k) line.push_back(spec.fields[k].name);
    for (auto const& column : identity) line.push_back(column.name);
    for (std::size_t k = n_leading; k < spec.fields.size(); ++k) line.push_back(spec.fields[k].name);
    out << csv_line(line) << '\n';
    auto const stride = study::element_bytes(spec);
    std::vector<std::string> of_row;
    for (std::size_t row = 0; row < study.size(); ++row) {
        if (!study.done(row)) continue;
        of_row.clear();
        for (auto const& column : identity) of_row.push_back(store::cell_text(*cell_of(study, row, column)));
        auto const arrays = study.arrays(row);
        std::span<std::uint8_t const> const elements(arrays[position]);
        for (std::size_t at = 0; at < elements.size(); at += stride) {
            auto const element = elements.subspan(at, stride);
            if (spec.extent == study::Extent::fixed && is_spare(texts.front(), element)) continue;
            line.clear();
            for (std::size_t k = 0; k < n_leading; ++k) line.push_back(texts[k](element));
            line.insert(line.end(), of_row.begin(), of_row.end());
            for (std::size_t k = n_leading; k < texts.size(); ++k) line.push_back(texts[k](element));
            out << csv_line(line) << '\n';
        }
    }
}

}  // namespace vaster::report
