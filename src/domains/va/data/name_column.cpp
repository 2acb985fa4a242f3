#include "domains/va/data/name_column.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

/// Names by their text in small letters; the most frequent first, of equals the first in the file.
template <class Name>
std::map<std::string, std::vector<Name>> alike_in_case(std::vector<Name> names) {
    std::map<std::string, std::vector<Name>> alike;
    for (auto& name : names) alike[folded(name.text)].push_back(std::move(name));
    for (auto& [small, same] : alike)
        std::stable_sort(same.begin(), same.end(), [](Name const& a, Name const& b) {
            return a.n_rows != b.n_rows ? a.n_rows > b.n_rows : a.first_line < b.first_line;
        });
    return alike;
}

/// The names that differ in case only, with their rows; empty: there are none.
template <class Name>
std::string conflicts_in(std::map<std::string, std::vector<Name>> const& alike) {
    std::vector<std::string> conflicts;
    for (auto const& [small, names] : alike) {
        if (names.size() == 1) continue;
        std::vector<std::string> texts;
        for (auto const& name : names)
            texts.push_back(
                fmt::format("'{}' ({}, first on line {})", name.text, grouped(name.n_rows), name.first_line));
        conflicts.push_back(fmt::format("{}", fmt::join(texts, ", ")));
    }
    constexpr std::size_t n_shown = 5;
    if (conflicts.size() > n_shown) {
        std::size_t const n_more = conflicts.size() - n_shown;
        conflicts.resize(n_shown);
        conflicts.push_back(fmt::format("and {} more", n_more));
    }
    return fmt::format("{}", fmt::join(conflicts, "; "));
}

}  // namespace

std::vector<std::string> const& case_rule_names() {
    static std::vector<std::string> const names = {"refuse", "fold"};
    return names;
}

std::uint32_t NameColumn::spelling_of(std::string_view cell) {
    auto const found = numbers_.find(cell);
    if (found != numbers_.end()) return found->second;
    auto const number = static_cast<std::uint32_t>(spellings_.size());
    numbers_.emplace(cell, number);
    Spelling spelling{std::string(cell), tidied(cell)};
    spelling.is_nothing = words_.contains(spelling.tidy);
    spellings_.push_back(std::move(spelling));
    return number;
}

void NameColumn::keep(std::uint32_t spelling, std::uint64_t line) {
    Spelling& kept = spellings_[spelling];
    if (kept.n_kept++ == 0) kept.first_line = line;
}

std::vector<NameColumn::Name> NameColumn::names_kept() const {
    std::vector<Name> names;
    std::map<std::string_view, std::size_t> places;
    for (auto const& spelling : spellings_) {
        if (spelling.n_kept == 0) continue;
        auto const [place, is_new] = places.emplace(spelling.tidy, names.size());
        if (is_new) names.push_back({spelling.tidy, 0, spelling.first_line});
        Name& name = names[place->second];
        name.n_rows += spelling.n_kept;
        name.first_line = std::min(name.first_line, spelling.first_line);
    }
    return names;
}

/// Names go into files and pictures that cannot hold such characters, and nobody would see them in a name.
void NameColumn::refuse_controls(std::string_view path, std::string_view column) const {
    for (auto const& name : names_kept())
        require<DataError>(
            !has_control(name.text),
            "{}: line {}, column '{}': {} has a control character, which no name may have; take it "
            "out of the file ({} row{}; \\x1A at the end of a file is an old mark of its end)",
            path, name.first_line, column, va::quoted(name.text), grouped(name.n_rows),
            name.n_rows == 1 ? "" : "s");
}

Names NameColumn::finish(CaseRule rule, std::string_view path, std::string_view column,
                         std::string_view key) const {
    refuse_controls(path, column);
    auto const alike = alike_in_case(names_kept());
    std::string const conflicts = conflicts_in(alike);
    require<DataError>(
        conflicts.empty() || rule == CaseRule::fold,
        "{}: column '{}': {} that differ in small and capital letters only: {}; {} = \"fold\" takes "
        "the most frequent spelling of each",
        path, column, what_, conflicts, key);
    auto const name_of = [&](Spelling const& spelling) {
        return rule == CaseRule::fold ? alike.at(folded(spelling.tidy)).front().text : spelling.tidy;
    };
    std::map<std::string, std::uint32_t> positions;
    for (auto const& spelling : spellings_)
        if (spelling.n_kept > 0) positions.emplace(name_of(spelling), 0);
    Names result;
    for (auto& [name, position] : positions) {
        position = static_cast<std::uint32_t>(result.names.size());
        result.names.push_back(name);
    }
    std::vector<CountedText> untidy;
    for (auto const& spelling : spellings_) {
        result.of_spelling.push_back(spelling.n_kept > 0 ? positions.at(name_of(spelling)) : 0);
        if (spelling.n_kept == 0) continue;
        result.changed |= spelling.text != name_of(spelling);
        if (spelling.text != spelling.tidy) untidy.push_back({spelling.text, spelling.n_kept});
    }
    if (!conflicts.empty())
        result.notes.push_back(fmt::format("{}: column '{}': {} taken for the same, the first of each: {}",
                                           path, column, what_, conflicts));
    if (!untidy.empty())
        result.notes.push_back(
            fmt::format("{}: column '{}': blanks at the ends, and runs of blanks, do not count: {}", path,
                        column, listed(untidy)));
    return result;
}

}  // namespace vaster::va
