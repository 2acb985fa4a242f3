#include "domains/service/jobs/foreach.hpp"

#include <utility>

#include "domains/service/tables/table_reader.hpp"

namespace vaster::service {

std::vector<Placeholders> product_of(std::vector<ForeachList> const& lists) {
    std::vector<Placeholders> choices{{}};
    for (auto const& list : lists) {
        std::vector<Placeholders> longer;
        longer.reserve(choices.size() * list.values.size());
        for (auto const& choice : choices)
            for (auto const& value : list.values) {
                auto& next = longer.emplace_back(choice);
                next[list.name] = value;
            }
        choices = std::move(longer);
    }
    return choices;
}

std::vector<Placeholders> rows_of(std::filesystem::path const& table) {
    TableReader reader(table);
    std::vector<Placeholders> choices;
    while (reader.next()) {
        auto& choice = choices.emplace_back();
        for (std::size_t i = 0; i < reader.header().size(); ++i)
            choice[reader.header()[i]] = std::string(reader.cells()[i]);
    }
    return choices;
}

}  // namespace vaster::service
