# A prompt that shows where you are. License: MIT. Append it to ~/.bashrc, or source it from there.
#
#   user@host:~$                          outside
#   user@host[722]:~$                     in a view; 722 is the pid of its hypervisor (or the name of the view, see vuname(1))
#   user@host[722]{net_admin,net_raw}:~$  with ambient capabilities
#
# It goes where PS1 has the host name (\h); a PS1 without one is replaced, but only in a view. Outside nothing looks different.
# A shell keeps its view and its ambient capabilities as long as it lives, so all is asked for once.

# Names by bit number (include/uapi/linux/capability.h).
_vuos_capability_names=(chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
    net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice
    sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm
    block_suspend audit_read perfmon bpf checkpoint_restore)

# _vuos_read_capabilities [STATUS-FILE]: sets _vuos_caps to the ambient capabilities in braces, or to nothing.
_vuos_read_capabilities() {
    local key value bits=0 bit
    _vuos_caps=
    while read -r key value; do
        [[ $key == CapAmb: ]] && bits=$((16#$value))
    done 2>/dev/null <"${1:-/proc/self/status}"
    for ((bit = 0; bit < 63 && bits >> bit; bit++)); do
        ((bits >> bit & 1)) && _vuos_caps+=,${_vuos_capability_names[bit]:-$bit}
    done
    _vuos_caps=${_vuos_caps:+{${_vuos_caps#,}\}}
}

_vuos_read_capabilities
_vuos_host=
if type -P vuname >/dev/null; then
    _vuos_host=$(vuname -P -x -q 2>/dev/null)
    # The name of a view may hold anything; a terminal must not obey it.
    _vuos_host=${_vuos_host//[[:cntrl:]]/}
fi
if [[ ${PS1-} != *_vuos_host* ]]; then
    [[ ${PS1-} != *'\h'* && -n $_vuos_host$_vuos_caps ]] && PS1='\u@\h:\w\$ '
    # As variables: their values are not expanded a second time when the prompt is printed.
    PS1=${PS1//'\h'/'${_vuos_host:-\h}${_vuos_caps}'}
fi
