#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "domains/va/models/interva5.hpp"
#include "vaster/va/classifier.hpp"

/// InSilicoVA as R package InSilicoVA runs it on WHO 2016 data with Probbase: with a table in place of
/// training deaths, impossible causes, and deaths from external causes set apart. McCormick et al. (2016),
/// doi:10.1080/01621459.2016.1152191; Li et al. (2023), "The openVA Toolkit for Verbal Autopsies", The R
/// Journal 14(4), doi:10.32614/RJ-2023-020.
namespace vaster::models::insilicova {

/// Which causes an answer rules out.
enum class Impossible {
    none,    ///< no cause is ruled out
    subset,  ///< by sex, age and stillbirth: cells of 0 where the answer counts, cells of 1 where it does not
    subset2,  ///< the same; maternal causes where there was no pregnancy; prematurity and birth asphyxia by
              ///< i367a
    all,      ///< as subset, by every symptom
    interva,  ///< cells of 0 of every symptom where the answer counts, as InterVA has it
};

/// "none", "subset", "subset2", "all", "interva".
[[nodiscard]] std::vector<std::string> const& impossible_names();

/// An answer, and a cause that it rules out.
struct Ruling {
    interva5::NamedAnswer answer;
    std::uint32_t cause = 0;  ///< column of the table
};

/// The rulings that follow from the table. Symptoms and causes of rules that name some (subset, subset2) are
/// WHO's and InterVA's names, or the codes of causes; those that the table does not have rule out nothing.
/// "0" and "1" are answers as they were given: where a symptom counts by its no, they are the opposite.
[[nodiscard]] std::vector<Ruling> rulings_of(interva5::StandardTable const& table, Impossible rule);

/// Reads rulings of the user's own: CSV symptom,answer,cause; answer is present or absent.
/// @throws DataError with line and column for other columns, unknown names and answers
[[nodiscard]] std::vector<Ruling> read_rulings(std::filesystem::path const& path,
                                               interva5::StandardTable const& table);

/// How deaths are coded.
struct PublishedOptions {
    std::vector<Ruling> rulings;
    /// Are deaths with an external sign (an injury, say) coded by themselves, with external causes alone?
    /// Then no other death gets such a cause.
    bool external_apart = true;
};

/// Codes deaths together.
/// @param table_file  of which `table` was read: InSilicoVA reads it itself
/// @param parameters  of the model insilico; its table is set here
/// @param answers     after interva5::check() by Clears::any_answer, columns as table.symptoms
/// @returns probabilities of the table's causes; own fractions of external causes do not move, so that both
/// ends
///          of their intervals are the fraction itself
/// @throws ModelError, DataError as the model; Cancelled
[[nodiscard]] Prediction code_as_published(interva5::StandardTable const& table,
                                           std::filesystem::path const& table_file, Parameters parameters,
                                           va::AnswerMatrix const& answers, PublishedOptions const& options,
                                           Random random, Watcher& watcher);

}  // namespace vaster::models::insilicova
