/* The list of temporary files. It is of the whole process, as its end is. */
#include "base/unfinished.h"

#include "base/lock.h"
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

int cg_unfinished_open(const char *path)
{
    entry *e = malloc(sizeof *e + strlen(path) + 1);
    if (!e) {
        errno = ENOMEM;
        return -1;
    }
    strcpy(e->path, path);
    cg_lock_take(&list.taken);
    int file = cg_platform_open(path, CG_OPEN_NEW);
    if (file >= 0) {
        e->next = list.first;
        list.first = e;
        e = NULL;
    }
    cg_lock_give(&list.taken);
    int error = errno;
    free(e);
    errno = error;
    return file;
}

void cg_unfinished_forget(const char *path)
{
    cg_lock_take(&list.taken);
    entry **link = &list.first;
    while (*link && strcmp((*link)->path, path) != 0)
        link = &(*link)->next;
    entry *found = *link;
    if (found)
        *link = found->next;
    cg_lock_give(&list.taken);
    free(found);
}

/* The list is never given back. */
void cg_unfinished_remove(void)
{
    cg_lock_take(&list.taken);
    for (const entry *e = list.first; e; e = e->next)
        unlink(e->path);
}
