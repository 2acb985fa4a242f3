#!/usr/bin/env python3
"""Fail when a file uses a name of the standard library, of the system or of another library whose header it does not include, itself or by
headers of the project.

usage: check_includes.py [PROJECT_FOLDER]

Neither the build (precompiled headers, several sources at once) nor clang-tidy (the latter) would say so; another compiler would. A name
std::NAME that NAMES does not know, or ::NAME that SYSTEM does not know, is a failure, too: it is added there with the headers that have it.
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
SYSTEM = {  # functions, which the house writes ::open(), and constants
    "cerrno": "EADDRINUSE EAGAIN EBADF ECHILD EEXIST EINTR ELOOP EMFILE EMLINK ENOENT ENOSPC ENOSYS ENOTSUP EPERM ESRCH EWOULDBLOCK errno",
    "csignal": "kill pthread_sigmask sigaction sigemptyset sigfillset signal sigprocmask SIGABRT SIGALRM SIGBUS SIGCHLD SIGFPE SIGHUP SIGILL SIGINT"
               " SIGIO SIGKILL SIGPIPE SIGPROF SIGPWR SIGQUIT SIGRTMAX SIGRTMIN SIGSEGV SIGSTOP SIGTERM SIGVTALRM SIGXCPU SIGXFSZ SIG_DFL SIG_IGN SIG_SETMASK",
    "cstdio": "fileno rename",
    "cstdlib": "getenv mkdtemp mkostemp setenv unsetenv",
    "cstring": "sigabbrev_np strnlen strsignal",
    "ctime": "clock_gettime nanosleep CLOCK_PROCESS_CPUTIME_ID",
    "dlfcn.h": "dlerror dlopen dlsym RTLD_DEEPBIND RTLD_LOCAL RTLD_NOW",
    "fcntl.h": "fcntl open posix_fadvise sync_file_range AT_FDCWD AT_SYMLINK_FOLLOW FD_CLOEXEC F_ADD_SEALS F_DUPFD_CLOEXEC F_GETFD F_GET_SEALS F_SEAL_GROW"
               " F_SEAL_SEAL F_SEAL_SHRINK F_SEAL_WRITE F_SETFD F_SETFL O_APPEND O_CLOEXEC O_CREAT O_DIRECTORY O_EXCL O_NOCTTY O_NOFOLLOW O_NONBLOCK"
               " O_PATH O_RDONLY O_RDWR O_TMPFILE O_TRUNC O_WRONLY POSIX_FADV_DONTNEED SYNC_FILE_RANGE_WRITE",
    "fnmatch.h": "fnmatch",
    "ifaddrs.h": "freeifaddrs getifaddrs",
    "malloc.h": "malloc_trim mallopt M_MMAP_THRESHOLD M_TRIM_THRESHOLD",
    "net/if.h": "IFF_UP",
    "poll.h": "poll ppoll POLLERR POLLHUP POLLIN POLLOUT",
    "pwd.h": "getpwuid getpwuid_r",
    "sched.h": "sched_getaffinity sched_setaffinity CPU_COUNT CPU_ISSET_S CPU_SETSIZE CPU_SET_S CPU_ZERO",
    "spawn.h": "posix_spawn posix_spawn_file_actions_adddup2 posix_spawn_file_actions_addopen posix_spawn_file_actions_destroy posix_spawn_file_actions_init"
               " posix_spawnattr_destroy posix_spawnattr_init posix_spawnattr_setflags posix_spawnattr_setpgroup posix_spawnattr_setsigdefault"
               " posix_spawnattr_setsigmask posix_spawnp POSIX_SPAWN_SETPGROUP POSIX_SPAWN_SETSIGDEF POSIX_SPAWN_SETSIGMASK",
    "sys/auxv.h": "getauxval AT_EXECFN",
    "sys/file.h": "flock LOCK_EX LOCK_NB LOCK_SH",
    "sys/ioctl.h": "ioctl",
    "sys/mman.h": "madvise memfd_create mmap munmap MADV_POPULATE_READ MAP_ANONYMOUS MAP_FAILED MAP_FIXED MAP_NORESERVE MAP_POPULATE MAP_PRIVATE MAP_SHARED"
                  " MFD_ALLOW_SEALING MFD_CLOEXEC PROT_READ PROT_WRITE",
    "sys/pidfd.h": "pidfd_open pidfd_send_signal",
    "sys/prctl.h": "prctl PR_SET_CHILD_SUBREAPER PR_SET_PDEATHSIG PR_SET_TIMERSLACK",
    "sys/random.h": "getrandom GRND_NONBLOCK",
    "sys/resource.h": "getrlimit getrusage setrlimit RLIMIT_AS RLIMIT_CORE RLIMIT_DATA RLIMIT_NOFILE RLIM_INFINITY RUSAGE_SELF",
    "sys/sendfile.h": "sendfile",
    "sys/socket.h": "bind connect getsockname getsockopt listen recv recvfrom recvmsg send sendmsg sendto setsockopt socket socketpair AF_INET AF_UNIX"
                    " CMSG_DATA CMSG_FIRSTHDR CMSG_LEN CMSG_NXTHDR CMSG_SPACE MSG_CMSG_CLOEXEC MSG_NOSIGNAL SCM_RIGHTS SOCK_CLOEXEC SOCK_DGRAM SOCK_NONBLOCK"
                    " SOCK_STREAM SOL_SOCKET SO_PEERCRED SO_RCVTIMEO SO_REUSEADDR SO_REUSEPORT SO_SNDTIMEO",
    "sys/stat.h": "chmod fchmod fstat lstat stat umask utimensat S_ISDIR S_ISLNK S_ISREG",
    "sys/vfs.h": "fstatfs",
    "sys/wait.h": "wait4 waitpid WEXITSTATUS WIFEXITED WIFSIGNALED WNOHANG WTERMSIG",
    "unistd.h": "_exit access alarm chdir close close_range dup2 dup3 execv execvp fdatasync fork fsync ftruncate geteuid gethostname getpid getppid getuid isatty"
                " link linkat pause pipe2 pread pwrite read setpgid setsid syscall sysconf unlink vfork write F_OK R_OK STDERR_FILENO STDIN_FILENO"
                " STDOUT_FILENO W_OK X_OK",
    "zlib.h": "crc32_z inflate inflateEnd inflateInit2 inflateReset MAX_WBITS Z_BUF_ERROR Z_NO_FLUSH Z_OK Z_STREAM_END",
}
SAME = {"signal.h": "csignal", "stdio.h": "cstdio", "stdlib.h": "cstdlib", "string.h": "cstring", "time.h": "ctime", "errno.h": "cerrno"}
LIBRARIES = {  # what their names begin with, and the headers
    "CLI::": "CLI/", "Cbc_": "coin/Cbc", "Clp_": "coin/Clp", "EVP_": "openssl/", "H5": "hdf5.h", "MPI_": "mpi.h", "XGB": "xgboost/", "XGDM": "xgboost/",
    "XML_": "expat.h", "XXH": "xxhash.h", "_mm": "immintrin.h", "boost::": "boost/", "fmt::": "fmt/", "httplib::": "httplib.h", "mosquitto_": "mosquitto.h",
    "nlohmann::": "nlohmann/", "nlopt_": "nlopt.h", "simdjson::": "simdjson.h", "spdlog::": "spdlog/", "sqlite3": "sqlite3.h", "toml::": "toml++/",
    "zip_open": "zip.h", "zip_source": "zip.h",
}
OPAQUE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
USED = re.compile(r"\bstd::(?:ranges::(?!views\b))?(\w+)")
FUNCTION = re.compile(r"(?<![\w>])::(\w+)\(")
WORD = re.compile(r"(?<![\w.:])(?<!->)\w+(?:::)?")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)', re.MULTILINE)


STANDARD = {name: {header} for header, names in NAMES.items() for name in names.split()}
STANDARD.update({name: set(headers.split()) for name, headers in SEVERAL.items()})
HEADER_OF = {name: header for header, names in SYSTEM.items() for name in names.split()}


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

    def problems(self, path):
        code = OPAQUE.sub("", self.text(path))
        reached = self.reached(path)
        for name in sorted(set(USED.findall(code))):
            if name not in STANDARD:
                yield f"uses std::{name}, which scripts/check_includes.py does not know: add it there, with its header"
            elif not STANDARD[name] & reached:
                yield f"uses std::{name} without #include <{'> or <'.join(sorted(STANDARD[name]))}>"
        functions, words = set(FUNCTION.findall(code)), set(WORD.findall(code))
        known = {SAME.get(header, header) for header in reached}
        for name in sorted(functions | {word for word in words & HEADER_OF.keys() if not word.islower() or word == "errno"}):
            if name.startswith(tuple(LIBRARIES)):
                words.add(name)
            elif name not in HEADER_OF:
                yield f"uses ::{name}, which scripts/check_includes.py does not know: add it there, with its header"
            elif HEADER_OF[name] not in known:
                yield f"uses {name} without #include <{HEADER_OF[name]}>"
        for start, header in LIBRARIES.items():
            name = next((word for word in sorted(words) if word.startswith(start)), None)
            announced = re.search(rf"^(?:namespace|struct|class) {start.strip(':_')}(?: \{{|;)", code, re.MULTILINE)
            if name and not announced and not any(one.startswith(header) for one in reached):
                yield f"uses {name} without #include <{header}{'...' if header.endswith('/') else ''}>"


def main(root):
    project, code = Project(pathlib.Path(root)), 0
    files = sorted(file for folder in ("src", "include") for file in project.root.joinpath(folder).rglob("*.?pp"))
    for file in files:
        for problem in project.problems(file):
            print(f"{file.relative_to(project.root)}: {problem}")
            code = 1
    if code == 0:
        print(f"{len(files)} files include what they use of the standard library, the system and other libraries")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent))
