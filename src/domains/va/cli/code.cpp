// vaster code: causes of deaths by a table of P(symptom | cause), without any training.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "domains/va/models/insilico/insilico.hpp"
#include "domains/va/prediction/standard_coding.hpp"
#include "vaster/cli/command_line.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::va {
namespace {

namespace fs = std::filesystem;
namespace interva5 = models::interva5;
namespace insilicova = models::insilicova;

struct Flags {
    std::string deaths;
    std::string method = "interva5";
    std::string table;
    std::string prior;
    std::string checks;
    std::string hiv;
    std::string malaria;
    std::string impossible = "subset2";
    bool with_external = false;
    std::string id;
    std::string rename;
    std::string missing_columns = "refuse";
    std::string output;
    bool probabilities = false;
    bool overwrite = false;
    bool quiet = false;
    std::size_t iterations = 4000;
    std::size_t seed = 42;

    [[nodiscard]] bool samples() const { return method == "insilico"; }
};

// ---- what is asked for

interva5::Prevalence prevalence(std::string const& text) {
    auto const& names = interva5::prevalence_names();
    return static_cast<interva5::Prevalence>(std::find(names.begin(), names.end(), text) - names.begin());
}

interva5::StandardTable table_of(Flags const& flags, std::vector<std::string>& notes) {
    require<UsageError>(flags.hiv.empty() == flags.malaria.empty(),
                        "--hiv and --malaria go together: h, l or v each, for where the deaths were");
    interva5::StandardTable table = interva5::read_standard_table({flags.table, flags.prior, flags.checks});
    if (flags.checks.empty())
        notes.push_back(
            fmt::format("{}: no --checks: answers are taken as they are, and every symptom counts when "
                        "present",
                        flags.table));
    if (!flags.hiv.empty())
        interva5::set_prevalence(table, prevalence(flags.hiv), prevalence(flags.malaria));
    else if (!flags.samples())
        notes.push_back(
            fmt::format("{}: the priors of HIV and malaria are the table's own; --hiv and --malaria (h, l "
                        "or v) set them",
                        flags.table));
    return table;
}

std::vector<insilicova::Ruling> rulings(Flags const& flags, interva5::StandardTable const& table) {
    auto const& names = insilicova::impossible_names();
    auto const found = std::find(names.begin(), names.end(), flags.impossible);
    if (found == names.end()) return insilicova::read_rulings(flags.impossible, table);
    return insilicova::rulings_of(table, static_cast<insilicova::Impossible>(found - names.begin()));
}

StandardResult coded(Flags const& flags, StandardDeaths const& deaths, interva5::StandardTable const& table) {
    if (!flags.samples())
        return code_by_interva5(deaths, table, flags.probabilities ? Keep::probabilities : Keep::assigned);
    Parameters parameters(models::insilico().parameters);
    parameters.set("iterations", static_cast<std::int64_t>(flags.iterations));
    Watcher watcher;
    return code_by_insilico(deaths, table, flags.table, parameters,
                            {rulings(flags, table), !flags.with_external}, flags.seed, watcher);
}

// ---- files

constexpr std::array<std::string_view, 3> suffixes{".csv", "-csmf.csv", "-probabilities.csv"};

fs::path file_of(Flags const& flags, std::string_view suffix) {
    fs::path base = flags.output;
    if (base.extension() == ".csv") base.replace_extension();
    return fmt::format("{}{}", base.string(), suffix);
}

void check_outputs(Flags const& flags) {
    for (auto const suffix : suffixes) {
        fs::path const path = file_of(flags, suffix);
        if (suffix == suffixes.back() && !flags.probabilities) continue;
        for (auto const& input : {flags.deaths, flags.table, flags.prior, flags.checks, flags.rename}) {
            std::error_code not_there;
            require<UsageError>(
                !fs::equivalent(path, input, not_there),
                "--output {}: {} would be written over {}, which is read; choose another name", flags.output,
                path.string(), input);
        }
        require<UsageError>(
            flags.overwrite || !fs::exists(path),
            "{} exists already, and is not overwritten unless you say so: --overwrite, or another "
            "name with --output",
            path.string());
    }
}

void put_line(std::string& text, std::vector<std::string> const& cells) {
    text += csv_line(cells);
    text += '\n';
}

/// Cells that name a death: row from 0, and its ID.
std::vector<std::string> names_of(StandardDeaths const& deaths, std::size_t row) {
    std::vector<std::string> cells{fmt::format("{}", row)};
    if (!deaths.id_column.empty()) cells.insert(cells.begin(), deaths.deaths[row].id);
    return cells;
}

std::vector<std::string> header_of_names(StandardDeaths const& deaths) {
    if (deaths.id_column.empty()) return {"row"};
    return {"ID", "row"};
}

std::string causes_csv(StandardDeaths const& deaths, StandardResult const& result,
                       interva5::StandardTable const& table) {
    std::string text;
    auto header = header_of_names(deaths);
    for (auto const* name : {"not_coded", "cause1", "probability1", "cause2", "probability2", "cause3",
                             "probability3", "undetermined"})
        header.emplace_back(name);
    put_line(text, header);
    for (std::size_t row = 0, next = 0; row < deaths.deaths.size(); ++row) {
        auto cells = names_of(deaths, row);
        if (auto const& refused = deaths.deaths[row].refused) {
            cells.emplace_back(interva5::to_text(*refused));
            cells.resize(header.size());
        } else {
            auto const& assigned = result.assigned.at(next++);
            cells.emplace_back();
            for (auto const& [cause, probability] : assigned.causes) {
                cells.push_back(table.causes[cause]);
                cells.push_back(number_text(probability));
            }
            if (assigned.causes.empty()) cells.emplace_back("Undetermined");
            cells.resize(header.size() - 1);
            cells.push_back(number_text(assigned.undetermined));
        }
        put_line(text, cells);
    }
    return text;
}

std::string csmf_csv(StandardResult const& result, interva5::StandardTable const& table) {
    bool const has_interval = !result.csmf_lo.empty();
    std::string text = has_interval ? "cause,fraction,low,high\n" : "cause,fraction\n";
    for (std::size_t c = 0; c < table.causes.size(); ++c) {
        std::vector<std::string> cells{table.causes[c], number_text(result.csmf[c])};
        if (has_interval)
            cells.insert(cells.end(), {number_text(result.csmf_lo[c]), number_text(result.csmf_hi[c])});
        put_line(text, cells);
    }
    if (!has_interval) put_line(text, {"Undetermined", number_text(result.undetermined)});
    return text;
}

std::string probabilities_csv(StandardDeaths const& deaths, StandardResult const& result,
                              interva5::StandardTable const& table) {
    std::string text;
    auto header = header_of_names(deaths);
    header.insert(header.end(), table.causes.begin(), table.causes.end());
    put_line(text, header);
    std::size_t const n_causes = table.causes.size();
    for (std::size_t i = 0; i < deaths.coded.size(); ++i) {
        auto cells = names_of(deaths, deaths.coded[i]);
        for (std::size_t c = 0; c < n_causes; ++c)
            cells.push_back(number_text(result.probability[i * n_causes + c]));
        put_line(text, cells);
    }
    return text;
}

// ---- what is said

/// "no sex 2 (lines 4, 9)".
std::vector<std::string> refused_texts(StandardDeaths const& deaths) {
    constexpr std::size_t most_lines = 5;
    std::map<interva5::Refused, std::vector<std::uint64_t>> lines;
    for (auto const& death : deaths.deaths)
        if (death.refused) lines[*death.refused].push_back(death.line);
    std::vector<std::string> texts;
    for (auto const& [why, all] : lines) {
        std::vector<std::uint64_t> const first(
            all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(most_lines, all.size())));
        texts.push_back(fmt::format("{} {} (line{} {}{})", interva5::to_text(why), all.size(),
                                    all.size() == 1 ? "" : "s", fmt::join(first, ", "),
                                    all.size() > most_lines ? ", ..." : ""));
    }
    return texts;
}

std::string summary(Flags const& flags, StandardDeaths const& deaths, StandardResult const& result) {
    auto const n_undetermined = std::count_if(result.assigned.begin(), result.assigned.end(),
                                              [](auto const& assigned) { return assigned.causes.empty(); });
    std::string text = fmt::format("{} deaths: {} coded by {}", grouped(deaths.deaths.size()),
                                   grouped(deaths.coded.size()), flags.samples() ? "InSilicoVA" : "InterVA5");
    if (!flags.samples()) text += fmt::format(", {} of them undetermined", n_undetermined);
    auto const refused = refused_texts(deaths);
    if (!refused.empty())
        text += fmt::format("; {} not coded: {}", deaths.deaths.size() - deaths.coded.size(),
                            fmt::join(refused, ", "));
    return text;
}

TextTable fractions(StandardResult const& result, interva5::StandardTable const& table) {
    constexpr std::size_t most_shown = 10;
    bool const has_interval = !result.csmf_lo.empty();
    TextTable text{"Cause fractions, the largest", {"cause", "fraction"}, {}, {}};
    if (has_interval) text.header.insert(text.header.end(), {"from", "to"});
    for (auto const c : most_probable(result.csmf, most_shown)) {
        if (result.csmf[c] <= 0) break;
        text.rows.push_back({table.causes[c], fmt::format("{:.4f}", result.csmf[c])});
        if (has_interval)
            text.rows.back().insert(text.rows.back().end(), {fmt::format("{:.4f}", result.csmf_lo[c]),
                                                             fmt::format("{:.4f}", result.csmf_hi[c])});
    }
    if (result.undetermined > 0)
        text.rows.push_back({"Undetermined", fmt::format("{:.4f}", result.undetermined)});
    return text;
}

ExitCode run(Flags const& flags) {
    check_outputs(flags);
    std::vector<std::string> notes;
    auto const table = table_of(flags, notes);
    NewDeathsSource source;
    source.path = flags.deaths;
    source.id = flags.id;
    source.rename = flags.rename;
    source.missing_columns =
        flags.missing_columns == "missing" ? MissingColumns::missing : MissingColumns::refuse;
    auto const clears = flags.samples() ? interva5::Clears::any_answer : interva5::Clears::what_counts;
    auto const deaths = read_standard_deaths(source, table, clears);
    require<DataError>(!deaths.coded.empty(), "{}: no death can be coded: {}", flags.deaths,
                       fmt::join(refused_texts(deaths), ", "));
    auto const result = coded(flags, deaths, table);
    write_file_atomically(file_of(flags, ".csv"), causes_csv(deaths, result, table));
    write_file_atomically(file_of(flags, "-csmf.csv"), csmf_csv(result, table));
    if (flags.probabilities)
        write_file_atomically(file_of(flags, "-probabilities.csv"), probabilities_csv(deaths, result, table));
    notes.insert(notes.end(), deaths.notes.begin(), deaths.notes.end());
    notes.insert(notes.end(), result.notes.begin(), result.notes.end());
    for (auto const& note : notes) say("{}: {}", program_name(), note);
    if (!flags.quiet) {
        fmt::print("{}\n\n{}", summary(flags, deaths, result), to_text(fractions(result, table)));
        say("{} and {} are written", file_of(flags, ".csv").string(), file_of(flags, "-csmf.csv").string());
    }
    if (result.converged) return ExitCode::success;
    say("{}: InSilicoVA did not converge: its results are written all the same; --iterations makes it go on "
        "longer",
        program_name());
    return ExitCode::partial;
}

void add_method_flags(cli::Command& command, Flags& flags) {
    command
        .add_option("--method", flags.method,
                    "interva5: InterVA5's rule; insilico: InSilicoVA with the table, deaths together")
        ->capture_default_str()
        ->one_of({"interva5", "insilico"});
    command
        .add_option(
            "--table", flags.table,
            "CSV of P(symptom | cause), such as Probbase: column symptom and one for each cause, letters (I "
            "A+ A ... N) or numbers; a row without a symptom holds the priors")
        ->required()
        ->option_text("FILE.csv");
    command.add_option("--prior", flags.prior, "CSV cause,letter with the priors; else the table's own row")
        ->option_text("FILE.csv");
    command
        .add_option(
            "--checks", flags.checks,
            "CSV symptom,counts_when,clear_when,set,only_if: which answer counts, and which answers agree")
        ->option_text("FILE.csv");
    command.add_option("--hiv", flags.hiv, "how common HIV is: h, l or v (high, low, very low)")
        ->one_of(interva5::prevalence_names());
    command.add_option("--malaria", flags.malaria, "how common malaria is: h, l or v")
        ->one_of(interva5::prevalence_names());
    command
        .add_option(
            "--impossible", flags.impossible,
            "of insilico: causes that answers rule out, from the table: none, subset, subset2, all, interva; "
            "or a CSV symptom,answer,cause")
        ->capture_default_str();
    command.add_flag("--with-external", flags.with_external,
                     "of insilico: deaths with an injury are coded with the others, not by themselves");
    command.add_option("--iterations", flags.iterations, "of insilico: of each chain, at first")
        ->capture_default_str()
        ->between(100, 10000000);
    command.add_option("--seed", flags.seed, "of insilico: the same seed gives the same bytes")
        ->capture_default_str();
}

}  // namespace

void add_code(cli::Command& app, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command = app.add_subcommand(
        "code",
        "Assign causes to deaths by a table such as Probbase, as InterVA5 and InSilicoVA do: no training");
    command->add_option("deaths", flags->deaths, "CSV file of the deaths, a column a symptom")
        ->required()
        ->option_text("DEATHS.csv");
    add_method_flags(*command, *flags);
    command->add_option("--output", flags->output, "makes NAME.csv (a row a death) and NAME-csmf.csv")
        ->required()
        ->option_text("NAME");
    command->add_flag("--probabilities", flags->probabilities,
                      "also NAME-probabilities.csv: every death's probability of every cause");
    command->add_option("--id", flags->id, "column of the deaths' IDs; else one called ID, if there is one")
        ->option_text("COLUMN");
    command
        ->add_option("--rename", flags->rename,
                     "CSV data,model: what columns are called in the file and in the table")
        ->option_text("FILE.csv");
    command
        ->add_option("--missing-columns", flags->missing_columns,
                     "symptoms that the file lacks: refuse, or missing: no answer for all")
        ->capture_default_str()
        ->one_of({"refuse", "missing"});
    command->add_flag("--overwrite", flags->overwrite, "write over files that are there");
    command->add_flag("--quiet", flags->quiet, "print nothing but warnings");
    command->callback([flags, &program] { program.action = [flags](Invocation) { return run(*flags); }; });
}

}  // namespace vaster::va
