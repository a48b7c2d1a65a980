/* Pages made of the option tables. A format is a head, a part of each command, a tail. The name of
 * a value in the help says how it is completed (value_kinds). */
#include "cli/manual.h"

#include <clgan/log.h>
#include <stdio.h>
#include <string.h>

/* ---- values ---------------------------------------------------------------------------------- */

/* The values that a shell can complete, by what their names begin with, and the words of zsh and
 * fish for it. bash's are in its tail. A name with bars in it, "a|b", is a choice. */
static const struct {
    const char *name, *zsh, *fish;
} value_kinds[] = {
    {"FILE", "_files", "-r -F"},
    {"PATH", "_files", "-r -F"},
    {"DIR", "_files -/", "-x -a '(__fish_complete_directories)'"},
    {"RUN", "_files -/", "-x -a '(__fish_complete_directories)'"},
    {"SEL", "_clgan_devices", "-x -a '(__clgan_devices)'"},
};

enum { KINDS = sizeof value_kinds / sizeof value_kinds[0] };

/* The row of value_kinds that a value's name means; KINDS when none does. */
static size_t kind_of(const char *value)
{
    size_t i = 0;
    while (i < KINDS && strncmp(value, value_kinds[i].name, strlen(value_kinds[i].name)) != 0)
        i++;
    return i;
}

static bool is_operand(const cg_option *option)
{
    return option->kind == CG_OPTION_OPERANDS;
}

/* The name by which what an option or operand takes is known; NULL for a flag. */
static const char *value_of(const cg_option *option)
{
    return is_operand(option) ? option->name : option->value;
}

/* Prints the text with `before` before each of `special`. */
static void put_escaped(const char *text, const char *special, const char *before)
{
    for (; *text; text++)
        printf("%s%c", strchr(special, *text) ? before : "", *text);
}

static void put_choices(const char *value)
{
    for (; *value; value++)
        putchar(*value == '|' ? ' ' : *value);
}

/* ---- the manual page ------------------------------------------------------------------------- */

/* Things that are no options: names and what they mean. */
typedef struct entry {
    const char *name, *text;
} entry;

static const entry variables[] = {
    {"CLGAN_DEVICE", "the default of --device"},
    {"CLGAN_LOG", "which messages are printed: error, warning, info (the default) or debug"},
    {"CLGAN_DATA_DIR", "a folder with mnist/ and classifier/, which counts more than data/ in the "
                       "current folder and what was installed"},
    {"CLGAN_TUNING", "the file of tunings (~/.config/clgan/tuning.json); empty: none"},
    {"CLGAN_CACHE_DIR", "the folder of compiled kernels (~/.cache/clgan); off or empty: none"},
    {"CLGAN_CACHE_LIMIT", "its limit in MiB (256)"},
    {"CLGAN_KERNEL_DIR", "a folder of kernels that replace the built-in ones"},
};

static const entry exits[] = {
    {"0", "done"},
    {"1",
     "the work failed: disk full, loss not finite, out of memory, a collapse that was to end it, "
     "--fail-below not met, a library that this build lacks"},
    {"2", "wrong options; unusable data, run or checkpoint"},
    {"3", "no device matches, or there is none"},
    {"4", "the device computes wrong results"},
    {"129, 130, 143", "stopped by SIGHUP, SIGINT or SIGTERM; train saves first"},
};

/* A dash is typed, not a hyphen; a line must not begin with a request. */
static void put_roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        printf("\\&");
    for (; *text; text++)
        printf("%s", *text == '\\' ? "\\e" : *text == '-' ? "\\-" : (char[]){*text, '\0'});
}

static void put_entries(const char *title, const entry *entries, size_t count)
{
    printf(".SH %s\n", title);
    for (size_t i = 0; i < count; i++) {
        printf(".TP\n.B ");
        put_roff(entries[i].name);
        putchar('\n');
        put_roff(entries[i].text);
        putchar('\n');
    }
}

static void man_head(const cg_command *const *commands, size_t count)
{
    printf(".TH CLGAN 1 \"\" \"clgan " CLGAN_VERSION "\" \"User Commands\"\n.SH NAME\n"
           "clgan \\- trains a DCGAN on MNIST, on any OpenCL device\n.SH SYNOPSIS\n");
    for (size_t i = 0; i < count; i++) {
        printf(".B clgan ");
        put_roff(commands[i]->name);
        printf("\n");
        put_roff(commands[i]->synopsis);
        printf("\n.br\n");
    }
    printf(".B clgan help\n[COMMAND]\n.br\n.B clgan \\-\\-version\n");
    printf(
        ".SH DESCRIPTION\n.B clgan\ntrains the DCGAN of the TensorFlow tutorial, draws from what "
        "it has learned, and measures devices and pictures. Messages and progress go to standard "
        "error, results to standard output.\n.SH COMMANDS\n");
}

static void man_command(const cg_command *command, const cg_option *options, size_t count)
{
    printf(".SS ");
    put_roff(command->name);
    printf("\n");
    put_roff(command->summary);
    printf("\n");
    for (size_t i = 0; i < count; i++) {
        printf(".TP\n.B %s", is_operand(&options[i]) ? "" : "\\-\\-");
        put_roff(options[i].name);
        if (options[i].value) {
            printf(" \\fI");
            put_roff(options[i].value);
            printf("\\fR");
        }
        printf("\n");
        put_roff(options[i].help);
        printf("\n");
    }
    printf(".PP\nExample:\n.RS\n");
    put_roff(command->example);
    printf("\n.RE\n");
}

static void man_tail(void)
{
    put_entries("ENVIRONMENT", variables, sizeof variables / sizeof variables[0]);
    put_entries("EXIT STATUS", exits, sizeof exits / sizeof exits[0]);
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void bash_head(const cg_command *const *commands, size_t count)
{
    printf(
        "# Completion of clgan for bash; clgan --page bash prints it.\n"
        "_clgan() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local kind='' option options=() operands='' names=()\n"
        "    if ((COMP_CWORD == 1)) || [[ $COMP_CWORD == 2 && ${COMP_WORDS[1]} == help ]]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; i < count; i++)
        printf("%s ", commands[i]->name);
    printf("help --help --version' -- \"$cur\")\n"
           "        return\n"
           "    fi\n"
           "    case ${COMP_WORDS[1]} in\n");
}

static void bash_command(const cg_command *command, const cg_option *options, size_t count)
{
    const char *operands = "";
    printf("    %s)\n        options=(", command->name);
    for (size_t i = 0; i < count; i++) {
        if (is_operand(&options[i]))
            operands = options[i].name;
        else
            printf("'--%s%s%s' ", options[i].name, options[i].value ? "=" : "",
                   options[i].value ? options[i].value : "");
    }
    printf(")\n        operands='%s' ;;\n", operands);
}

static void bash_tail(void)
{
    printf("    *) return ;;\n"
           "    esac\n"
           "    # --name=value is three words to bash.\n"
           "    [[ $cur != = ]] || cur=''\n"
           "    [[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    [[ ${COMP_WORDS[COMP_CWORD]} != = ]] || prev=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    for option in \"${options[@]}\"; do\n"
           "        names+=(\"${option%%%%=*}\")\n"
           "        [[ $option != \"$prev=\"* ]] || kind=${option#*=}\n"
           "    done\n"
           "    if [[ -z $kind && $cur == -* ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"${names[*]}\" -- \"$cur\")\n"
           "        return\n"
           "    fi\n"
           "    case ${kind:-$operands} in\n"
           "    *'|'*)\n"
           "        kind=${kind:-$operands}\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"${kind//|/ }\" -- \"$cur\") ;;\n"
           "    FILE* | PATH*)\n"
           "        compopt -o filenames 2>/dev/null\n"
           "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
           "    DIR* | RUN*)\n"
           "        compopt -o filenames 2>/dev/null\n"
           "        mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
           "    SEL*)\n"
           "        # By their numbers: a colon would end the word.\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"gpu cpu accelerator $(\"$1\" devices "
           "2>/dev/null | sed -n 's/^[* ] \\([0-9]*\\) .*/\\1/p')\" -- \"$cur\") ;;\n"
           "    esac\n"
           "}\n"
           "complete -F _clgan clgan\n");
}

/* ---- zsh ------------------------------------------------------------------------------------- */

static void zsh_head(const cg_command *const *commands, size_t count)
{
    printf("#compdef clgan\n"
           "# Completion of clgan for zsh; clgan --page zsh prints it.\n"
           "_clgan_devices() {\n"
           "    local -a found\n"
           "    found=(${(f)\"$(clgan devices 2>/dev/null |\n"
           "        sed -n 's/^[* ] \\([0-9]*\\)  *[^ ]*  *\\([^ ]*\\)  *\\(.*\\)/\\1:\\2, "
           "\\3/p')\"})\n"
           "    found+=(gpu:'the best GPU' cpu:'the best CPU' accelerator:'the best accelerator')\n"
           "    _describe device found\n"
           "}\n"
           "_clgan() {\n"
           "    local -a commands\n"
           "    commands=(\n");
    for (size_t i = 0; i < count; i++) {
        printf("        '%s:", commands[i]->name);
        put_escaped(commands[i]->summary, "'", "'\\'");
        printf("'\n");
    }
    printf("        'help:lists the commands, or the options of one'\n"
           "    )\n"
           "    if ((CURRENT == 2)) || [[ $CURRENT == 3 && $words[2] == help ]]; then\n"
           "        _describe command commands\n"
           "        return\n"
           "    fi\n"
           "    local command=$words[2]\n"
           "    shift words\n"
           "    ((CURRENT--))\n"
           "    case $command in\n");
}

/* ':name:action', the part of a specification that says what the value is. */
static void put_zsh_value(const cg_option *option)
{
    const char *value = value_of(option);
    size_t kind = kind_of(value);
    printf(":");
    put_escaped(value, ":[]", "\\");
    printf(":");
    if (strchr(value, '|')) {
        printf("(");
        put_choices(value);
        printf(")");
    } else if (kind < KINDS) {
        printf("%s", value_kinds[kind].zsh);
    } else {
        printf(" ");
    }
}

static void zsh_command(const cg_command *command, const cg_option *options, size_t count)
{
    printf("    %s) _arguments", command->name);
    for (size_t i = 0; i < count; i++) {
        const cg_option *o = &options[i];
        printf(" \\\n        '");
        if (is_operand(o)) {
            printf("%s", o->max > 1 ? "*" : "1");
        } else {
            printf("--%s%s[", o->name, o->value ? "=" : "");
            for (const char *c = o->help; *c; c++)
                printf("%s", *c == '\''            ? "'\\''"
                             : strchr("[]:\\", *c) ? (char[]){'\\', *c, '\0'}
                                                   : (char[]){*c, '\0'});
            printf("]");
        }
        if (value_of(o))
            put_zsh_value(o);
        printf("'");
    }
    printf(" ;;\n");
}

static void zsh_tail(void)
{
    printf("    esac\n}\n_clgan \"$@\"\n");
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void put_fish_text(const char *text)
{
    printf("'");
    put_escaped(text, "'\\", "\\");
    printf("'");
}

static void fish_head(const cg_command *const *commands, size_t count)
{
    printf("# Completion of clgan for fish; clgan --page fish prints it.\n"
           "function __clgan_devices\n"
           "    clgan devices 2>/dev/null | sed -n "
           "'s/^[* ] \\([0-9]*\\)  *[^ ]*  *\\([^ ]*\\)  *\\(.*\\)/\\1\\t\\2, \\3/p'\n"
           "    printf '%%s\\n' gpu cpu accelerator\n"
           "end\n"
           "complete -c clgan -f\n");
    for (size_t i = 0; i < count; i++) {
        printf("complete -c clgan -n __fish_use_subcommand -a %s -d ", commands[i]->name);
        put_fish_text(commands[i]->summary);
        printf("\ncomplete -c clgan -n '__fish_seen_subcommand_from help' -a %s\n",
               commands[i]->name);
    }
    printf("complete -c clgan -n __fish_use_subcommand -a help "
           "-d 'lists the commands, or the options of one'\n");
}

static void fish_command(const cg_command *command, const cg_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cg_option *o = &options[i];
        const char *value = value_of(o);
        printf("complete -c clgan -n '__fish_seen_subcommand_from %s'", command->name);
        if (!is_operand(o))
            printf(" -l %s", o->name);
        if (value && strchr(value, '|')) {
            printf(" -x -a '");
            put_choices(value);
            printf("'");
        } else if (value) {
            size_t kind = kind_of(value);
            printf(" %s", kind < KINDS ? value_kinds[kind].fish : "-x");
        }
        printf(" -d ");
        put_fish_text(o->help);
        printf("\n");
    }
}

static void fish_tail(void)
{
}

/* ---- all ------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*head)(const cg_command *const *commands, size_t count);
    cg_manual_printer *command;
    void (*tail)(void);
} formats[] = {
    {"man", man_head, man_command, man_tail},
    {"bash", bash_head, bash_command, bash_tail},
    {"zsh", zsh_head, zsh_command, zsh_tail},
    {"fish", fish_head, fish_command, fish_tail},
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

static size_t find_format(const char *name)
{
    size_t i = 0;
    while (i < FORMATS && strcmp(formats[i].name, name) != 0)
        i++;
    return i;
}

static const char page_option[] = "--help=";

cg_manual_printer *cg_manual_find(const char *argument)
{
    size_t length = strlen(page_option);
    size_t i =
        strncmp(argument, page_option, length) == 0 ? find_format(argument + length) : FORMATS;
    return i < FORMATS ? formats[i].command : NULL;
}

cg_status cg_manual_write(const char *format, const cg_command *const *commands, size_t count)
{
    char argument[32], *arguments[] = {argument, NULL};
    size_t f = find_format(format);
    if (f == FORMATS)
        return cg_fail(CG_ERR_ARGUMENT, "--page makes man, bash, zsh or fish, not '%s'", format);
    snprintf(argument, sizeof argument, "%s%s", page_option, format);
    formats[f].head(commands, count);
    for (size_t i = 0; i < count; i++)
        commands[i]->run(commands[i], 1, arguments);
    formats[f].tail();
    return CG_OK;
}
