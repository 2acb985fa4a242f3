#include "domains/stream/records/generator.hpp"
#include "domains/stream/records/parser.hpp"
#include "domains/stream/study/jobs.hpp"
#include "domains/stream/study/load_options.hpp"
#include "domains/stream/study/options.hpp"

namespace vaster::stream {
namespace {

using Texts = std::vector<std::string>;

study::KeyTable stream_table() {
    return {
        "stream",
        "What the stream is put through",
        {
            {.name = "jobs",
             .standard = Texts{},
             .doc = "tasks and dataflows that take the stream, each on its own, by code or name; must be "
                    "given; 'vaster "
                    "stream list' has them",
             .flag = "--jobs"},
            {.name = "partitions",
             .standard = std::int64_t{64},
             .doc = "parts that the stream is divided into: by the hash of sensor IDs, or blocks of records "
                    "where a task has no state; each is an experiment; outputs are the same for any number",
             .bounds = {.at_least = 1, .at_most = 65536},
             .flag = "--partitions"},
            {.name = "repeats",
             .standard = std::int64_t{1},
             .doc = "how often each partition is run, to see how much its timings vary; outputs are those "
                    "of the first",
             .bounds = {.at_least = 1, .at_most = 1000}},
            {.name = "mode",
             .standard = "results",
             .doc = "results: records are taken as fast as they can be; rate: they are offered at rates "
                    "that are given, for latencies; peak: the highest rate that is sustained is searched for",
             .choices = mode_names(),
             .flag = "--mode"},
            {.name = "faults",
             .standard = "",
             .doc = "\"stall:RECORD:SECONDS\", or several of them between commas: in modes rate and peak "
                    "these records are held up, to see what becomes of those behind them"},
            {.name = "continue_from",
             .standard = "",
             .doc = "study file of the stream so far: records are numbered from its last one, and tasks "
                    "go on from the states that it ended with; empty: the stream begins here",
             .effect = Effect::operation},
        }};
}

study::KeyTable input_table() {
    return {
        "input",
        "The records",
        {
            {.name = "files",
             .standard = Texts{},
             .doc = "files of records, in the order of the stream; must be given but for a made-up one "
                    "(generator.set)",
             .effect = Effect::operation,
             .flag = "--input"},
            {.name = "format",
             .standard = "senml",
             .doc = "form of the records",
             .choices = format_names(),
             .flag = "--format"},
            {.name = "sensor",
             .standard = "",
             .doc = "field with the ID of the sensor; must be given but for values, pairs and xml, and for "
                    "rfc8428 "
                    "where the base name is the sensor",
             .flag = "--sensor"},
            {.name = "fields",
             .standard = Texts{},
             .doc = "fields that the tasks work on, in this order",
             .flag = "--fields"},
            {.name = "longest",
             .standard = "1 MiB",
             .doc = "a longer record is broken (too_long) [bytes]",
             .format = Format::bytes},
            {.name = "memory",
             .standard = "4 GiB",
             .doc =
                 "files that have more bytes together stay on the disk, and are split into files of their "
                 "partitions first, so that the memory a process needs does not grow with them; outputs are "
                 "the same; not a share of a host's memory, since the plan must be the same on every host "
                 "[bytes]",
             .format = Format::bytes},
            {.name = "block",
             .standard = "8 MiB",
             .doc = "of such files so much is read at once, and 64 times as much makes a file of lines by "
                    "partition [bytes]",
             .format = Format::bytes},
            {.name = "most_errors",
             .standard = 1.0,
             .doc = "share of broken records beyond which nothing is computed, and the program ends with 65",
             .bounds = {.at_least = 0, .at_most = 1}},
        }};
}

std::vector<std::string> set_names() {
    std::vector<std::string> names{""};
    for (auto const& set : data_sets()) names.emplace_back(set.name);
    return names;
}

study::KeyTable generator_table() {
    auto const& shapes = shape_names();
    GeneratorSettings const standard;
    return {
        "generator",
        "A made-up stream instead of files: the records that 'vaster stream simulate' writes",
        {
            {.name = "set",
             .standard = "",
             .doc = "the data set that its records look like; empty: input.files are read",
             .choices = set_names()},
            {.name = "records",
             .standard = std::int64_t{500},
             .doc = "how many; they are made in memory, once a host",
             .bounds = {.at_least = 0}},
            {.name = "sensors",
             .standard = std::int64_t{0},
             .doc = "how many; 0: as many as the set has",
             .bounds = {.at_least = 0}},
            {.name = "seed",
             .standard = static_cast<std::int64_t>(standard.seed),
             .doc = "of all that is made up",
             .bounds = {.at_least = 0}},
            {.name = "rate",
             .standard = static_cast<std::int64_t>(standard.rate),
             .doc = "records a second of the stream's own time, on average",
             .bounds = {.at_least = 1}},
            {.name = "cycle",
             .standard = static_cast<std::int64_t>(standard.cycle),
             .doc = "length of a cycle of arrivals [s]",
             .bounds = {.at_least = 1}},
            {.name = "shape",
             .standard = std::string(shapes.front()),
             .doc = "of the arrivals over a cycle",
             .choices = {shapes.begin(), shapes.end()}},
            {.name = "faults",
             .standard = std::vector<double>{standard.faults.out_of_range, standard.faults.missing,
                                             standard.faults.absent, standard.faults.cut},
             .doc = "four chances: that a field of a record is out of range, missing or absent, and that the "
                    "record is cut in half",
             .bounds = {.at_least = 0, .at_most = 1}},
        }};
}

study::KeyTable output_table() {
    return {
        "output",
        "What is kept of the results",
        {
            {.name = "directory",
             .standard = "",
             .doc = "folder for JOB.csv, the rows of each job in the order of the records; empty: they "
                    "are counted and hashed, and not kept"},
            {.name = "form",
             .standard = "csv",
             .doc = "csv: with a header, and columns that say where a row comes from; plain: the results "
                    "alone, one a line, as PyRIoTBench writes them",
             .choices = {"csv", "plain"}},
            {.name = "state",
             .standard = true,
             .doc = "keep the states that tasks end with beside the study file, so that another study can "
                    "go on from them (stream.continue_from)"},
        }};
}

study::KeyTable io_table() {
    return {"io",
            "Where tasks that read and write do so",
            {
                {.name = "directory",
                 .standard = "",
                 .doc = "folder for what tasks write beside their output; empty: beside the study file",
                 .effect = Effect::operation},
                {.name = "broker",
                 .standard = "",
                 .doc = "MQTT broker that topics are published by, too: HOST or HOST:PORT; empty: none",
                 .effect = Effect::operation},
                {.name = "remote_directory",
                 .standard = "",
                 .doc = "the same of tasks that write to a remote place: on the file system that all hosts "
                        "share; empty: beside the study file",
                 .effect = Effect::operation},
            }};
}

}  // namespace

std::vector<study::KeyTable> stream_tables() {
    std::vector<study::KeyTable> tables{stream_table(), input_table(), generator_table(), output_table(),
                                        io_table()};
    for (auto& table : load_tables()) tables.push_back(std::move(table));
    for (auto const* kind : job_kinds())
        if (!kind->parameters.empty())
            tables.push_back({table_of(*kind), std::string(kind->doc), kind->parameters});
    return tables;
}

}  // namespace vaster::stream
