#!/usr/bin/env bash
# The manual page and the completions say what the option tables do, and shells take them.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

for format in man bash zsh fish; do
    expect_exit 0 "$CLGAN" --page "$format"
    cp out "$format"
done
expect_exit 2 "$CLGAN" --page html
expect_said "man, bash, zsh or fish, not 'html'"

# ---- each command and option is in each ----------------------------------------------------------

expect_exit 0 "$CLGAN" --help
mapfile -t commands < <(sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' out)
((${#commands[@]} > 8)) || fail "only these commands: ${commands[*]}"
for command in "${commands[@]}"; do
    expect_exit 0 "$CLGAN" "$command" --help
    grep -qxF ".SS ${command//-/\\-}" man || fail "the manual page has no $command"
    mapfile -t options < <(sed -n 's/^  --\([a-z0-9-]*\).*/\1/p' out)
    twice=$(printf '%s\n' "${options[@]}" | sort | uniq -d)
    [[ -z $twice ]] || fail "$command has $twice twice"
    for option in "${options[@]}"; do
        awk -v command=".SS ${command//-/\\\\-}" -v option=".B \\\\-\\\\-${option//-/\\\\-}" '
            /^\.S/ { inside = $0 == command } inside && index($0 " ", option " ") == 1 { found = 1 }
            END { exit !found }' man || fail "the manual page has no $command --$option"
        for shell in "bash '--${option}(=|')" "zsh '--${option}(\\[|=)" "fish from $command'.* -l $option "; do
            grep -qE -- "${shell#* }" "${shell%% *}" || fail "${shell%% *} has no $command --$option"
        done
    done
done
mapfile -t names < <(grep -rhoE 'getenv\("CLGAN_[A-Z_]*' "$CLGAN_SOURCE_DIR"/src | sed 's/.*"//' | sort -u)
((${#names[@]} > 4)) || fail "only these variables: ${names[*]}"
for name in "${names[@]}"; do
    grep -qxF ".B $name" man || fail "the manual page has no $name"
done

# ---- the manual page is sound --------------------------------------------------------------------

if command -v groff >/dev/null; then
    groff -man -Tascii -P-cbou -ww man >page 2>warnings || fail "$(cat warnings)"
    [[ ! -s warnings ]] || fail "$(cat warnings)"
    grep -q "EXIT STATUS" page || fail "groff makes nothing of it"
fi

# ---- bash completes ------------------------------------------------------------------------------

# complete WORD...: what it offers for the last of the words, sorted, on one line.
complete_words() {
    bash -c 'source ./bash; COMP_WORDS=(clgan "$@"); COMP_CWORD=$#; _clgan "$0" "${COMP_WORDS[-1]}"
        ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' "$CLGAN" "$@" 2>&1 |
        sort | tr '\n' ' '
}

# offers EXPECTED WORD...
offers() {
    [[ $(complete_words "${@:2}") == "$1" ]] || fail "offered for '${*:2}': $(complete_words "${@:2}")"
}

mkdir folder
touch file.json
offers 'tune ' tu
offers 'compare ' com
offers '--fail-below ' compare --fa
offers '--quiet ' devices --q
offers 'fast tutorial ' train --recipe ''
offers 'fast ' train --recipe f
offers 'fast ' train --recipe = f
offers 'clblast own plain ' bench --gemm =
offers 'info ' cache i
offers 'file.json ' compare file.
offers 'file.json ' evaluate --json file.
offers 'folder ' train --out fo
offers 'file.json ' train --data file
offers 'folder ' report --out x fo
offers '' train --epochs ''
offers '' nobody --x
[[ $(complete_words train --device '') == '0 '*'cpu gpu ' ]] ||
    fail "devices: $(complete_words train --device '')"

# ---- other shells take theirs --------------------------------------------------------------------

if command -v zsh >/dev/null; then
    zsh -n zsh || fail "zsh does not take it"
fi
if command -v fish >/dev/null; then
    fish -n fish || fail "fish does not take it"
    HOME=$PWD fish -c 'source fish; complete -C "clgan train --recipe "' >offered 2>/dev/null
    [[ $(cut -f 1 offered | sort | tr '\n' ' ') == 'fast tutorial ' ]] || fail "fish: $(cat offered)"
fi
