#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/csv/csv.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/data/column_roles.hpp"
#include "domains/va/data/name_column.hpp"

namespace vaster::va {

/// Gathers the rows of a file into a cohort.
class CohortBuilder {
  public:
    /// @param source  must outlive the builder
    CohortBuilder(CohortSource const& source, DeathColumns const& columns, std::vector<std::string> symptoms);

    /// Takes the reader's current row in, or leaves it out.
    /// @param cause    what the file says of the cause, perhaps nothing
    /// @param why_not  a reason to leave the row out; empty: none
    /// @throws DataError for a row without an ID where IDs are asked for
    void take(csv::CsvReader const& reader, std::string_view cause, std::span<va::Answer const> answers,
              std::string_view why_not = {});

    /// Does the text say that there is no cause?
    [[nodiscard]] bool is_no_cause(std::string_view text) const { return no_cause_.contains(tidied(text)); }

    /// Gives every answer that is still open_answer its meaning.
    void settle_open_answers(va::Answer answer);

    /// A note for people, before those that finish() adds.
    void add_note(std::string note) { cohort_.notes.push_back(std::move(note)); }

    Reading& reading() { return cohort_.reading; }

    /// The cohort, with sites and causes in byte order. The reader is at its end.
    /// @throws DataError when no row was taken in; for sites that are missing, names and IDs that the rules
    /// refuse
    [[nodiscard]] Cohort finish(csv::CsvReader const& reader) &&;

  private:
    /// Rows of one sort, and where the first ones are.
    struct Rows {
        std::uint64_t count = 0;
        std::vector<std::uint64_t> first_lines;

        void add(std::uint64_t line);
        [[nodiscard]] std::string lines() const;
    };

    struct LeftOut {
        std::string reason;
        Rows rows;
    };

    void make_room(std::uint64_t expected_rows);
    [[nodiscard]] bool take_id(csv::CsvReader const& reader, std::string_view id);
    void leave_out(std::string_view reason, std::uint64_t line);
    void add(csv::CsvReader const& reader, std::uint32_t cause, std::span<va::Answer const> answers);

    void note_missing_causes(std::string const& path);
    void refuse_missing_sites(std::string const& path) const;
    void note_left_out(std::string const& path);
    void note_suspects(std::string const& path);
    void take_names(std::string const& path);
    void settle_ids(std::string const& path);
    void note_alike(std::string const& path);

    CohortSource const& source_;
    DeathColumns columns_;
    Cohort cohort_;
    NothingWords no_cause_;
    NameColumn causes_;
    NameColumn sites_;
    NameColumn populations_;
    std::vector<std::uint64_t> lines_;                      // [n_deaths], where each death is in the file
    std::map<std::uint32_t, std::uint64_t> no_cause_rows_;  // by spelling
    Rows without_cause_;
    std::map<std::uint32_t, std::uint64_t> no_site_rows_;  // by spelling
    Rows without_site_;
    bool other_words_for_none_ = false;  // some cell but an empty one was read as no cause or sub-population
    std::vector<LeftOut> left_out_;      // in the order in which the reasons first occurred
    std::unordered_map<std::string, std::uint32_t> first_of_id_;     // the first death
    std::map<std::string, std::vector<std::uint64_t>> lines_of_id_;  // of IDs that are there more than once
    std::uint64_t room_ = 0;                                         // rows
};

}  // namespace vaster::va
