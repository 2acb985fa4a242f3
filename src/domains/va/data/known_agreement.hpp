#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vaster::va {

/// The list of labels of a study file that holds the table.
inline constexpr std::string_view known_agreement_labels = "known_agreement";

/// How far causes agree that two have told of the same deaths.
struct CauseAgreement {
    std::string what;    ///< "known", "one cause", "several causes", "broad cause": what was told and the
                         ///< label; "physician": that one and the label; "physicians": the two
    std::string first;   ///< the physician; empty: all that was told
    std::string second;  ///< the other one; empty: the label
    std::uint64_t deaths = 0;  ///< of which both have told a cause
    std::uint64_t agree = 0;   ///< of these: with the same one
    double kappa = 0;          ///< NaN: not known

    bool operator==(CauseAgreement const&) const = default;
};

/// Two causes of the same death, by number.
struct TwoCauses {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
};

/// Cohen's kappa, (p_o - p_e) / (1 - p_e): p_o the share of deaths with the same cause twice, p_e what it
/// would be by chance, sum over causes of the product of both sides' shares. Cohen (1960),
/// doi:10.1177/001316446002000104.
/// @return NaN for no deaths, or where chance alone agrees in all of them
[[nodiscard]] double kappa_of(std::span<TwoCauses const> causes);

/// A row as a label: its fields, parted by tabs, kappa empty where it is not known.
[[nodiscard]] std::string label_of(CauseAgreement const& row);

/// The names of the fields, parted by tabs: the list's first label.
[[nodiscard]] std::string agreement_header();

/// The rows of such a list, without the header. @throws DataError when it is not sound
[[nodiscard]] std::vector<CauseAgreement> agreement_in(std::span<std::string const> labels);

}  // namespace vaster::va
