// The report as one HTML page.
#include <algorithm>
#include <cctype>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "core/report/files_of_report.hpp"

namespace vaster::report {
namespace {

/// The text as UTF-8 with what means something in HTML escaped.
std::string html(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (char const c : legible(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// A library as it goes into a script element: without the address of a map that is not there.
std::string_view script_of(std::string_view library) {
    return library.substr(0, library.rfind("//# sourceMappingURL"));
}

std::string paragraphs(std::vector<std::string> const& texts, std::string_view look) {
    std::string out;
    for (auto const& text : texts) out += fmt::format("<p{}>{}</p>\n", look, html(text));
    return out;
}

/// Is it a number, an interval, a count "5/6", or nothing?
bool is_numeric(std::string_view cell) {
    return std::none_of(cell.begin(), cell.end(),
                        [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
}

/// Columns in which every cell is a number; never the first, which names the row.
std::vector<bool> numeric_columns(TextTable const& table) {
    std::vector<bool> numeric(table.header.size(), true);
    numeric.front() = false;
    for (auto const& row : table.rows)
        for (std::size_t i = 0; i < std::min(row.size(), numeric.size()); ++i)
            if (!is_numeric(row[i])) numeric[i] = false;
    return numeric;
}

std::string table_html(TextTable const& table) {
    if (table.header.empty())
        return paragraphs({table.title}, "") + paragraphs(table.notes, " class=\"soft\"");
    auto const numeric = numeric_columns(table);
    bool const named =
        std::any_of(table.header.begin(), table.header.end(), [](auto const& name) { return !name.empty(); });
    std::string out = fmt::format("<div class=\"wide\"><table{}>\n", named ? "" : " class=\"facts\"");
    if (!table.title.empty()) out += fmt::format("<caption>{}</caption>\n", html(table.title));
    if (named) {
        out += "<thead><tr>";
        for (std::size_t i = 0; i < table.header.size(); ++i)
            out += fmt::format("<th{}>{}</th>", numeric[i] ? " class=n" : "", html(table.header[i]));
        out += "</tr></thead>\n";
    }
    for (auto const& row : table.rows) {
        out += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i)
            out += fmt::format("<td{}>{}", numeric.at(i) ? " class=n" : "", html(row[i]));
        out += "\n";
    }
    return out + "</table></div>\n" + paragraphs(table.notes, " class=\"soft\"");
}

/// What is drawn by the script, and what can be taken from it.
std::string figure_html(Figure const& figure, std::string const& prefix, Pictures pictures) {
    std::string const id = file_name(prefix + figure.name);
    std::string const table = prefix + figure.table;
    std::string links = fmt::format(
        "<a href=\"tables/{0}.csv\" download=\"{0}.csv\" data-csv=\"{0}\">Data</a> "
        "<a href=\"figures/{1}.vl.json\" download=\"{1}.vl.json\" data-spec=\"{1}\">Spec</a>",
        table, id);
    if (pictures != Pictures::none) links += fmt::format(" <a href=\"figures/{}.svg\">SVG</a>", id);
    if (pictures == Pictures::svg_and_png) links += fmt::format(" <a href=\"figures/{}.png\">PNG</a>", id);
    return fmt::format(
        "<figure id=\"{0}\"{3}><figcaption><b>{1}</b> <span class=\"links\">{2}</span>{4}</figcaption>\n"
        "<div class=\"plot\" data-figure=\"{0}\"></div></figure>\n",
        id, html(figure.title), links, figure.width == Width::third ? " class=\"third\"" : "",
        figure.subtitle.empty() ? "" : fmt::format("<span class=\"soft\">{}</span>", html(figure.subtitle)));
}

std::string section_html(Section const& section, std::string const& prefix, Pictures pictures) {
    std::string out = fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n", file_name(prefix + section.name),
                                  html(section.title));
    out += paragraphs(section.text, "");
    if (!section.figures.empty()) {
        out += fmt::format("<div class=\"figures{}\">\n", section.figures.size() == 1 ? " one" : "");
        for (auto const& figure : section.figures) out += figure_html(figure, prefix, pictures);
        out += "</div>\n";
    }
    bool const closable = !section.figures.empty() && !section.tables.empty();
    if (closable) out += "<details class=\"tables\" open><summary>The same as tables</summary>\n";
    for (auto const& table : section.tables) out += table_html(table);
    if (closable) out += "</details>\n";
    if (!section.listing.empty())
        out += fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n",
                           html(section.listing_title), html(section.listing));
    return out + "</section>\n";
}

/// "p = 0.03" that no line ends in.
std::string unbroken(std::string text) {
    for (auto const* relation : {" = ", " &lt; "})
        for (auto at = text.find(relation); at != std::string::npos; at = text.find(relation, at)) {
            std::string const sign(relation);
            text.replace(at, sign.size(), "&nbsp;" + sign.substr(1, sign.size() - 2) + "&nbsp;");
        }
    return text;
}

std::string verdict_html(std::vector<Block> const& verdict, std::string const& prefix) {
    if (verdict.empty()) return "";
    std::string out = fmt::format("<section id=\"{}\" class=\"verdict\">\n<h2>Verdict</h2>\n",
                                  file_name(prefix + "verdict"));
    for (auto const& block : verdict) {
        out += fmt::format("<h3>{}</h3>\n<ul>\n", html(block.title));
        for (auto const& line : block.lines) out += fmt::format("<li>{}</li>\n", unbroken(html(line)));
        out += "</ul>\n";
    }
    return out + "</section>\n";
}

std::string files_html(Chapter const& chapter, std::string const& prefix) {
    std::string out = "<ul class=\"files\">\n";
    auto const line = [&](std::string const& name, std::string const& doc) {
        out +=
            fmt::format("<li><a href=\"tables/{0}.csv\">{0}.csv</a> <span class=\"soft\">{1}</span></li>\n",
                        prefix + name, html(doc));
    };
    if (chapter.experiments) line("experiments", "one row per experiment, as vaster export gives it");
    for (auto const& table : chapter.tables) line(table.name, table.doc);
    return fmt::format(
        "<section id=\"{}files\">\n<h2>Files</h2>\n<p>Beside this page, in folder "
        "tables:</p>\n{}</ul>\n</section>\n",
        prefix, out);
}

std::string contents(std::vector<Chapter> const& chapters, std::vector<std::string> const& prefixes) {
    std::string out = "<nav aria-label=\"Contents\">\n";
    for (std::size_t i = 0; i < chapters.size(); ++i) {
        if (chapters.size() > 1) out += fmt::format("<b>{}</b>\n", html(chapters[i].title));
        if (!chapters[i].verdict.empty())
            out += fmt::format("<a href=\"#{}\">Verdict</a>\n", file_name(prefixes[i] + "verdict"));
        for (auto const& section : chapters[i].sections)
            out += fmt::format("<a href=\"#{}\">{}</a>\n", file_name(prefixes[i] + section.name),
                               html(section.title));
        out += fmt::format("<a href=\"#{}files\">Files</a>\n", prefixes[i]);
    }
    return out + "</nav>\n";
}

/// The titles of all studies; of a chapter that is about all of them together, its own.
std::string title_of(std::vector<Chapter> const& chapters) {
    if (chapters.size() > 1 && !chapters.front().experiments) return chapters.front().title;
    std::string title;
    for (auto const& chapter : chapters) title += (title.empty() ? "" : ", ") + chapter.title;
    return title;
}

/// No address but the page itself may be asked for anything.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: "
    "blob:";

std::string head(std::string const& title) {
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>{} - vaster report</title>\n<style>\n{}</style>\n"
        "<script>document.documentElement.className = \"js\";</script>\n</head>\n<body>\n",
        policy, html(title), report_css());
}

}  // namespace

std::string page_of(std::vector<Chapter> const& chapters, std::vector<std::string> const& notes,
                    Pictures pictures) {
    auto const prefixes = prefixes_of(chapters);
    std::string const title = title_of(chapters);
    std::string out = head(title);
    out += fmt::format(
        "<header><h1>{}</h1>\n{}<p class=\"without-script\">Figures need JavaScript; the tables say the "
        "same.</p></header>\n",
        html(title), paragraphs(notes, " class=\"soft\""));
    out += contents(chapters, prefixes) + "<main>\n";
    for (std::size_t i = 0; i < chapters.size(); ++i) {
        if (chapters.size() > 1) out += fmt::format("<h1>{}</h1>\n", html(chapters[i].title));
        out += paragraphs(chapters[i].notes, " class=\"note\"");
        out += verdict_html(chapters[i].verdict, prefixes[i]);
        for (auto const& section : chapters[i].sections) out += section_html(section, prefixes[i], pictures);
        out += files_html(chapters[i], prefixes[i]);
    }
    out += fmt::format(
        "</main>\n<footer><details><summary>Licences of the drawing "
        "library</summary><pre>{}</pre></details></footer>\n",
        html(vega_licences()));
    out += fmt::format("<script type=\"application/json\" id=\"report-data\">{}</script>\n",
                       page_data(chapters));
    for (auto const library : {vega_js(), vega_lite_js(), vega_embed_js(), report_js()})
        out += fmt::format("<script>{}</script>\n", script_of(library));
    return out + "</body>\n</html>\n";
}

}  // namespace vaster::report
