#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/store/reader.hpp"
#include "domains/va/models/catalogue.hpp"
#include "vaster/study/kinds.hpp"

namespace vaster::va {

/// Which method of a comparison is to be trained.
struct Wanted {
    enum class Where {
        as_far_as_possible,  ///< leave_one_site_out, else out_domain, else in_domain
        within,              ///< in_domain
        between,             ///< leave_one_site_out, else out_domain
    };

    std::string method;                ///< empty: the best one
    std::string by = "csmf_accuracy";  ///< column by which it is the best
    Where where = Where::as_far_as_possible;
    bool allow_holes = false;  ///< also when experiments are missing
};

/// A method, with all that a training of it takes from the comparison.
struct Chosen {
    std::string method;
    std::vector<study::Override> keys;  ///< of kind va-train: data, seed, parameters of the method
    std::string sentence;               ///< how it was chosen, for people and for the model file
    std::string data_hash;              ///< of the comparison
};

/// Chooses a method of a comparison and says how it is trained. Of the methods whose mean is within one
/// bootstrap standard error of the best one's, the one that takes least computing is taken.
/// @throws DataError when the study is of another kind, has no experiments that say which method is the best,
/// or has holes among them; UsageError for a method or a column that it does not have
[[nodiscard]] Chosen choose_method(store::Reader const& study, study::Kinds const& kinds,
                                   std::shared_ptr<models::Catalogue const> const& catalogue,
                                   Wanted const& wanted);

/// Is the file of the deaths the one that the comparison was made with? Reads it.
/// @param data  the file; empty: where the comparison found it
/// @throws DataError when it is another one; Error when it cannot be read
void check_same_data(store::Reader const& study, study::Kinds const& kinds,
                     std::shared_ptr<models::Catalogue const> const& catalogue, std::string const& data);

}  // namespace vaster::va
