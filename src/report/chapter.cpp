#include "vaster/report/chapter.hpp"

#include <map>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "sections.hpp"
#include "vaster/report/export.hpp"

namespace vaster::report {
namespace {

/// Adds what a kind of study has to say of its results.
using Add = void (*)(Chapter& chapter, store::Reader const& study, ComparisonOptions const& options);

/// Which of a kind's summary tables the chapter has.
enum class SummaryTables { first, all };

struct OwnSections {
    Add add;
    SummaryTables summary;  ///< first: the others come with the figures
};

/// Kinds with sections of their own. A kind that is not here has its summary tables.
std::map<std::string_view, OwnSections> const& own_sections() {
    static std::map<std::string_view, OwnSections> const all{
        {"evolve", {add_evolution, SummaryTables::all}},
        {"va-comparison", {add_comparison, SummaryTables::first}},
    };
    return all;
}

std::vector<Fact> facts_of(store::Reader const& study) {
    auto const& header = study.header();
    return {{"study file", study.path().filename().string()},
            {"kind", header.kind},
            {"seed", fmt::format("{}", header.seed)},
            {"configuration hash", header.config_hash},
            {"data hash", header.data_hash.empty() ? "no data is read" : header.data_hash},
            {"plan hash", header.plan_hash},
            {"created", header.created},
            {"program", "vaster " + header.program_version},
            {"compiler", header.provenance.compiler},
            {"libraries", header.provenance.libraries},
            {"host", header.provenance.host},
            {"command", header.provenance.command}};
}

}  // namespace

Chapter chapter_of(store::Reader const& study, std::vector<TextTable> const& summary,
                   ComparisonOptions const& options) {
    Chapter chapter;
    chapter.name = study.path().stem().string();
    chapter.title = chapter.name;
    chapter.facts = facts_of(study);
    add_account(chapter, study);
    auto const own = own_sections().find(study.header().kind);
    bool const has_own = own != own_sections().end();
    if (!summary.empty()) {
        Section section{"summary", "Summary"};
        section.tables = summary;
        if (has_own && own->second.summary == SummaryTables::first) section.tables.resize(1);
        chapter.sections.push_back(std::move(section));
    }
    if (has_own) own->second.add(chapter, study, options);
    add_run_time(chapter, study);
    std::ostringstream out;
    export_csv(out, study, Timings::show);
    chapter.experiments = std::move(out).str();
    return chapter;
}

}  // namespace vaster::report
