// Several studies as one grid.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <fmt/core.h>

#include "domains/va/report/comparison_deaths.hpp"
#include "domains/va/report/comparison_grid.hpp"
#include "domains/va/report/words.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using Names = std::vector<std::string>;

/// A study with its own grid.
struct Source {
    NamedStudy named;
    Grid grid;
};

bool same(Asked const& a, Asked const& b) {
    return a.type == b.type && a.fraction == b.fraction;
}

Question const* find(Grid const& grid, Asked const& asked) {
    for (auto const& question : grid.questions)
        if (same(question.asked, asked)) return &question;
    return nullptr;
}

/// The deaths that were tested at a place; nothing where no model has a result there.
std::optional<TestedRows> tested_at(Question const& question, std::size_t place) {
    for (std::size_t model = 0; model < question.tried.size(); ++model)
        if (question.tried[model][place].row)
            return read_tested_rows(*question.studies[model], *question.tried[model][place].row);
    return std::nullopt;
}

std::optional<std::size_t> position_of(Question const& question, TestedPlace const& place) {
    auto const found = std::lower_bound(question.places.begin(), question.places.end(), place);
    if (found == question.places.end() || *found != place) return std::nullopt;
    return static_cast<std::size_t>(found - question.places.begin());
}

/// What became of the places of one question.
struct Counts {
    std::size_t common = 0, elsewhere = 0, unfinished = 0, other_deaths = 0;
};

/// Where the place is in each study's question; nothing unless all tested the same deaths there.
std::optional<std::vector<std::size_t>> matched(std::vector<Question const*> const& questions,
                                                TestedPlace const& place, Counts& counts) {
    std::vector<std::size_t> positions;
    std::optional<TestedRows> first;
    for (auto const* question : questions) {
        auto const position = position_of(*question, place);
        if (!position) {
            ++counts.elsewhere;
            return std::nullopt;
        }
        auto tested = tested_at(*question, *position);
        if (!tested) {
            ++counts.unfinished;
            return std::nullopt;
        }
        if (first && *first != *tested) {
            ++counts.other_deaths;
            return std::nullopt;
        }
        first = std::move(tested);
        positions.push_back(*position);
    }
    ++counts.common;
    return positions;
}

/// Why places of a question are left out; empty when none is.
std::string left_out(Asked const& asked, Counts const& counts) {
    Names reasons;
    if (counts.elsewhere > 0) reasons.push_back(fmt::format("{} not in every study", counts.elsewhere));
    if (counts.unfinished > 0)
        reasons.push_back(fmt::format("{} without a result in some study", counts.unfinished));
    if (counts.other_deaths > 0)
        reasons.push_back(fmt::format("{} where the test deaths differ", counts.other_deaths));
    if (reasons.empty()) return "";
    std::size_t const all = counts.common + counts.elsewhere + counts.unfinished + counts.other_deaths;
    return fmt::format("{}: {} of {} of training site, test site and repeat can be compared; left out: {}.",
                       question_name(asked), counts.common, counted(all, "combination"), listed(reasons));
}

/// Appends the question as all studies have it; its places may be none.
void add_question(Grid& grid, std::vector<Source> const& sources, Asked const& asked, Names& reasons) {
    std::vector<Question const*> questions;
    Names without;
    for (auto const& source : sources) {
        auto const* question = find(source.grid, asked);
        if (question == nullptr)
            without.push_back(source.named.name);
        else
            questions.push_back(question);
    }
    if (!without.empty()) {
        reasons.push_back(fmt::format("{}: not in {}.", question_name(asked), listed(without)));
        return;
    }
    Question merged{asked, {}, {}, {}, {}};
    merged.tried.resize(grid.models.size());
    for (std::size_t s = 0; s < sources.size(); ++s)
        merged.studies.insert(merged.studies.end(), sources[s].grid.models.size(), sources[s].named.study);
    Counts counts;
    for (auto const& place : questions.front()->places) {
        auto const positions = matched(questions, place, counts);
        if (!positions) continue;
        merged.places.push_back(place);
        merged.sites.push_back(questions.front()->sites[positions->front()]);
        std::size_t model = 0;
        for (std::size_t s = 0; s < questions.size(); ++s)
            for (auto const& of_model : questions[s]->tried)
                merged.tried[model++].push_back(of_model[(*positions)[s]]);
    }
    if (auto reason = left_out(asked, counts); !reason.empty()) reasons.push_back(std::move(reason));
    if (!merged.places.empty()) grid.questions.push_back(std::move(merged));
}

bool has(Grid const& grid, std::string const& model) {
    return std::find(grid.models.begin(), grid.models.end(), model) != grid.models.end();
}

/// Is this model of one study compared with that of another?
bool is_pair(Grid const& one, std::string const& model, Grid const& other, std::string const& other_model) {
    if (model == other_model) return true;
    return !has(other, model) && !has(one, other_model);
}

void add_pairs(Grid& grid, std::vector<Source> const& sources) {
    std::size_t first_of_one = 0;
    for (std::size_t i = 0; i < sources.size(); first_of_one += sources[i++].grid.models.size()) {
        std::size_t first_of_other = first_of_one + sources[i].grid.models.size();
        for (std::size_t j = i + 1; j < sources.size(); first_of_other += sources[j++].grid.models.size()) {
            auto const& one = sources[i].grid;
            auto const& other = sources[j].grid;
            for (std::size_t a = 0; a < one.models.size(); ++a)
                for (std::size_t b = 0; b < other.models.size(); ++b)
                    if (is_pair(one, one.models[a], other, other.models[b]))
                        grid.pairs.emplace_back(first_of_one + a, first_of_other + b);
        }
    }
}

// ---- in what the studies differ

/// Settings by "table.key", as the configuration of a study file has them, without what only says how and
/// where it was run.
std::map<std::string, std::string> settings_of(store::Reader const& study) {
    std::map<std::string, std::string> settings;
    std::istringstream lines(study.header().config);
    std::string table;
    for (std::string line; std::getline(lines, line);) {
        auto const equals = line.find(" = ");
        if (line.starts_with("[")) table = line.substr(1, line.find(']') - 1);
        if (line.starts_with("[") || line.starts_with("#") || equals == std::string::npos) continue;
        auto const key = table + "." + line.substr(0, equals);
        if (table != "run" && table != "alerts" && key != "study.name" && key != "study.output" &&
            key != "data.path" && key != "design.bootstrap")
            settings[key] = line.substr(equals + 3);
    }
    return settings;
}

/// "data.missing: absent in a, nan in b".
void add_setting_notes(Names& notes, std::vector<Source> const& sources) {
    std::vector<std::map<std::string, std::string>> settings;
    std::set<std::string> keys;
    for (auto const& source : sources) {
        settings.push_back(settings_of(*source.named.study));
        for (auto const& [key, value] : settings.back()) keys.insert(key);
    }
    for (auto const& key : keys) {
        Names texts;
        std::set<std::string> different;
        for (std::size_t s = 0; s < sources.size(); ++s) {
            auto const found = settings[s].find(key);
            bool const is_set =
                found != settings[s].end() && found->second != "\"\"" && found->second != "[]";
            auto const value = is_set ? found->second : std::string("not set");
            different.insert(value);
            texts.push_back(fmt::format("{} in {}", value, sources[s].named.name));
        }
        if (different.size() > 1)
            notes.push_back(fmt::format("The studies differ in {}: {}.", key, listed(texts)));
    }
}

/// How it is known that the deaths are the same.
std::string pairing_note(std::vector<Source> const& sources) {
    auto const& hash = sources.front().named.study->header().data_hash;
    bool const one_table = std::all_of(sources.begin(), sources.end(), [&](Source const& source) {
        return source.named.study->header().data_hash == hash;
    });
    return one_table
               ? "The studies read the same data (their data hashes are equal) and are compared on the same "
                 "rows of them."
               : "The studies read different data (their data hashes differ). Deaths are taken for the same "
                 "where the numbers of their rows and their true causes agree for a whole test part.";
}

Names reasons_of(std::vector<Source> const& sources, Names reasons) {
    auto const& first = sources.front().named.study->header().data_hash;
    for (auto const& source : sources)
        if (source.named.study->header().data_hash != first) {
            reasons.push_back("The studies read different data: their data hashes differ.");
            break;
        }
    return reasons;
}

}  // namespace

Grid read_grid(std::vector<NamedStudy> const& studies) {
    VASTER_EXPECTS(studies.size() > 1);
    std::vector<Source> sources;
    Grid grid;
    for (auto const& named : studies) {
        auto const& source = sources.emplace_back(Source{named, read_grid(*named.study)});
        for (auto const& model : source.grid.models) grid.models.push_back(named.name + ": " + model);
        grid.holes.add_all(source.grid.holes, [&](Hole hole) {
            hole.model = fmt::format("{}: {}", named.name, hole.model);
            return hole;
        });
    }
    Names reasons;
    std::vector<Asked> asked;
    for (auto const& source : sources)
        for (auto const& question : source.grid.questions)
            if (std::none_of(asked.begin(), asked.end(),
                             [&](Asked const& a) { return same(a, question.asked); }))
                asked.push_back(question.asked);
    for (auto const& each : asked) add_question(grid, sources, each, reasons);
    if (grid.questions.empty()) {
        std::string text;
        add_setting_notes(reasons, sources);
        for (auto const& reason : reasons_of(sources, reasons)) text += "\n  " + reason;
        Names names;
        names.reserve(studies.size());
        for (auto const& named : studies) names.push_back(named.name);
        throw UsageError(
            fmt::format("{} have nothing in common that could be compared:{}", listed(names), text));
    }
    add_pairs(grid, sources);
    grid.notes.push_back(pairing_note(sources));
    grid.notes.insert(grid.notes.end(), reasons.begin(), reasons.end());
    add_setting_notes(grid.notes, sources);
    return grid;
}

}  // namespace vaster::va
