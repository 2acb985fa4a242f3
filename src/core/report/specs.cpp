// The report for programs: specifications of figures, and report.json.
#include <cctype>
#include <set>
#include <sstream>

#include <fmt/core.h>

#include "core/report/files_of_report.hpp"
#include "core/report/json_text.hpp"

namespace vaster::report {
namespace {

std::string csv_of(Table const& table) {
    std::ostringstream out;
    write_csv(out, table);
    return std::move(out).str();
}

/// Nothing in it can end a script or begin a comment.
std::string for_script(std::string const& json) {
    std::string text;
    text.reserve(json.size());
    for (char const c : json) {
        if (c == '<')
            text += "\\u003c";
        else
            text += c;
    }
    return text;
}

Json rows_of(Table const& table) {
    Json rows = Json::array();
    for (auto const& cells : table.rows) {
        Json row = Json::array();
        for (auto const& cell : cells) row.push_back(json_of(cell));
        rows.push_back(std::move(row));
    }
    return rows;
}

Json about(Section const& section, std::string const& prefix) {
    Json figures = Json::array();
    for (auto const& figure : section.figures)
        figures.push_back(
            {{"name", prefix + figure.name}, {"title", figure.title}, {"table", prefix + figure.table}});
    return {{"name", section.name}, {"title", section.title}, {"text", section.text}, {"figures", figures}};
}

Json about(Chapter const& chapter, std::string const& prefix) {
    Json facts = Json::object();
    for (auto const& fact : chapter.facts) facts[fact.name] = json_of(fact.value);
    Json verdict = Json::array();
    for (auto const& block : chapter.verdict)
        verdict.push_back({{"title", block.title}, {"sentences", block.lines}});
    Json sections = Json::array();
    for (auto const& section : chapter.sections) sections.push_back(about(section, prefix));
    Json tables = Json::object();
    for (auto const& table : chapter.tables)
        tables[prefix + table.name] = {
            {"doc", table.doc}, {"columns", table.columns}, {"rows", rows_of(table)}};
    return {{"title", chapter.title}, {"facts", facts},       {"notes", chapter.notes},
            {"verdict", verdict},     {"sections", sections}, {"tables", tables}};
}

}  // namespace

std::string file_name(std::string_view text) {
    std::string name;
    for (char const c : text) {
        bool const plain =
            std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
        name += plain ? c : '_';
    }
    return name;
}

std::vector<std::string> prefixes_of(std::vector<Chapter> const& chapters) {
    if (chapters.size() == 1) return {""};
    std::vector<std::string> prefixes;
    std::set<std::string> taken;
    for (auto const& chapter : chapters) {
        std::string const name = file_name(chapter.name);
        std::string one = name;
        for (std::size_t n = 2; !taken.insert(one).second; ++n) one = fmt::format("{}-{}", name, n);
        prefixes.push_back(one + "-");
    }
    return prefixes;
}

std::string standalone_spec(Figure const& figure, std::string const& prefix) {
    Json spec = Json::parse(figure.spec);
    spec["data"]["url"] = "../tables/" + prefix + figure.table + ".csv";
    Json& title = spec["title"];  // one that follows what is chosen is there already
    if (!title.contains("text")) title["text"] = figure.title;
    if (!figure.subtitle.empty()) title["subtitle"] = figure.subtitle;
    title["anchor"] = "start";
    spec["config"] = Json::parse(theme_json()).at("light");
    spec["config"]["background"] = "white";
    return spec.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string page_data(std::vector<Chapter> const& chapters) {
    auto const prefixes = prefixes_of(chapters);
    Json figures = Json::object();
    Json tables = Json::object();
    for (std::size_t i = 0; i < chapters.size(); ++i) {
        std::set<std::string> used;
        for (auto const& section : chapters[i].sections)
            for (auto const& figure : section.figures) {
                used.insert(figure.table);
                figures[file_name(prefixes[i] + figure.name)] = {{"table", prefixes[i] + figure.table},
                                                                 {"spec", Json::parse(figure.spec)}};
            }
        for (auto const& table : chapters[i].tables)
            if (used.contains(table.name)) tables[prefixes[i] + table.name] = csv_of(table);
    }
    return for_script(dump({{"theme", Json::parse(theme_json())}, {"figures", figures}, {"tables", tables}}));
}

std::string report_json(std::vector<Chapter> const& chapters, std::vector<std::string> const& notes,
                        Pictures pictures) {
    auto const prefixes = prefixes_of(chapters);
    Json studies = Json::array();
    for (std::size_t i = 0; i < chapters.size(); ++i) studies.push_back(about(chapters[i], prefixes[i]));
    Json formats = Json::array();
    if (pictures != Pictures::none) formats.push_back("svg");
    if (pictures == Pictures::svg_and_png) formats.push_back("png");
    return dump({{"filetype", "vaster-report"},
                 {"format_version", 1},
                 {"notes", notes},
                 {"pictures", formats},
                 {"studies", studies}}) +
           "\n";
}

}  // namespace vaster::report
