#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "core/report/blocks.hpp"
#include "core/report/tables.hpp"
#include "core/store/reader.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::report {

/// How much of a wide screen a figure takes.
enum class Width { half, third };

/// A picture of one table of a chapter.
struct Figure {
    std::string name;   ///< of its files; unique in the chapter: "means-cod_accuracy"
    std::string title;  ///< "COD accuracy"
    std::string table;  ///< Table::name
    std::string spec;   ///< Vega-Lite, JSON; data.url is the name of the table's CSV file alone
    Width width = Width::half;
    std::string subtitle = {};  ///< how to read it, one line; may be empty
};

/// Part of a chapter: some text, pictures, and tables that say the same without pictures.
struct Section {
    std::string name;                    ///< anchor in the page: "transfer"
    std::string title;                   ///< "Transfer between sites"
    std::vector<std::string> text = {};  ///< paragraphs; what is missing and why, too
    std::vector<Figure> figures = {};
    std::vector<TextTable> tables = {};
    std::string listing = {};  ///< preformatted text that a reader opens when wanted
    std::string listing_title = "Configuration";
};

/// What the report says about one study.
struct Chapter {
    std::string name;         ///< of its files, when there are several chapters
    std::string title;        ///< the study's name
    std::vector<Fact> facts;  ///< of provenance
    std::vector<std::string> notes;
    std::vector<Block> verdict = {};  ///< what the numbers come to; the page begins with it
    std::vector<Section> sections;
    std::vector<Table> tables;  ///< every number behind the figures, and what `vaster compare` gives
    /// Writes the rows as CSV, as `vaster export` does, without holding them; empty: they are in other
    /// chapters.
    std::function<void(std::ostream&)> experiments = {};
};

/// Which of a kind's summary tables its chapter has.
enum class SummaryTables { none, all };

/// What a kind of study has to say of its results.
struct OwnSections {
    /// Adds sections, figures and the tables behind them.
    std::function<void(Chapter& chapter, store::Reader const& study)> add;
    SummaryTables summary = SummaryTables::all;  ///< none: the same comes with the figures
    /// What is to be said of several studies of the kind together; empty: nothing.
    std::function<Chapter(std::vector<store::Reader const*> const& studies,
                          std::vector<std::string> const& names)>
        together = {};
};

/// Makes the chapter of a study: what its kind has to say, then what was run and how the run went. Numbers
/// are counts in the file, cells of it, or what the kind's sections compute.
/// @param reader   of the study; kept by the chapter, which reads its rows when they are written
/// @param title    what people call the study
/// @param summary  the kind's tables for people: study::Kind::summary()
/// @param own      the kind's sections; null: it has none, which the chapter says
/// @throws what own->add throws
[[nodiscard]] Chapter chapter_of(std::shared_ptr<store::Reader const> const& reader, std::string const& title,
                                 std::vector<TextTable> const& summary, OwnSections const* own);

}  // namespace vaster::report
