#include "domains/stream/tasks/foreign_models.hpp"

#include <array>

#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

struct Foreign {
    std::string_view magic;      ///< first bytes; empty: known by its name alone
    std::string_view extension;  ///< ".joblib"
    std::string_view what;
};

using namespace std::string_view_literals;

constexpr std::array foreign{
    Foreign{"\xac\xed\x00\x05"sv, ".model", "a serialised Java object (Weka, RIoTBench)"},
    Foreign{"\x80\x02"sv, ".pkl", "a Python pickle"},
    Foreign{"\x80\x03"sv, ".pickle", "a Python pickle"},
    Foreign{"\x80\x04"sv, ".joblib", "a Python pickle of joblib"},
    Foreign{"\x80\x05"sv, ".joblib", "a Python pickle of joblib"},
};

}  // namespace

void refuse_foreign_model(std::filesystem::path const& path, std::string_view bytes,
                          std::string_view trainer) {
    for (auto const& one : foreign) {
        bool const is_one = bytes.starts_with(one.magic) || path.extension() == one.extension;
        require<DataError>(!is_one,
                           "{} is {}, which cannot be read; train the model again with vaster (task {})",
                           path.string(), one.what, trainer);
    }
}

}  // namespace vaster::stream
