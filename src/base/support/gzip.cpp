#include "base/support/gzip.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <zlib.h>

#include "vaster/support/errors.hpp"

namespace vaster {
namespace {

constexpr std::string_view magic = "\x1f\x8b";
constexpr std::size_t piece_size = std::size_t{1} << 18;
constexpr std::size_t most_at_once = std::size_t{1} << 30;  // zlib counts in 32 bits
constexpr int largest_window_of_gzip = 16 + MAX_WBITS;

class Inflater {
  public:
    explicit Inflater(std::string_view name) : name_(name) {
        require<UnavailableError>(::inflateInit2(&stream_, largest_window_of_gzip) == Z_OK,
                                  "cannot unpack {}: no memory for it", name);
    }

    Inflater(Inflater const&) = delete;
    Inflater& operator=(Inflater const&) = delete;

    ~Inflater() { ::inflateEnd(&stream_); }

    /// Unpacks one member. @returns what follows it
    std::string_view member(std::string_view packed, std::function<void(std::string_view)> const& take) {
        ::inflateReset(&stream_);
        int state = Z_OK;
        while (state != Z_STREAM_END) {
            require<DataError>(!packed.empty(),
                               "{} is cut: it ends in the middle of what is packed in it; get it again",
                               name_);
            auto const given = std::min(packed.size(), most_at_once);
            // zlib does not write there; its type is that of C.
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
            stream_.avail_in = static_cast<uInt>(given);
            stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
            stream_.avail_out = static_cast<uInt>(piece_.size());
            state = ::inflate(&stream_, Z_NO_FLUSH);
            require<DataError>(state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR,
                               "{} is damaged: it cannot be unpacked ({}); get it again", name_,
                               stream_.msg != nullptr ? stream_.msg : "not gzip");
            take({piece_.data(), piece_.size() - stream_.avail_out});
            packed.remove_prefix(given - stream_.avail_in);
        }
        return packed;
    }

  private:
    std::string_view name_;
    z_stream stream_{};
    std::vector<char> piece_ = std::vector<char>(piece_size);
};

}  // namespace

bool is_gzip(std::string_view bytes) noexcept {
    return bytes.starts_with(magic);
}

void unpack_gzip(std::string_view packed, std::string_view name,
                 std::function<void(std::string_view)> const& take) {
    Inflater inflater(name);
    packed = inflater.member(packed, take);
    while (is_gzip(packed)) packed = inflater.member(packed, take);
    // Tapes and some file systems fill up the last block.
    bool const only_zeros = packed.find_first_not_of('\0') == std::string_view::npos;
    require<DataError>(only_zeros, "{} is damaged: {} bytes that are not packed follow what is packed", name,
                       packed.size());
}

}  // namespace vaster
