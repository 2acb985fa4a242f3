#include "core/report/chapter.hpp"

#include <fmt/core.h>

#include "core/report/export.hpp"
#include "core/report/sections.hpp"

namespace vaster::report {
namespace {

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

Chapter chapter_of(std::shared_ptr<store::Reader const> const& reader, std::string const& title,
                   std::vector<TextTable> const& summary, OwnSections const* own) {
    store::Reader const& study = *reader;
    Chapter chapter;
    chapter.name = study.path().stem().string();
    chapter.title = title;
    chapter.facts = facts_of(study);
    add_inventory(chapter, study);
    note_what_is_missing(chapter, study);
    if (own == nullptr)
        chapter.notes.push_back(fmt::format(
            "Studies of kind {} have no sections of their own: their summary and the course of the run are "
            "all that this report shows. The results are in the tables and in 'vaster export'.",
            study.header().kind));
    if (!summary.empty() && (own == nullptr || own->summary == SummaryTables::all)) {
        Section section{"summary", "Summary"};
        section.tables = summary;
        chapter.sections.push_back(std::move(section));
    }
    if (own != nullptr) own->add(chapter, study);
    add_account(chapter, study);
    add_run_time(chapter, study);
    chapter.experiments = [reader](std::ostream& out) { export_csv(out, *reader, Timings::show); };
    return chapter;
}

}  // namespace vaster::report
