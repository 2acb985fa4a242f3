# Completion of vaster for bash. It asks the program itself for its subcommands and flags, so it is never out of date.

_vaster() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]/#\~/$HOME} words="" path=() help i
    help=$("$program" --help 2>/dev/null) || return 0
    for ((i = 1; i < COMP_CWORD; i++)); do
        words=" $(sed -n '/^Subcommands:/,/^$/ s/^  \([a-z-]*\) .*/\1/p' <<<"$help" | tr '\n' ' ')"
        if [[ ${COMP_WORDS[i]} && $words == *" ${COMP_WORDS[i]} "* ]]; then
            path+=("${COMP_WORDS[i]}")
            help=$("$program" "${path[@]}" --help 2>/dev/null)
        fi
    done
    case $current in
    -*) words=$(sed -n 's/^  \(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p' <<<"$help") ;;
    *)  # values that the help lists in braces, or else subcommands; file names where there are neither
        words=$(sed -n "s/^  $previous [A-Z]*:{\([^}]*\)}.*/\1/p" <<<"$help" | tr ',' '\n')
        [ -n "$words" ] || words=$(sed -n '/^Subcommands:/,/^$/ s/^  \([a-z-]*\) .*/\1/p' <<<"$help") ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _vaster vaster
