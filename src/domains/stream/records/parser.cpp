#include "domains/stream/records/parser.hpp"

#include <utility>

#include "domains/stream/records/forms.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::stream {

std::vector<std::string> const& format_names() {
    static std::vector<std::string> const names{"senml", "rfc8428", "csv", "values", "pairs", "xml"};
    return names;
}

std::unique_ptr<RecordParser> make_parser(InputFormat format, Layout const& layout, CsvSchema const* schema) {
    switch (format) {
        case InputFormat::senml:
            return make_senml_parser(layout);
        case InputFormat::rfc8428:
            return make_rfc8428_parser(layout);
        case InputFormat::csv:
            // Files without a line have no header either, and no record that would need it.
            return schema != nullptr ? make_csv_parser(layout, *schema) : make_values_parser(layout);
        case InputFormat::values:
            return make_values_parser(layout);
        case InputFormat::pairs:
            return make_pairs_parser(layout);
        case InputFormat::xml:
            break;
    }
    return make_document_parser(layout);
}

}  // namespace vaster::stream
