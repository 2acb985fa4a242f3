// vaster table: statistics and formulas over the rows of a table.
#include <charconv>
#include <memory>
#include <optional>
#include <ostream>
#include <system_error>

#include <fmt/core.h>

#include "base/support/streams.hpp"
#include "base/support/texts.hpp"
#include "core/cli/output.hpp"
#include "domains/service/cli/commands.hpp"
#include "domains/service/expressions/value.hpp"
#include "domains/service/tables/histogram.hpp"
#include "domains/service/tables/rows.hpp"
#include "domains/service/tables/sample.hpp"
#include "domains/service/tables/write.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

/// What every subcommand has.
struct Flags {
    std::string path;
    std::vector<std::string> columns;
    std::vector<std::string> by;
    cli::OutputFlags output;

    void add_to(cli::Command& command) {
        command
            .add_option("table", path,
                        "CSV file with a header (commas, semicolons or tabs), or FILE.h5:/path, a table in "
                        "an HDF5 file")
            ->required()
            ->option_text("TABLE");
        output.add_to(command);
    }

    void add_groups_to(cli::Command& command) {
        command.add_option("--by", by, "columns whose values make groups")
            ->delimiter(',')
            ->option_text("A,B");
    }
};

/// The number that a text is; nothing: it is none.
std::optional<double> number_in(std::string const& text) {
    auto const value = value_of_cell(text);
    auto const* const number = std::get_if<double>(&value);
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

std::vector<double> probabilities_of(std::vector<std::string> const& texts) {
    std::vector<double> probabilities;
    probabilities.reserve(texts.size());
    for (auto const& text : texts) {
        auto const number = number_in(text);
        require<UsageError>(number && *number >= 0 && *number <= 1,
                            "--quantiles {} (must be numbers from 0 to 1)", text);
        probabilities.push_back(*number);
    }
    return probabilities;
}

std::vector<double> edges_of(std::vector<std::string> const& texts) {
    std::vector<double> edges;
    edges.reserve(texts.size());
    for (auto const& text : texts) {
        auto const number = number_in(text);
        bool const ascends = number && (edges.empty() || edges.back() < *number);
        require<UsageError>(ascends && texts.size() > 1,
                            "--edges {} (must be two or more numbers, each above the one before)", text);
        edges.push_back(*number);
    }
    return edges;
}

void add_describe(cli::Command& table, cli::Program& program) {
    struct Describe : Flags {
        std::vector<std::string> quantiles{"0.025", "0.25", "0.5", "0.75", "0.975"};
    };

    auto const flags = std::make_shared<Describe>();
    auto* command = table.add_subcommand(
        "describe", "Count, mean, spread and quantiles of columns: exact, whatever the order of the rows");
    flags->add_to(*command);
    command->add_option("--columns", flags->columns, "columns to describe; all if not given")
        ->delimiter(',')
        ->option_text("A,B");
    flags->add_groups_to(*command);
    command
        ->add_option("--quantiles", flags->quantiles, "probabilities from 0 to 1 (type 7, as in R and NumPy)")
        ->delimiter(',')
        ->option_text("P,P")
        ->capture_default_str();
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            flags->output.check();
            DescribeOptions options{flags->columns, flags->by, probabilities_of(flags->quantiles)};
            flags->output.write([&](std::ostream& out) { write_description(flags->path, options, out); });
            return ExitCode::success;
        };
    });
}

void tell_missing(RowCounts const& counts, std::string_view what) {
    if (counts.missing > 0) say("{} of {} rows {}", counts.missing, counts.read, what);
}

void add_filter(cli::Command& table, cli::Program& program) {
    struct Filter : Flags {
        std::string formula;
    };

    auto const flags = std::make_shared<Filter>();
    auto* command = table.add_subcommand("filter", "The rows for which a formula holds, in their order");
    flags->add_to(*command);
    command
        ->add_option("--where", flags->formula,
                     "what holds for the rows that are kept: \"age >= 12 and sex = 'f'\"")
        ->required()
        ->option_text("FORMULA");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            RowCounts counts;
            flags->output.write(
                [&](std::ostream& out) { counts = filter_rows(flags->path, flags->formula, out); });
            tell_missing(counts, "are left out, since the formula has no value for them: a cell is missing");
            return ExitCode::success;
        };
    });
}

void add_map(cli::Command& table, cli::Program& program) {
    struct Map : Flags {
        std::vector<std::string> columns_made;
    };

    auto const flags = std::make_shared<Map>();
    auto* command = table.add_subcommand("map", "The table with new columns, each computed by a formula");
    flags->add_to(*command);
    command
        ->add_option("--column", flags->columns_made, "a new column: \"adult=age >= 12\"; may be given again")
        ->required()
        ->one_value_each()
        ->option_text("NAME=FORMULA");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            std::vector<std::pair<std::string, std::string>> columns;
            for (auto const& text : flags->columns_made) {
                auto const sign = text.find('=');
                require<UsageError>(sign != std::string::npos && sign > 0,
                                    "--column {} (must be NAME=FORMULA)", text);
                columns.emplace_back(text.substr(0, sign), text.substr(sign + 1));
            }
            RowCounts counts;
            flags->output.write([&](std::ostream& out) { counts = add_columns(flags->path, columns, out); });
            tell_missing(counts, "have a new cell that is empty, since what it is computed from is missing");
            return ExitCode::success;
        };
    });
}

void add_reduce(cli::Command& table, cli::Program& program) {
    struct Reduce : Flags {
        std::string column;
        std::string fold = "sum";
        std::optional<std::string> initial;
    };

    auto const flags = std::make_shared<Reduce>();
    auto* command = table.add_subcommand("reduce", "One value of a column, or one for each group");
    flags->add_to(*command);
    command->add_option("--column", flags->column, "what is folded; missing cells do not enter")
        ->required()
        ->option_text("NAME");
    command
        ->add_option("--operation", flags->fold,
                     "sums and means are exact; concat, first, last: in order of the rows")
        ->one_of(fold_names())
        ->capture_default_str();
    flags->add_groups_to(*command);
    command
        ->add_option(
            "--initial", [flags](std::string const& text) { flags->initial = text; },
            "enters once, before the first row; of a table without rows it is the value")
        ->option_text("VALUE");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            flags->output.check();
            FoldOptions const options{flags->column, fold_of(flags->fold), flags->by, flags->initial};
            flags->output.write([&](std::ostream& out) { write_fold(flags->path, options, out); });
            return ExitCode::success;
        };
    });
}

void add_histogram(cli::Command& table, cli::Program& program) {
    struct Numbers : Flags {
        std::string column;
        std::size_t bins = HistogramOptions().bins;
        std::vector<std::string> edges;
    };

    auto const flags = std::make_shared<Numbers>();
    auto* command =
        table.add_subcommand("histogram", "How many numbers of a column are in each of some bins");
    flags->add_to(*command);
    command->add_option("--column", flags->column, "what is counted")->required()->option_text("NAME");
    auto* const bins =
        command->add_option("--bins", flags->bins, "bins of equal width from the least number to the largest")
            ->between(1, most_bins)
            ->option_text("N")
            ->capture_default_str();
    command
        ->add_option(
            "--edges", flags->edges,
            "bounds of the bins, ascending; each bin has its lower bound, the last one its upper, too")
        ->delimiter(',')
        ->excludes(bins)
        ->option_text("A,B,C");
    command->footer(
        "With --edges the first row has no lower bound and counts what is below, and the last but one has no "
        "upper bound and counts what is above. The last row has no bounds and counts the empty cells. So the "
        "counts add up to the rows of the table.");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            flags->output.check();
            HistogramOptions const options{flags->column, flags->bins, edges_of(flags->edges)};
            flags->output.write([&](std::ostream& out) { write_histogram(flags->path, options, out); });
            return ExitCode::success;
        };
    });
}

void add_sample(cli::Command& table, cli::Program& program) {
    struct Sample : Flags {
        std::optional<double> share;
        std::optional<std::uint64_t> number;
        std::size_t seed = SampleOptions().seed;
    };

    auto const flags = std::make_shared<Sample>();
    auto* command =
        table.add_subcommand("sample", "Some of the rows, drawn by their numbers, in their order");
    flags->add_to(*command);
    auto* const share =
        command
            ->add_option(
                "--share",
                [flags](std::string const& text) {
                    flags->share = number_in(text);
                    require<UsageError>(flags->share && *flags->share > 0 && *flags->share <= 1,
                                        "--share {} (must be a number above 0 and up to 1)", text);
                },
                "the probability with which each row is kept")
            ->option_text("P");
    command
        ->add_option(
            "--number",
            [flags](std::string const& text) {
                std::uint64_t number = 0;
                auto const* const end = text.data() + text.size();
                auto const [stop, problem] = std::from_chars(text.data(), end, number);
                require<UsageError>(problem == std::errc() && stop == end && number > 0,
                                    "--number {} (must be a whole number above 0)", text);
                flags->number = number;
            },
            "so many rows, exactly; all where there are fewer")
        ->excludes(share)
        ->option_text("N");
    command->add_option("--seed", flags->seed, "another seed draws other rows")
        ->option_text("N")
        ->capture_default_str();
    command->footer(
        "Whether a row is drawn depends on the seed and its number alone, not on what is in it. A smaller "
        "sample "
        "of the same seed is part of a larger one.");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            flags->output.check();
            require<UsageError>(flags->share || flags->number,
                                "how large is the sample? Give --share or --number");
            RowCounts counts;
            flags->output.write([&](std::ostream& out) {
                counts = sample_rows(flags->path, {flags->share, flags->number, flags->seed}, out);
            });
            if (flags->number && counts.read < *flags->number)
                say("the table has {}, not {}: all of them are written", counted(counts.read, "row"),
                    *flags->number);
            return ExitCode::success;
        };
    });
}

}  // namespace

void add_table(cli::Command& app, cli::Program& program) {
    auto* table = app.add_subcommand("table", "Statistics and formulas over the rows of a table");
    table->require_subcommand();
    add_describe(*table, program);
    add_filter(*table, program);
    add_map(*table, program);
    add_reduce(*table, program);
    add_histogram(*table, program);
    add_sample(*table, program);
}

}  // namespace vaster::service
