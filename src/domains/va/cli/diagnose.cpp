// vaster diagnose: the marks that sites leave in a cohort, before any model is compared.
#include <memory>

#include "core/cli/document_output.hpp"
#include "core/cli/study_flags.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/comparison.hpp"
#include "domains/va/study/diagnosis.hpp"
#include "domains/va/study/options.hpp"

namespace vaster::va {
namespace {

struct Flags {
    cli::StudyFlags study;
    cli::DocumentFlags output;
    std::string classifier = "naive_bayes";
    std::string seen = "missing";
    std::size_t top = 15;
};

std::int64_t whole(std::size_t n) {
    return static_cast<std::int64_t>(n);
}

std::size_t shown(Flags const& flags, std::size_t n) {
    return flags.top == 0 ? n : std::min(flags.top, n);
}

report::Table sites_table(va::Diagnosis const& diagnosis) {
    report::Table table{"sites", "a site", {"site", "deaths", "recall", "missing"}, {}};
    for (auto const& site : diagnosis.sites)
        table.rows.push_back({site.site, whole(site.deaths), site.recall, site.missing});
    return table;
}

report::Table missingness_table(va::Diagnosis const& diagnosis, Flags const& flags) {
    report::Table table{"missingness",
                        "a symptom at a site, by what its missing answers say of the site",
                        {"rank", "symptom", "information_bits", "missing", "site", "missing_at_site"},
                        {}};
    for (std::size_t i = 0; i < shown(flags, diagnosis.missingness.size()); ++i) {
        auto const& symptom = diagnosis.missingness[i];
        for (std::size_t k = 0; k < diagnosis.sites.size(); ++k)
            table.rows.push_back({whole(i + 1), symptom.symptom, symptom.information, symptom.missing,
                                  diagnosis.sites[k].site, symptom.at_site[k]});
    }
    return table;
}

report::Table differences_table(va::Diagnosis const& diagnosis, Flags const& flags) {
    report::Table table{
        "differences",
        "a symptom at a site, by how much P(symptom | cause) differs between sites",
        {"rank", "symptom", "deviation", "chi2", "df", "site", "answered", "observed", "expected"},
        {}};
    for (std::size_t i = 0; i < shown(flags, diagnosis.differences.size()); ++i) {
        auto const& symptom = diagnosis.differences[i];
        for (std::size_t k = 0; k < diagnosis.sites.size(); ++k) {
            auto const& site = symptom.at_site[k];
            table.rows.push_back({whole(i + 1), symptom.symptom, symptom.deviation, symptom.chi2,
                                  whole(symptom.degrees_of_freedom), diagnosis.sites[k].site,
                                  whole(site.answered), site.observed, site.expected});
        }
    }
    return table;
}

report::Document document_of(va::Cohort const& cohort, va::Diagnosis const& diagnosis, Flags const& flags,
                             va::DiagnosisOptions const& options) {
    return {
        {{"data_hash", cohort.data_hash},
         {"deaths", whole(diagnosis.n_deaths)},
         {"symptoms", whole(cohort.symptoms.size())},
         {"classifier", options.model.name},
         {"seen", flags.seen},
         {"folds", whole(options.folds)},
         {"accuracy", diagnosis.accuracy},
         {"largest_site", diagnosis.largest_site},
         {"largest_site_share", diagnosis.largest_share}},
        cohort.notes,
        {sites_table(diagnosis), missingness_table(diagnosis, flags), differences_table(diagnosis, flags)}};
}

std::vector<TextTable> text_of(va::Cohort const& cohort, va::Diagnosis const& diagnosis, Flags const& flags) {
    TextTable sites{
        fmt::format("Told from {} ({}, cross-validated): {:.1f} % of "
                    "{} deaths have their site told right; always saying {}: {:.1f} %",
                    flags.seen == "missing" ? "the pattern of missing answers alone" : "the answers",
                    flags.classifier, 100 * diagnosis.accuracy, diagnosis.n_deaths, diagnosis.largest_site,
                    100 * diagnosis.largest_share),
        {"site", "deaths", "told right", "answers missing"},
        {},
        cohort.notes};
    TextTable missing{"Symptoms whose missing answers say most of the site: bits, share missing",
                      {"symptom", "bits", "all"},
                      {},
                      {}};
    TextTable differing{
        "Symptoms whose P(symptom | cause) differs most between sites: share that has it (share "
        "expected of the site's causes)",
        {"symptom", "deviation", "chi2/df"},
        {},
        {"deviation: typical distance of a site's P(symptom | cause) from that of all sites, chance "
         "taken off; chi2/df: 1 by chance."}};
    for (auto const& site : diagnosis.sites) {
        sites.rows.push_back({site.site, fmt::format("{}", site.deaths), fmt::format("{:.3f}", site.recall),
                              fmt::format("{:.3f}", site.missing)});
        missing.header.push_back(site.site);
        differing.header.push_back(site.site);
    }
    for (std::size_t i = 0; i < shown(flags, diagnosis.missingness.size()); ++i) {
        auto const& symptom = diagnosis.missingness[i];
        missing.rows.push_back({symptom.symptom, fmt::format("{:.3f}", symptom.information),
                                fmt::format("{:.3f}", symptom.missing)});
        for (double const share : symptom.at_site)
            missing.rows.back().push_back(fmt::format("{:.3f}", share));
    }
    for (std::size_t i = 0; i < shown(flags, diagnosis.differences.size()); ++i) {
        auto const& symptom = diagnosis.differences[i];
        differing.rows.push_back(
            {symptom.symptom, fmt::format("{:.3f}", symptom.deviation),
             symptom.degrees_of_freedom == 0
                 ? "-"
                 : fmt::format("{:.1f}", symptom.chi2 / static_cast<double>(symptom.degrees_of_freedom))});
        for (auto const& site : symptom.at_site)
            differing.rows.back().push_back(
                site.answered == 0 ? "-" : fmt::format("{:.2f} ({:.2f})", site.observed, site.expected));
    }
    return {sites, missing, differing};
}

void run(Flags const& flags, study::Kinds const& kinds,
         std::shared_ptr<models::Catalogue const> const& catalogue) {
    study::LoadedConfig const loaded = kinds.load(flags.study.source());
    require<UsageError>(loaded.kind->name() == va::va_comparison_kind,
                        "diagnose reads the data of a {}; this configuration is of kind {}",
                        va::va_comparison_kind, loaded.kind->name());
    va::Options const keys = va::options_of(loaded.config, catalogue);
    va::DiagnosisOptions options;
    options.model = catalogue->at(flags.classifier);
    options.parameters = keys.parameters.at(flags.classifier);
    options.sites = keys.sites;
    options.seen = flags.seen == "missing" ? va::Seen::missing : va::Seen::answers;
    options.seed = keys.seed;
    va::Cohort const cohort = va::read_cohort(keys.source);
    auto const diagnosis = va::diagnose(cohort, options);
    flags.output.write(document_of(cohort, diagnosis, flags, options), text_of(cohort, diagnosis, flags));
}

}  // namespace

void add_diagnose(cli::Command& app, cli::Program& program,
                  std::shared_ptr<models::Catalogue const> const& catalogue) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command = app.add_subcommand(
        "diagnose",
        "Show what tells the sites apart in the data: missing answers, symptoms that mean something else");
    flags->study.add_to(*command, program.kinds.find(va::va_comparison_kind), "--output");
    command
        ->add_option("--classifier", flags->classifier,
                     "model that guesses the site, with its [models.NAME] keys")
        ->capture_default_str()
        ->one_of(catalogue->names());
    command
        ->add_option("--seen", flags->seen,
                     "by that model; missing: which answers are missing; answers: what was answered, words "
                     "too where data.features has them")
        ->capture_default_str()
        ->one_of({"missing", "answers"});
    command->add_option("--top", flags->top, "symptoms to show; 0: all")->capture_default_str();
    flags->output.add_to(*command, "missingness");
    command->callback([flags, catalogue, &program] {
        program.action = [flags, catalogue, &kinds = program.kinds](Invocation) {
            run(*flags, kinds, catalogue);
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::va
