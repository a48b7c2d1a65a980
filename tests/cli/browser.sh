# shellcheck shell=bash
# Pages in a browser; to be sourced by tests of the command behind what defines `fail` and `tool`.
# In the current folder; $browser is empty where there is no Chromium.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)

# run_browser ARGUMENT...: no name has an address there.
run_browser() {
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --allow-file-access-from-files --user-data-dir="$TMPDIR/browser" \
        --host-resolver-rules='MAP * ~NOTFOUND' "$@" 2>browser.log ||
        fail "the browser: $(tail -n 3 browser.log)"
}

# shot PAGE FILE WIDTH,HEIGHT SCHEME GROUND: SCHEME 0 is dark, 1 light. The corner of the picture
# shows the page's ground.
shot() {
    run_browser --blink-settings="preferredColorScheme=$4" --window-size="$3" \
        --screenshot="$PWD/$2" "file://$PWD/$1" >/dev/null
    [[ $(tool corner "$2") == "$5" ]] || fail "$2: its ground is $(tool corner "$2"), not $5"
}

# fits PAGE: at no width, from a phone's on, the page scrolls sideways, with all its details
# unfolded; and at 1400 none of its tables does. A window may have a least width, a frame has none.
fits() {
    local width inside outside boxes count=0
    cat >frames.html <<HTML
<!DOCTYPE html>
<body>
<script>
for (const width of [320, 390, 800, 1400]) {
    const frame = document.createElement("iframe");
    Object.assign(frame, {width, height: 900, src: "$1"});
    frame.style.border = 0;
    frame.onload = () => {
        const inner = frame.contentDocument, root = inner.documentElement;
        for (const details of inner.querySelectorAll("details"))
            details.open = true;
        const boxes = [...inner.querySelectorAll(".wide")].filter(
            box => box.scrollWidth > box.clientWidth);
        document.body.append(["|fits", width, root.scrollWidth, root.clientWidth,
                              boxes.length, "|"].join(" "));
    };
    document.body.append(frame);
}
</script>
HTML
    run_browser --virtual-time-budget=20000 --dump-dom "file://$PWD/frames.html" >frames.out
    while read -r width inside outside boxes; do
        [[ $inside -le $outside ]] || fail "$1 is $inside wide on a screen of $width"
        [[ $width -lt 1400 || $boxes == 0 ]] || fail "$1: $boxes tables scroll at $width"
        count=$((count + 1))
    done < <(grep -o '|fits [0-9 ]*|' frames.out | sed 's/|fits \(.*\) |/\1/')
    [[ $count == 4 ]] || fail "$1 was seen at $count widths: $(head -c 300 frames.out)"
}
