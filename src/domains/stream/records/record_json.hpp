#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace vaster::stream {

/// A JSON parser for which a number that is beyond 64 bits or beyond the doubles is a value like any other:
/// simdjson takes the whole text for wrong then.
class RecordJson {
  public:
    /// What is in the element is good until the next call.
    /// @param text  line_padding bytes after it can be read
    [[nodiscard]] simdjson::error_code parse(std::string_view text, simdjson::dom::element& into);

  private:
    simdjson::dom::parser parser_;
    std::string in_range_;  ///< the text, with numbers that the parser takes
};

/// A JSON value that is neither a text nor null, as text. Of a number the shortest that is read back as the
/// same; of one beyond the doubles as it stands, which is not a finite number.
[[nodiscard]] std::string text_of_value(simdjson::dom::element value);

}  // namespace vaster::stream
