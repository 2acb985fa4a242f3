#include "domains/service/solve/answer.hpp"

#include <cstring>

#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

class Bytes {
  public:
    explicit Bytes(std::string_view bytes) : rest_(bytes) {}

    void take(void* into, std::size_t size) {
        require<DataError>(size <= rest_.size(), "an answer is cut short");
        if (size > 0) std::memcpy(into, rest_.data(), size);
        rest_.remove_prefix(size);
    }

    std::uint64_t size() {
        std::uint64_t size = 0;
        take(&size, sizeof size);
        require<DataError>(size <= rest_.size(), "an answer is cut short");
        return size;
    }

    std::vector<double> numbers() {
        std::uint64_t const bytes = size();
        std::vector<double> numbers(bytes / sizeof(double));
        take(numbers.data(), numbers.size() * sizeof(double));
        return numbers;
    }

    std::string text() {
        std::string text(size(), ' ');
        take(text.data(), text.size());
        return text;
    }

  private:
    std::string_view rest_;
};

void put(std::string& bytes, void const* from, std::size_t size) {
    std::uint64_t const length = size;
    bytes.append(reinterpret_cast<char const*>(&length), sizeof length);
    if (size > 0) bytes.append(static_cast<char const*>(from), size);
}

}  // namespace

std::vector<std::string> solver_names() {
    return {"cbc", "clp", "glpsol", exact_solver, "ipopt", "nlopt", "slsqp"};
}

std::string to_bytes(Answer const& answer) {
    std::string bytes;
    bytes.push_back(static_cast<char>(answer.claim));
    bytes.append(reinterpret_cast<char const*>(&answer.bound), sizeof answer.bound);
    for (auto const* const numbers : {&answer.values, &answer.duals})
        put(bytes, numbers->data(), numbers->size() * sizeof(double));
    for (auto const* const text : {&answer.version, &answer.limit, &answer.note})
        put(bytes, text->data(), text->size());
    return bytes;
}

Answer answer_of(std::string_view text) {
    Bytes bytes(text);
    Answer answer;
    std::uint8_t claim = 0;
    bytes.take(&claim, sizeof claim);
    require<DataError>(claim <= static_cast<std::uint8_t>(Claim::unknown), "an answer claims nothing known");
    answer.claim = static_cast<Claim>(claim);
    bytes.take(&answer.bound, sizeof answer.bound);
    for (auto* const numbers : {&answer.values, &answer.duals}) *numbers = bytes.numbers();
    for (auto* const words : {&answer.version, &answer.limit, &answer.note}) *words = bytes.text();
    return answer;
}

}  // namespace vaster::service::solve
