#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "domains/va/prediction/model_in_use.hpp"
#include "domains/va/prediction/prediction_options.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/sealed_block.hpp"

namespace vaster::va {

/// A model, and the bytes of its file in memory that other processes of the host can share.
struct SharedModel {
    std::shared_ptr<ModelInUse const> model;
    std::shared_ptr<SealedBlock const> block = nullptr;  ///< null: there is none
    std::string block_problem = {};                      ///< why
};

/// Reads the model of a prediction, once a host: from the block of another process where there is one; and
/// once in this process, which opens the study from its source and then again from its study file.
class ModelReader {
  public:
    /// @throws DataError, IoError, UnavailableError as read_model() and use_posterior()
    [[nodiscard]] SharedModel model_of(PredictionOptions const& options, study::DataFrom const& from,
                                       models::Catalogue const& catalogue);

  private:
    /// Files that have not been touched: the last time of a change is the system's (ctime).
    struct Stamp {
        std::uint64_t device = 0, inode = 0, size = 0;
        std::int64_t seconds = 0, nanoseconds = 0;

        friend bool operator==(Stamp const&, Stamp const&) = default;
    };

    struct Asked {
        std::filesystem::path model, posterior;
        std::string content;
        std::optional<Stamp> model_stamp, posterior_stamp;

        friend bool operator==(Asked const&, Asked const&) = default;
    };

    [[nodiscard]] static std::optional<Stamp> stamp_of(std::filesystem::path const& file);

    std::optional<Asked> asked_;  ///< what `last_` answers
    SharedModel last_;
};

}  // namespace vaster::va
