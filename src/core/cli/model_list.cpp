// vaster model list, vaster model search: which models there are.
#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/support/byte_text.hpp"
#include "core/cli/document_output.hpp"
#include "core/cli/model_commands.hpp"
#include "core/registry/filter.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    std::string name;
    std::string text;
    std::string filter;
    std::string sort;
    bool all = false;
    RegistryFlag registry;
    DocumentFlags document;
};

/// A version with what filters and tables see of it.
struct Listed {
    registry::Row row;
    std::string aliases;
    std::uint64_t n_bytes = 0;
    std::string file_hash;
};

std::vector<Listed> listed(registry::Registry const& registry, Flags const& flags) {
    auto const states =
        flags.name.empty() ? registry.states() : std::vector<registry::State>{registry.state(flags.name)};
    std::vector<Listed> all;
    for (auto const& state : states) {
        for (auto const& version : state.versions) {
            if (version.status == registry::Status::trashed && !flags.all) continue;
            all.push_back({registry::row_of(state, version),
                           fmt::format("{}", fmt::join(state.aliases_of(version.number), " ")),
                           version.kept.n_bytes, version.kept.file_hash});
        }
    }
    return all;
}

void keep_filtered(std::vector<Listed>& all, std::string const& text) {
    if (text.empty()) return;
    registry::Filter const filter(text);
    std::vector<registry::Row> rows;
    rows.reserve(all.size());
    for (auto const& each : all) rows.push_back(each.row);
    filter.require_keys(rows);
    std::erase_if(all, [&](auto const& each) { return !filter.holds(each.row); });
}

std::string text_of(registry::Row const& row, std::string const& key) {
    auto const place = row.find(key);
    return place == row.end() ? "" : value_text(place->second.front());
}

/// Does any key or value of it have the text in it, capital letters or not?
bool mentions(registry::Row const& row, std::string const& text) {
    auto const small = [](std::string letters) {
        std::transform(letters.begin(), letters.end(), letters.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        return letters;
    };
    auto const wanted = small(text);
    return std::any_of(row.begin(), row.end(), [&](auto const& entry) {
        return std::any_of(entry.second.begin(), entry.second.end(), [&](auto const& value) {
            return small(value_text(value)).find(wanted) != std::string::npos;
        });
    });
}

/// Versions without the key come last.
void sort_by(std::vector<Listed>& all, std::string const& key) {
    if (key.empty()) return;
    bool const known =
        std::any_of(all.begin(), all.end(), [&](auto const& each) { return each.row.contains(key); });
    require<UsageError>(known || all.empty(), "--sort {}: no version has that key", legible(key));
    std::stable_sort(all.begin(), all.end(), [&](auto const& a, auto const& b) {
        auto const one = a.row.find(key);
        auto const other = b.row.find(key);
        if (one == a.row.end() || other == b.row.end()) return one != a.row.end() && other == b.row.end();
        return one->second.front() < other->second.front();
    });
}

TextTable table_of(Program const& program, std::vector<Listed> const& all,
                   registry::Registry const& registry) {
    std::vector<std::string> facts;
    for (auto const& domain : program.domains)
        facts.insert(facts.end(), domain.models.listed.begin(), domain.models.listed.end());
    TextTable table;
    table.title = fmt::format("Models in {}", registry.folder().string());
    table.header = {"name", "version", "status", "aliases"};
    table.header.insert(table.header.end(), facts.begin(), facts.end());
    table.header.insert(table.header.end(), {"created", "author", "content"});
    for (auto const& each : all) {
        std::vector<std::string> cells{text_of(each.row, "name"), text_of(each.row, "version"),
                                       text_of(each.row, "status"), each.aliases};
        cells.reserve(table.header.size());
        for (auto const& fact : facts) cells.push_back(text_of(each.row, fact));
        cells.push_back(text_of(each.row, "created"));
        cells.push_back(text_of(each.row, "author"));
        cells.push_back(text_of(each.row, "content").substr(0, archive::digits_of_short_id));
        table.rows.push_back(std::move(cells));
    }
    if (all.empty()) table.notes.emplace_back("There is none.");
    return table;
}

report::Document document_of(std::vector<Listed> const& all, registry::Registry const& registry) {
    std::vector<std::string> columns{"name", "version", "status", "created", "author", "content"};
    std::set<std::string> others;
    for (auto const& each : all)
        for (auto const& [key, values] : each.row)
            if (key != "alias" && std::find(columns.begin(), columns.end(), key) == columns.end())
                others.insert(key);
    columns.insert(columns.end(), others.begin(), others.end());
    report::Table table{"models", "a version", columns, {}};
    table.columns.insert(table.columns.end(), {"aliases", "bytes", "file"});
    for (auto const& each : all) {
        study::Cells cells;
        for (auto const& key : columns) {
            auto const place = each.row.find(key);
            cells.push_back(place == each.row.end() ? study::Cell(std::string())
                                                    : cell_of(place->second.front()));
        }
        cells.emplace_back(each.aliases);
        cells.emplace_back(static_cast<std::int64_t>(each.n_bytes));
        cells.emplace_back(each.file_hash);
        table.rows.push_back(std::move(cells));
    }
    return {{{"registry", registry.folder().string()}}, {}, {std::move(table)}};
}

ExitCode list(Program const& program, Flags const& flags) {
    auto const registry = flags.registry.open();
    auto all = listed(registry, flags);
    keep_filtered(all, flags.filter);
    if (!flags.text.empty())
        std::erase_if(all, [&](auto const& each) { return !mentions(each.row, flags.text); });
    sort_by(all, flags.sort);
    flags.document.write(document_of(all, registry), {table_of(program, all, registry)});
    return ExitCode::success;
}

void declare(Command& command, Program& program, std::shared_ptr<Flags> const& flags) {
    command.add_option("--sort", flags->sort, "a key, such as created or metrics.NAME; smallest first")
        ->option_text("KEY");
    command.add_flag("--all", flags->all, "also what is in the trash");
    flags->document.add_to(command, "models");
    flags->registry.add_to(command);
    command.callback([flags, &program] {
        program.action = [flags, &program](Invocation) { return list(program, *flags); };
    });
}

}  // namespace

void add_model_list(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = model.add_subcommand("list", "Which models there are");
    command->add_option("name", flags->name, "versions of one model; else of all")->option_text("NAME");
    command->add_option("--filter", flags->filter, "only versions for which this holds, see below")
        ->option_text("EXPRESSION");
    command->footer(
        "A filter compares keys: metrics.NAME >= 0.45 and tags.NAME = \"a b\" and not status = deprecated.\n"
        "Operators: = != < <= > >= ~ (text with * and ?), KEY in (a, b), and, or, not, parentheses.");
    declare(*command, program, flags);
}

void add_model_search(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = model.add_subcommand("search", "Which models mention a text, anywhere");
    command->add_option("text", flags->text, "what to look for; capital letters make no difference")
        ->required()
        ->option_text("TEXT");
    declare(*command, program, flags);
}

}  // namespace vaster::cli
