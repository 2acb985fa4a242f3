// What others see: h5py, pandas and h5dump, while the file is open for writing; and what docs/study-file.md
// says.
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>

#include <catch2/catch.hpp>

#include "base/support/files.hpp"
#include "core/h5/attributes.hpp"
#include "core/h5/dataset.hpp"
#include "core/h5/file.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

/// Runs a command; all that it prints.
struct Run {
    explicit Run(std::string const& command) {
        auto* const pipe = ::popen((command + " 2>&1").c_str(), "r");
        std::array<char, 4096> buffer{};
        for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
            output.append(buffer.data(), n);
        status = ::pclose(pipe);
    }

    std::string output;
    int status;
};

bool has_h5py() {
    return Run("/usr/bin/python3 -c 'import h5py, pandas'").status == 0;
}

std::string run_python(std::filesystem::path const& folder, std::string const& script) {
    std::ofstream(folder / "script.py") << script;
    Run const run("cd '" + folder.string() + "' && /usr/bin/python3 script.py");
    INFO(run.output);
    REQUIRE(run.status == 0);
    return run.output;
}

std::string const& page() {
    static std::string const text = read_file(VASTER_SOURCE_DIR "/docs/study-file.md");
    return text;
}

/// First column of the page's tables, by the first word of their headings: "Root", "/plan", ...
std::map<std::string, std::vector<std::string>> documented() {
    std::map<std::string, std::vector<std::string>> tables;
    std::istringstream in(page());
    std::string section;
    for (std::string line; std::getline(in, line);) {
        std::smatch found;
        if (std::regex_match(line, found, std::regex("## ([^ :]+).*"))) section = found[1];
        if (std::regex_match(line, found, std::regex(R"(\| [`*]([^`*]+)[`*] \|.*)")))
            tables[section].push_back(found[1]);
    }
    return tables;
}

template <class Info>
herr_t collect(hid_t, char const* name, Info const*, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE("the page on the study file names exactly the attributes and columns of a fresh file",
          "[store][docs]") {
    example::Folder const folder;
    auto const schema = example::schema();
    study::Input const input{"ages", "of the dead", {{"age", study::ElementType::float64}}, {}};
    create(folder / "study.h5", example::header(), schema, example::plan(3), {}, OnExisting::refuse, {input});
    auto const file = h5::open_for_reading(folder / "study.h5");
    auto tables = documented();

    std::vector<std::string> attributes;
    auto const root = h5::open_object(file, "/");
    REQUIRE(H5Aiterate2(root.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect<H5A_info_t>, &attributes) >=
            0);
    CHECK(sorted(tables["Root"]) == attributes);
    attributes.clear();
    auto const kept = h5::open_object(file, "/inputs/ages");
    REQUIRE(H5Aiterate2(kept.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect<H5A_info_t>, &attributes) >=
            0);
    CHECK(sorted(tables["/inputs"]) == attributes);
    std::vector<std::string> parts;
    REQUIRE(H5Literate(file.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect<H5L_info_t>, &parts) >= 0);
    CHECK(parts ==
          std::vector<std::string>{"arrays", "attempts", "inputs", "labels", "plan", "records", "schedule"});

    for (auto const* const path : {"/plan", "/records", "/attempts", "/schedule"}) {
        std::vector<std::string> columns;
        for (auto const& name : tables[path]) {
            auto const& kinds = name == "design columns" ? schema.design : schema.results;
            if (name == "design columns" || name == "result columns")
                for (auto const& column : kinds) columns.push_back(column.name);
            else
                columns.push_back(name);
        }
        std::vector<std::string> present;
        auto const data = h5::Dataset::open(file, path);
        for (auto const& field : data.element().fields) present.push_back(field.name);
        INFO(path);
        CHECK(columns == present);
    }
}

TEST_CASE("pandas makes a table of a file that is being written, as docs/results.md does",
          "[store][python]") {
    if (!has_h5py()) {
        WARN("skipped: /usr/bin/python3 has no h5py or pandas");
        return;
    }
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    Writer writer(path);
    writer.commit(example::result(example::plan(8).experiments[2]), example::origin());
    auto const output = run_python(folder.path(), R"(
import h5py, pandas as pd
study = h5py.File("study.h5", "r")
table = pd.DataFrame(study["plan"][:]).merge(pd.DataFrame(study["records"][:]), on="index")
table = table.apply(lambda column: column.str.decode("utf-8") if column.dtype == object else column)
done = table[table["status"] == 2]
assert len(table) == 8 and len(done) == 1
row = done.iloc[0]
print(row["index"], row["id"], row["test_site"], row["csmf_accuracy"] == 1 / 5, row["note"], row["host"])
print(table["error"][6])
print(table["csmf_accuracy"].notna().sum())
)");
    CHECK(output == "2 " + to_text(example::plan(8).experiments[2].id) + " Dar True ok, \"2\" node7\n" +
                        "site 'Pemba' has 12 deaths, fewer than 50\n1\n");
}

TEST_CASE("h5py sees texts as str, enumerated states, arrays and names", "[store][python]") {
    if (!has_h5py()) {
        WARN("skipped: /usr/bin/python3 has no h5py or pandas");
        return;
    }
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    Writer writer(path);
    writer.commit(example::result(example::plan(4).experiments[2]), example::origin());
    CHECK(run_python(folder.path(), R"(
import h5py
f = h5py.File("study.h5", "r")
print(type(f.attrs["config"]).__name__, f.attrs["config"].splitlines()[1])
print(f.attrs["seed"] == 0xfedcba9876543210, f.attrs["format_version"], f.attrs["filetype"])
print(h5py.check_enum_dtype(f["records"].dtype["status"]))
print(f["arrays/confusion"][2].tolist()[3], f["arrays/confusion"].dtype)
plan = f["plan"][2]
rows = f["arrays/predictions"][int(plan["first_row"]):int(plan["first_row"] + plan["n_rows"])]
print(rows["row"].tolist(), rows["p1"].tolist()[1], f["arrays/predictions"].dtype.names)
print(list(f["labels/causes"].asstr()[:]), f["labels"].attrs["names"].tolist())
print(f["records"].attrs["columns"].tolist()[0], f["records"].attrs["column_docs"].tolist()[0])
)") == "str seed = 42  # größer\n"
       "True 3 vaster-study\n"
       "{'pending': 0, 'running': 1, 'done': 2, 'failed': 3, 'skipped': 4}\n"
       "[14, 15, 16, 17] uint32\n"
       "[2000, 2001, 2002] 0.5 ('row', 'true_cause', 'top1', 'p1')\n"
       "['Stroke', 'Malária', 'TB, lung', 'Other'] ['causes', 'sites']\n"
       "n_train deaths in training\n");
}

TEST_CASE("h5dump reads a file that is being written", "[store][python]") {
    if (Run("h5dump --version").status != 0) {
        WARN("skipped: there is no h5dump");
        return;
    }
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    Writer writer(path);
    writer.commit(example::result(example::plan(4).experiments[1]), example::origin());
    writer.mark_running({2});
    Run const run("h5dump -d /records '" + path.string() + "'");
    CHECK(run.status == 0);
    CHECK_THAT(run.output, Catch::Contains("\"ok, \"1\"\""));
    CHECK_THAT(run.output, Catch::Contains(" running\n"));
}
