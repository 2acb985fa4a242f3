#include <array>
#include <memory>
#include <new>

#include <expat.h>

#include "domains/stream/tasks/catalogue.hpp"

namespace vaster::stream {
namespace {

/// A child of a student, and what its tag and its place add to the length of its text.
struct Tag {
    std::string_view name;
    std::uint64_t added;
};

constexpr std::array tags{Tag{"firstname", 5 + 1}, Tag{"lastname", 6 + 2}, Tag{"nickname", 7 + 3},
                          Tag{"marks", 8 + 4}};
constexpr std::uint64_t added_by_roll_number = 7;

/// Characters, not bytes, of UTF-8.
std::uint64_t length_of(std::string_view text) {
    std::uint64_t length = 0;
    for (char const c : text) length += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    return length;
}

/// What the parser has come by in one document.
struct Document {
    std::uint64_t sum = 0;
    bool in_student = false;
    bool whole = true;         ///< does every student have a roll number?
    Tag const* tag = nullptr;  ///< whose text is being read
};

Document& document_of(void* data) {
    return *static_cast<Document*>(data);
}

void begin_student(Document& document, XML_Char const** attributes) {
    document.in_student = true;
    for (; *attributes != nullptr; attributes += 2) {
        if (std::string_view(attributes[0]) != "rollno") continue;
        document.sum += length_of(attributes[1]) + added_by_roll_number;
        return;
    }
    document.whole = false;
}

void begin_element(void* data, XML_Char const* name, XML_Char const** attributes) {
    Document& document = document_of(data);
    std::string_view const element = name;
    if (element == "student") begin_student(document, attributes);
    if (!document.in_student) return;
    for (auto const& tag : tags) {
        if (tag.name != element) continue;
        document.tag = &tag;
        document.sum += tag.added;
    }
}

void end_element(void* data, XML_Char const* name) {
    Document& document = document_of(data);
    std::string_view const element = name;
    if (element == "student") document.in_student = false;
    if (document.tag != nullptr && document.tag->name == element) document.tag = nullptr;
}

void take_text(void* data, XML_Char const* text, int size) {
    Document& document = document_of(data);
    if (document.tag != nullptr) document.sum += length_of({text, static_cast<std::size_t>(size)});
}

struct FreeParser {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
};

using Parser = std::unique_ptr<XML_ParserStruct, FreeParser>;

class XmlParse final : public Task {
  public:
    explicit XmlParse(TaskSetup const& /*setup*/) : parser_(XML_ParserCreate(nullptr)) {
        if (!parser_) throw std::bad_alloc();
    }

    void take(Record const& record, Yield& yield) override {
        Document document;
        XML_ParserReset(parser_.get(), nullptr);
        XML_SetUserData(parser_.get(), &document);
        XML_SetElementHandler(parser_.get(), begin_element, end_element);
        XML_SetCharacterDataHandler(parser_.get(), take_text);
        auto const status =
            XML_Parse(parser_.get(), record.line.data(), static_cast<int>(record.line.size()), XML_TRUE);
        if (status != XML_STATUS_OK || !document.whole) {
            yield.faults.add(record.number, record.offset, Fault::bad_line);
            yield.count(Outcome::bad);
            return;
        }
        yield.output.begin(record.number).cell(document.sum).end();
        yield.count(Outcome::output);
    }

  private:
    Parser parser_;
};

}  // namespace

TaskKind xml_parse_task() {
    return {
        .code = "XML",
        .name = "xml_parse",
        .doc = "lengths of the texts of a document of students, summed",
        .sigma = "1:1",
        .uses_fields = false,
        .input_format = "xml",
        .keying = by_record,
        .fields = [](TaskSetup const&) { return std::vector<std::string>(); },
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "value"}, 1};
            },
        .make = make_task<XmlParse>,
    };
}

}  // namespace vaster::stream
