#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <zlib.h>

#include "domains/va/models/insilico/problem.hpp"

/// Inputs and results of R package InSilicoVA 1.4.2, saved under VASTER_SHARED_DIR/reference/insilico.
namespace oracle {

inline std::string folder() {
    return std::string(VASTER_SHARED_DIR) + "/reference/insilico/";
}

inline bool is_there() {
    return std::ifstream(folder() + "mc_summary.csv").good();
}

/// Cells of a CSV file without quotes, compressed or not.
inline std::vector<std::vector<std::string>> read_csv(std::string const& path) {
    std::string text;
    gzFile file = gzopen(path.c_str(), "rb");
    char buffer[65536];
    for (int n = 0; file != nullptr && (n = gzread(file, buffer, sizeof buffer)) > 0;) text.append(buffer, n);
    if (file != nullptr) gzclose(file);
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        rows.emplace_back();
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
    }
    return rows;
}

inline nlohmann::json read_json(std::string const& name) {
    std::ifstream in(folder() + name);
    return nlohmann::json::parse(in);
}

/// The arrays that the reference's sampler was handed in a case.
inline vaster::models::insilicova::Problem problem_of(std::string const& name) {
    using namespace vaster;
    models::insilicova::Problem problem;
    auto const scalars = read_json(name + "__input_scalars.json");
    auto const indic = read_csv(folder() + name + "__input_indic.csv.gz");
    auto const order = read_csv(folder() + name + "__input_probbase_order.csv.gz");
    auto const start = read_csv(folder() + name + "__input_probbase_init.csv.gz");
    std::size_t const n_symptoms = order.size() - 1;
    problem.n_causes = order[0].size() - 1;
    problem.n_levels = scalars["dimensions_N_S_C_Nsub_Nlevel"][4];
    problem.start_value = scalars["level_values"].get<std::vector<double>>();
    problem.prior_present = scalars["prior_a"].get<std::vector<double>>();
    problem.prior_total = scalars["prior_b"];
    problem.answers = va::AnswerMatrix(indic.size() - 1, n_symptoms);
    for (std::size_t i = 0; i + 1 < indic.size(); ++i) {
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            std::string const& cell = indic[i + 1][s + 1];
            problem.answers.row(i)[s] = cell == "1"   ? va::Answer::present
                                        : cell == "0" ? va::Answer::absent
                                                      : va::Answer::missing;
        }
    }
    problem.start.resize(problem.n_levels);
    for (std::size_t s = 0; s < n_symptoms; ++s) {
        for (std::size_t c = 0; c < problem.n_causes; ++c) {
            auto const l = static_cast<std::uint8_t>(std::stoi(order[s + 1][c + 1]) - 1);
            problem.level.push_back(l);
            problem.start[l] = std::stod(start[s + 1][c + 1]);
        }
    }
    return problem;
}

/// The PHMRC deaths, as the reference was given them. Causes are va34's numbers less one.
struct Cohort {
    vaster::va::AnswerMatrix answers;
    std::vector<std::uint32_t> causes;
    std::vector<std::string> sites;
};

inline Cohort read_cohort() {
    using vaster::va::Answer;
    auto const rows = read_csv(std::string(VASTER_SHARED_DIR) + "/data/phmrc_adult_encoded.csv");
    std::size_t const first_symptom = 3;
    std::size_t const n_symptoms = rows[0].size() - first_symptom;
    Cohort cohort{vaster::va::AnswerMatrix(rows.size() - 1, n_symptoms), {}, {}};
    for (std::size_t i = 1; i < rows.size(); ++i) {
        cohort.sites.push_back(rows[i][0]);
        cohort.causes.push_back(static_cast<std::uint32_t>(std::stoul(rows[i][1]) - 1));
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            // The reader leaves out empty cells at the end of a line: absent.
            std::string const cell = s + first_symptom < rows[i].size() ? rows[i][s + first_symptom] : "";
            cohort.answers.row(i - 1)[s] = cell == "Y"   ? Answer::present
                                           : cell == "." ? Answer::missing
                                                         : Answer::absent;
        }
    }
    return cohort;
}

/// Rows of the training and test deaths of a case.
struct Rows {
    std::vector<std::uint32_t> train, test;
};

inline Rows read_rows(std::string const& name) {
    auto const spec = read_json("specs.json")[name];
    return {spec["train_rows"].get<std::vector<std::uint32_t>>(),
            spec["test_rows"].get<std::vector<std::uint32_t>>()};
}

inline std::vector<std::uint32_t> causes_of(Cohort const& cohort, std::vector<std::uint32_t> const& rows) {
    std::vector<std::uint32_t> causes;
    for (std::uint32_t const row : rows) causes.push_back(cohort.causes[row]);
    return causes;
}

}  // namespace oracle
