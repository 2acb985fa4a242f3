#include "vaster/study/label.hpp"

#include <algorithm>
#include <variant>

#include <fmt/core.h>

namespace vaster::study {

Labels::Labels(Schema const& schema) {
    auto const list = std::find_if(schema.labels.begin(), schema.labels.end(),
                                   [](LabelList const& one) { return one.name == label_columns; });
    for (std::size_t i = 0; i < schema.design.size(); ++i) {
        bool const belongs =
            list == schema.labels.end() ||
            std::find(list->labels.begin(), list->labels.end(), schema.design[i].name) != list->labels.end();
        if (belongs) columns_.push_back(i);
    }
}

std::string Labels::of(Cells const& design) const {
    std::string label;
    for (auto const column : columns_) {
        if (column >= design.size()) break;
        auto const text =
            std::visit([](auto const& value) { return fmt::format("{}", value); }, design[column]);
        if (!text.empty() && !label.empty()) label += ' ';
        label += text;
    }
    return label;
}

}  // namespace vaster::study
