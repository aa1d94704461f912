# Bash completion for vuos-actors, umvu and the commands for guests. License: MIT.
# Source it, or install it where bash-completion looks; it needs nothing but bash.

# Modules that ship with this release.
_vuos_modules='vufs'

_vuos_mount_words='defaults user group ro rw suid nosuid dev nodev exec noexec async sync remount mand nomand dirsync atime noatime
diratime nodiratime bind move rbind silent loud acl relatime norelatime iversion noiversion strictatime nostrictatime lazytime
nolazytime permanent except='

# _vuos_loaded: the modules of this view, nothing outside one.
_vuos_loaded() {
    local name rest
    vu_lsmod 2>/dev/null | while IFS=: read -r name rest; do
        printf '%s\n' "$name"
    done
}

# _vuos_mount_points < MOUNTS: the mount points in a file like /proc/self/mounts, one a line.
_vuos_mount_points() {
    local source point rest
    while read -r source point rest; do
        # Space, tab, newline and backslash are written as octal escapes.
        printf '%b\n' "$point"
    done
}

# _vuos_words WORD...: those that begin with the current word.
_vuos_words() {
    local IFS=$' \t\n'
    COMPREPLY=($(compgen -W "$*" -- "$cur"))
}

# _vuos_lines: lines of standard input that begin with the current word.
_vuos_lines() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        [[ $line == "$cur"* ]] && COMPREPLY+=("$line")
    done
    _vuos_as_files
}

# _vuos_files [-d]: files, or directories, that begin with the current word.
_vuos_files() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(compgen "${1:--f}" -- "$cur")
    _vuos_as_files
}

# Outside a completion (in tests) there is nothing to set.
_vuos_as_files() {
    compopt -o filenames 2>/dev/null
    return 0
}

# _vuos_list WORD...: the last item of a comma-separated list.
_vuos_list() {
    local before=
    [[ $cur == *,* ]] && before=${cur%,*},
    local IFS=$' \t\n'
    COMPREPLY=($(compgen -P "$before" -W "$*" -- "${cur##*,}"))
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}

# _vuos_current: sets cur and prev; a ':' or '=' that readline made a word of its own is stepped over.
_vuos_current() {
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=
    ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}
    [[ $cur == [:=] ]] && { prev=$cur; cur=; }
    [[ $prev == '=' ]] && ((COMP_CWORD > 1)) && prev=${COMP_WORDS[COMP_CWORD - 2]}
    return 0
}

# _vuos_operand FIRST OPTIONS-WITH-ARGUMENT: index of the first operand at or after word FIRST; COMP_CWORD+1 if there is none before
# or at the current word.
_vuos_operand() {
    local i=$1 with=" $2 " word
    for ((; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -- ]]; then
            ((i++))
            break
        elif [[ $with == *" $word "* ]]; then
            ((i++))
            # The argument goes on after a ':' or '=' that is a word of its own.
            while [[ ${COMP_WORDS[i]-} == '=' || ${COMP_WORDS[i + 1]-} == ':' || ${COMP_WORDS[i]-} == ':' ]] && ((i < COMP_CWORD)); do
                ((i++))
            done
        elif [[ $word != -* ]]; then
            break
        fi
    done
    operand=$i
}

# _vuos_command FIRST: completes a command line that begins at word FIRST.
_vuos_command() {
    if ((COMP_CWORD == $1)); then
        if [[ $cur == */* ]]; then
            _vuos_files
        else
            COMPREPLY=($(compgen -c -- "$cur"))
        fi
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    else
        _vuos_files
    fi
}

_vuos_actors_run() {
    local with='-m --module --mount -b --bind --view -V --name --transport --in-guest --log-level --log-file -d --debug -D --debug-colours --config
        -f --rc'
    with=${with//$'\n'/ }
    case $prev in
        -m | --module) _vuos_words "$_vuos_modules"; return ;;
        --mount) _vuos_words "$_vuos_modules"; compopt -o nospace 2>/dev/null; return ;;
        -b | --bind | --view | --log-file | --config | -f | --rc | :) _vuos_files; return ;;
        --transport) _vuos_words auto notify ptrace; return ;;
        --in-guest) _vuos_words off; return ;;
        --log-level) _vuos_words verbose debug information warning error fatal; return ;;
        -V | --name | -d | --debug | -D | --debug-colours) COMPREPLY=(); return ;;
    esac
    local operand
    _vuos_operand 2 "$with"
    if ((COMP_CWORD >= operand)); then
        _vuos_command "$operand"
    else
        _vuos_words "$with" -x --nonesting -N --norc --kill-on-exit --seal --stats -h --help
    fi
}

_vuos_actors() {
    local cur prev
    _vuos_current
    if ((COMP_CWORD == 1)); then
        _vuos_words run syscalls --help --version
    elif [[ ${COMP_WORDS[1]} == run ]]; then
        _vuos_actors_run
    elif [[ ${COMP_WORDS[1]} == syscalls ]]; then
        _vuos_words --decision -h --help
    fi
}

_umvu() {
    local cur prev operand
    local with='-f --rc -V --vu_name -o --output -d --debugtags -D --debugcols -l --loglevel -s --syslog'
    _vuos_current
    case $prev in
        -f | --rc | -o | --output) _vuos_files; return ;;
        -l | --loglevel | -s | --syslog) _vuos_words 0 1 2 3 4 5 6 7; return ;;
        -V | --vu_name | -d | --debugtags | -D | --debugcols) COMPREPLY=(); return ;;
    esac
    _vuos_operand 1 "$with"
    if ((COMP_CWORD >= operand)); then
        _vuos_command "$operand"
    else
        _vuos_words "$with" -x --nonesting -S --noseccomp --seccomp -N --norc -h --help
    fi
}

_vu_insmod() {
    local cur prev
    _vuos_current
    [[ $cur == -* ]] && _vuos_words -p --permanent -h --help || _vuos_words "$_vuos_modules"
}

_vu_rmmod() {
    local cur prev
    _vuos_current
    [[ $cur == -* ]] && _vuos_words -h --help || _vuos_words "$(_vuos_loaded)"
}

_vu_lsmod() {
    local cur prev
    _vuos_current
    _vuos_words -h --help
}

_vumount() {
    local cur prev
    _vuos_current
    case $prev in
        -t | --types) _vuos_words "$(printf '%s\n' $_vuos_modules $(_vuos_loaded) | sort -u)"; return ;;
        -o | --options) _vuos_list "$_vuos_mount_words"; return ;;
    esac
    if [[ $cur == -* ]]; then
        _vuos_words -t --types -o --options -r --read-only -w --rw --read-write -B --bind -M --move -R --rbind -h --help
    else
        _vuos_files
    fi
}

_vuumount() {
    local cur prev
    _vuos_current
    if [[ $cur == -* ]]; then
        _vuos_words -f --force -d --detach-loop -h --help
    else
        _vuos_lines < <(_vuos_mount_points </proc/self/mounts)
    fi
}

_vuname() {
    local cur prev
    _vuos_current
    COMPREPLY=()
    [[ $cur == -* ]] && _vuos_words -a --all -s --kernel-name -n --nodename -r --kernel-release -v --kernel-version -m --machine \
        -p --processor -i --hardware-platform -o --operating-system -U --serverid -V --viewid -N --viewname -P --prompt -x --nouname \
        -q --silent -h --help --version
    return 0
}

_vudebug() {
    local cur prev i
    _vuos_current
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == -- ]]; then
            _vuos_command $((i + 1))
            return
        fi
    done
    [[ $cur == -* ]] && _vuos_words -h --help --
    return 0
}

complete -F _vuos_actors vuos-actors
complete -F _umvu umvu
complete -F _vu_insmod vu_insmod
complete -F _vu_lsmod vu_lsmod
complete -F _vu_rmmod vu_rmmod
complete -F _vumount vumount
complete -F _vuumount vuumount
complete -F _vuname vuname
complete -F _vudebug vudebug
