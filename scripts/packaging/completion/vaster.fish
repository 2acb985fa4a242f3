# Completion of vaster for fish. It asks the program itself for its subcommands and flags, so it is never out of date.

function __vaster_help
    set -l words (commandline -opc)
    set -l program $words[1]
    set -l path
    set -l help ($program --help 2>/dev/null)
    for word in $words[2..-1]
        if contains -- $word (__vaster_subcommands $help)
            set -a path $word
            set help ($program $path --help 2>/dev/null)
        end
    end
    printf '%s\n' $help
end

function __vaster_subcommands
    printf '%s\n' $argv | sed -n '/^Subcommands:/,/^$/ s/^  \([a-z-]*\) .*/\1/p'
end

complete -c vaster -n 'test -n "$(__vaster_help | sed -n "/^Subcommands:/p")"' -f \
    -a '(__vaster_help | sed -n "/^Subcommands:/,/^\$/ s/^  \([a-z-]*\)  *\(.*\)/\1\t\2/p")'
complete -c vaster -n 'string match -q -- "-*" (commandline -ct)' -f \
    -a '(__vaster_help | sed -n "s/^  \(-[a-z],\)\{0,1\}\(--[a-z-]*\)[^ ]*\( .*\)\{0,1\}\$/\2\t\3/p" | string replace -r "\t( Excludes:.*|.*   *)" "\t")'
