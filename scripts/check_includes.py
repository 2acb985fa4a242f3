#!/usr/bin/env python3
"""Fail when a file uses a name of the standard library, or of fmt, whose header it does not include, itself or by headers of the project.

usage: check_includes.py [PROJECT_FOLDER]

Neither the build (precompiled headers) nor clang-tidy (several sources at once) would say so; another compiler would. A name that NAMES
does not know is a failure, too: it is added there with the headers that have it.
"""
import functools
import pathlib
import re
import sys

NAMES = {
    "algorithm": "adjacent_find all_of any_of binary_search clamp copy copy_if copy_n count count_if equal equal_range fill fill_n find find_if"
                 " find_if_not for_each generate includes is_sorted lexicographical_compare lower_bound max max_element merge min min_element"
                 " minmax minmax_element mismatch none_of nth_element partial_sort partition partition_point remove remove_if replace replace_if"
                 " reverse rotate search set_difference set_intersection set_union shuffle sort stable_partition stable_sort transform unique"
                 " upper_bound",
    "array": "array",
    "atomic": "atomic memory_order_relaxed memory_order_acquire memory_order_release",
    "bit": "bit_cast bit_ceil bit_floor bit_width countl_zero countr_zero endian has_single_bit popcount rotl rotr",
    "charconv": "chars_format from_chars to_chars from_chars_result to_chars_result",
    "chrono": "chrono",
    "cctype": "isalnum isalpha isdigit isspace tolower toupper",
    "cmath": "abs asin atan acos ceil cos cyl_bessel_k erf erfc exp exp2 expm1 floor fmax fmin fmod frexp isfinite isinf isnan ldexp lgamma llround log log10"
             " log1p log2 lround nan nearbyint pow round signbit sin sqrt tan tanh tgamma trunc fma hypot copysign nextafter",
    "compare": "strong_ordering partial_ordering weak_ordering",
    "concepts": "same_as convertible_to integral floating_point invocable derived_from",
    "condition_variable": "condition_variable condition_variable_any cv_status",
    "csignal": "raise sig_atomic_t signal",
    "cstddef": "byte max_align_t nullptr_t ptrdiff_t size_t to_integer",
    "cstdint": "int8_t int16_t int32_t int64_t intmax_t uint8_t uint16_t uint32_t uint64_t uintmax_t uintptr_t intptr_t",
    "cstdio": "FILE fclose ferror fflush fgets fopen fputs fread fwrite printf fprintf snprintf rename",
    "cstdlib": "abort atoi exit free getenv malloc quick_exit realloc strtod strtof strtol strtoll strtoul strtoull _Exit",
    "cstring": "memchr memcmp memcpy memmove memset strcmp strerror strlen strncmp strsignal",
    "ctime": "time_t tm time gmtime localtime strftime",
    "deque": "deque",
    "exception": "current_exception exception exception_ptr rethrow_exception terminate uncaught_exceptions set_terminate",
    "filesystem": "filesystem",
    "fstream": "fstream ifstream ofstream",
    "functional": "bit_and bit_or equal_to function greater hash invoke less less_equal minus multiplies plus ref cref not_fn",
    "future": "async future promise",
    "initializer_list": "initializer_list",
    "iomanip": "setprecision setw setfill",
    "ios": "hex ios streamoff streamsize",
    "iostream": "cerr cin clog cout",
    "istream": "istream ws",
    "iterator": "advance back_inserter begin cbegin cend distance end forward_iterator_tag input_iterator_tag inserter istreambuf_iterator make_move_iterator next"
                " prev random_access_iterator_tag size ssize reverse_iterator",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "addressof allocator default_delete dynamic_pointer_cast enable_shared_from_this make_shared make_unique shared_ptr static_pointer_cast"
              " unique_ptr weak_ptr",
   
    "mutex": "call_once lock_guard mutex once_flag recursive_mutex scoped_lock unique_lock",
    "new": "bad_alloc nothrow set_new_handler",
    "numbers": "numbers",
    "numeric": "accumulate exclusive_scan gcd inclusive_scan inner_product iota partial_sum reduce transform_reduce midpoint",
   
    "optional": "make_optional nullopt nullopt_t optional",
    "ostream": "endl flush ostream",
    "queue": "priority_queue queue",
    "random": "mt19937 mt19937_64 normal_distribution uniform_int_distribution uniform_real_distribution random_device",
    "set": "multiset set",
    "span": "as_bytes as_writable_bytes dynamic_extent span",
    "sstream": "istringstream ostringstream stringstream",
    "stdexcept": "domain_error invalid_argument length_error logic_error out_of_range overflow_error range_error runtime_error",
    "stop_token": "stop_callback stop_source stop_token",
    "streambuf": "streambuf",
    "string": "char_traits getline stod stof stoi stol stoll stoul stoull string to_string string_literals",
    "string_view": "string_view string_view_literals",
    "system_error": "errc error_category error_code generic_category make_error_code system_category system_error",
    "thread": "jthread this_thread thread",
    "tuple": "apply ignore make_tuple tie tuple tuple_element_t tuple_size_v forward_as_tuple",
    "type_traits": "conditional_t decay_t enable_if_t false_type invoke_result_t is_arithmetic_v is_class_v is_const_v is_enum_v is_floating_point_v"
                   " is_integral_v is_same_v is_signed_v is_trivially_copyable_v is_unsigned_v make_signed_t make_unsigned_t remove_const_t"
                   " remove_cv_t remove_cvref_t remove_reference_t true_type underlying_type_t is_invocable_v is_base_of_v is_void_v integral_constant"
                   " is_convertible_v is_constructible_v",
    "unordered_map": "unordered_map",
    "unordered_set": "unordered_set",
    "utility": "as_const declval exchange forward in_place index_sequence make_index_sequence make_pair move pair swap to_underlying piecewise_construct unreachable cmp_less cmp_greater",
    "variant": "bad_variant_access get get_if holds_alternative monostate variant variant_size_v visit",
    "vector": "vector",
}
SEVERAL = {  # names that several headers have
    "abs": "cmath cstdlib", "begin": "iterator vector string array span map set string_view", "end": "iterator vector string array span map set string_view",
    "erase": "vector string deque list", "erase_if": "vector map set string unordered_map unordered_set deque list", "get": "variant tuple utility array memory",
    "hash": "functional string string_view memory", "remove": "algorithm cstdio", "size": "iterator vector string array span",
    "size_t": "cstddef cstring cstdio cstdlib string vector string_view span array map set", "string_view": "string_view string", "time_t": "ctime chrono",
    "ssize": "iterator vector string span", "in_place": "utility optional variant", "ranges": "ranges algorithm", "initializer_list": "initializer_list vector string map set",
    "ios": "ios iostream fstream sstream istream ostream", "streamsize": "ios iostream fstream sstream istream ostream streambuf", "streamoff": "ios iostream fstream sstream",
    "hex": "ios iostream sstream", "istream": "istream iosfwd iostream fstream sstream", "ostream": "ostream iosfwd iostream fstream sstream", "pair": "utility map",
    "tuple_size_v": "tuple array utility", "exception": "exception stdexcept new", "less": "functional map set",
    "error_code": "system_error filesystem charconv", "errc": "system_error charconv", "move": "utility algorithm memory functional", "forward": "utility functional memory",
    "stop_token": "stop_token thread", "streambuf": "streambuf iostream",
    "from_chars_result": "charconv",
    "flush": "ostream iostream", "ws": "istream iostream sstream", "plus": "functional numeric",
}
OPAQUE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
USED = re.compile(r"\bstd::(?:ranges::(?!views\b))?(\w+)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)', re.MULTILINE)


def headers_by_name():
    found = {name: {header} for header, names in NAMES.items() for name in names.split()}
    found.update({name: set(headers.split()) for name, headers in SEVERAL.items()})
    return found


class Project:
    def __init__(self, root):
        self.root = root
        self.text = functools.cache(lambda path: path.read_text())
        self.reached = functools.cache(self.reached)

    def reached(self, path):
        """Headers of others that a file includes, itself or by headers of the project."""
        found = set()
        for _, name in INCLUDE.findall(self.text(path)):
            own = next((own for own in (self.root / "src" / name, self.root / "include" / name) if own.is_file()), None)
            found |= self.reached(own) if own else {name}
        return found

    def problems(self, path, headers):
        code = OPAQUE.sub("", self.text(path))
        reached = self.reached(path)
        for name in sorted(set(USED.findall(code))):
            if name not in headers:
                yield f"uses std::{name}, which scripts/check_includes.py does not know: add it there, with its header"
            elif not headers[name] & reached:
                yield f"uses std::{name} without #include <{'> or <'.join(sorted(headers[name]))}>"
        if re.search(r"\bfmt::", code) and not any(header.startswith("fmt/") for header in reached):
            yield "uses fmt without #include <fmt/format.h>"


def main(root):
    project, headers, code = Project(pathlib.Path(root)), headers_by_name(), 0
    files = sorted(file for folder in ("src", "include") for file in project.root.joinpath(folder).rglob("*.?pp"))
    for file in files:
        for problem in project.problems(file, headers):
            print(f"{file.relative_to(project.root)}: {problem}")
            code = 1
    if code == 0:
        print(f"{len(files)} files include what they use of the standard library")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent))
