#include "domains/stream/dataflows/dataflow.hpp"

namespace vaster::stream {

std::vector<TaskKind> const& dataflow_kinds() {
    static std::vector<TaskKind> const kinds{etl_dataflow(), predict_dataflow(), stats_dataflow(),
                                             train_dataflow()};
    return kinds;
}

}  // namespace vaster::stream
