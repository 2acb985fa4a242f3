// vaster stream simulate: a made-up stream.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "base/support/nearest.hpp"
#include "core/cli/output.hpp"
#include "domains/stream/cli/commands.hpp"
#include "domains/stream/records/generator.hpp"
#include "domains/stream/records/record.hpp"

namespace vaster::stream {
namespace {

struct Flags {
    std::string set;
    std::size_t n_records = 500;
    std::size_t n_sensors = 0;
    std::size_t seed = 42;
    std::size_t rate = 100;
    std::size_t cycle = 86400;
    std::string shape = "uniform";
    std::string faults = "0.03,0.02,0.01,0.005";
    std::string format = "senml";
    bool annotations = false;
    cli::OutputFlags output;
};

std::vector<std::string> texts(std::vector<std::string_view> const& views) {
    return {views.begin(), views.end()};
}

DataSet const* set_of(std::string const& name) {
    auto const* const set = find_data_set(name);
    if (set != nullptr) return set;
    std::vector<std::string> names;
    for (auto const& known : data_sets()) names.emplace_back(known.name);
    throw UsageError(
        fmt::format("there is no data set '{}'; {}", name, suggestion(name, names, "there are:")));
}

GeneratorFaults faults_of(std::string const& text) {
    std::vector<double> chances;
    for (std::size_t begin = 0; begin <= text.size();) {
        auto const end = std::min(text.find(',', begin), text.size());
        auto const chance = number_of(std::string_view(text).substr(begin, end - begin));
        if (chance) chances.push_back(*chance);
        begin = chance ? end + 1 : text.size() + 1;
    }
    require<UsageError>(chances.size() == 4 && std::count(text.begin(), text.end(), ',') == 3,
                        "--faults {}: must be four chances with commas between them: out of range, missing, "
                        "absent, cut",
                        text);
    return {chances[0], chances[1], chances[2], chances[3]};
}

GeneratorSettings settings_of(Flags const& flags) {
    GeneratorSettings settings;
    settings.set = set_of(flags.set);
    settings.n_sensors = flags.n_sensors;
    settings.seed = flags.seed;
    settings.rate = flags.rate;
    settings.cycle = flags.cycle;
    auto const names = texts(shape_names());
    settings.shape = static_cast<Shape>(std::find(names.begin(), names.end(), flags.shape) - names.begin());
    settings.faults = faults_of(flags.faults);
    auto const found = problems(settings);
    require<UsageError>(found.empty(), "such a stream cannot be made: {}", fmt::join(found, "; "));
    return settings;
}

void write_records(Flags const& flags, Generator const& generator, std::ostream& out) {
    constexpr std::size_t piece = std::size_t{1} << 18;
    bool const csv = flags.format == "csv";
    std::string text = csv ? generator.csv_header() : std::string();
    for (std::uint64_t record = 0; record < flags.n_records; ++record) {
        if (csv)
            generator.append_csv(record, text);
        else
            generator.append_senml(record, text);
        if (text.size() < piece) continue;
        out << text;
        text.clear();
        if (!out) return;  // the writer says why
    }
    out << text;
}

ExitCode simulate(Flags const& flags) {
    Generator const generator(settings_of(flags));
    flags.output.write([&](std::ostream& out) {
        if (flags.annotations)
            out << generator.annotations();
        else
            write_records(flags, generator, out);
    });
    return ExitCode::success;
}

}  // namespace

void add_simulate(cli::Command& stream, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* const command =
        stream.add_subcommand("simulate", "Write a made-up stream; the same flags give the same bytes");
    command->add_option("set", flags->set, "SYS (or CITY), FIT, GRID or TAXI")
        ->required()
        ->option_text("SET");
    command->add_option("--records", flags->n_records, "how many records")->capture_default_str();
    command->add_option("--sensors", flags->n_sensors, "how many sensors; 0: as many as the set has")
        ->capture_default_str();
    command->add_option("--seed", flags->seed, "seed of all that is made up")->capture_default_str();
    command->add_option("--rate", flags->rate, "records a second of the stream's own time, on average")
        ->capture_default_str();
    command->add_option("--shape", flags->shape, "of the arrivals over a cycle")
        ->capture_default_str()
        ->one_of(texts(shape_names()));
    command->add_option("--cycle", flags->cycle, "length of a cycle [s]")->capture_default_str();
    command
        ->add_option(
            "--faults", flags->faults,
            "chances that a field of a record is out of range, missing or absent, and that the record is "
            "cut in half")
        ->capture_default_str()
        ->option_text("A,B,C,D");
    command
        ->add_option("--format", flags->format, "senml: a line a record; csv: after names, units and types")
        ->capture_default_str()
        ->one_of({"senml", "csv"});
    command->add_flag("--annotations", flags->annotations,
                      "not records, but lines ID:town,type of the sensors, for task ANN");
    flags->output.add_to(*command);
    command->callback(
        [flags, &program] { program.action = [flags](Invocation) { return simulate(*flags); }; });
}

}  // namespace vaster::stream
