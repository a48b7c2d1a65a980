/* The list of temporary files. It is of the whole process, as its end is. */
#include "base/unfinished.h"

#include "base/platform.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct entry {
    struct entry *next;
    char path[];
} entry;

static struct {
    atomic_flag taken; /* by whom reads or changes the list: never for longer than an open() */
    entry *first;
} list = {.taken = ATOMIC_FLAG_INIT};

static void take_list(void)
{
    while (atomic_flag_test_and_set(&list.taken))
        cg_platform_sleep(1e-3);
}

static void give_list(void)
{
    atomic_flag_clear(&list.taken);
}

int cg_unfinished_open(const char *path)
{
    entry *e = malloc(sizeof *e + strlen(path) + 1);
    if (!e) {
        errno = ENOMEM;
        return -1;
    }
    strcpy(e->path, path);
    take_list();
    int file = cg_platform_open(path, CG_OPEN_NEW);
    if (file >= 0) {
        e->next = list.first;
        list.first = e;
        e = NULL;
    }
    give_list();
    int error = errno;
    free(e);
    errno = error;
    return file;
}

void cg_unfinished_forget(const char *path)
{
    take_list();
    entry **link = &list.first;
    while (*link && strcmp((*link)->path, path) != 0)
        link = &(*link)->next;
    entry *found = *link;
    if (found)
        *link = found->next;
    give_list();
    free(found);
}

/* The list is never given back. */
void cg_unfinished_remove(void)
{
    take_list();
    for (const entry *e = list.first; e; e = e->next)
        unlink(e->path);
}
