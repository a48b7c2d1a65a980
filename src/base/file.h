/* Paths and files. A file is written whole or not at all: a writer fills a temporary file beside
 * the target and renames it over the target at commit, so that no reader ever sees half a file.
 *
 *     cg_writer writer = {0};
 *     CG_TRY(cg_writer_open(&writer, path));
 *     CG_TRY(cg_writer_write(&writer, data, size));
 *     CG_TRY(cg_writer_commit(&writer));
 *   done:
 *     cg_writer_abandon(&writer);
 */
#ifndef CLGAN_BASE_FILE_H
#define CLGAN_BASE_FILE_H

#include "base/platform.h"

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* *path = "folder/name", for free(). An empty folder gives the name alone. CG_ERR_MEMORY. */
cg_status cg_path_join(char **path, const char *folder, const char *name);

/* *folder = the path's folder, with the separator at its end; "" for a name alone. For free().
 * CG_ERR_MEMORY. */
cg_status cg_path_folder(char **folder, const char *path);

/* Does the path end in `ending`, ".png", behind a name? Capital and small letters are alike. */
bool cg_path_ends_in(const char *path, const char *ending);

/* True when anything (a file, a folder) is there and can be looked at: where it does not matter if
 * it is there and cannot. */
bool cg_file_exists(const char *path);

/* True when nothing is there for certain; false where the system cannot tell. */
bool cg_file_is_absent(const char *path);

/* *there = anything is there. CG_ERR_READ, logged, when the system cannot tell. */
cg_status cg_file_find(bool *there, const char *path);

/* The same, and what it is, where it is there. */
cg_status cg_file_look(bool *there, cg_file_info *info, const char *path);

/* Calls `visit` with each name in the folder, "." and ".." too, in any order, until it returns an
 * error, which is returned; a folder that is not there has no names. CG_ERR_READ, CG_ERR_MEMORY,
 * logged, when it cannot be read, or not to its end. */
typedef cg_status cg_folder_visitor(void *user, const char *folder, const char *name);
cg_status cg_folder_visit(const char *path, cg_folder_visitor *visit, void *user);

/* True when a folder is there whose names the user may not read. */
bool cg_folder_is_closed(const char *path);

/* Creates the folder and the missing folders above it; one that is there already is fine.
 * CG_ERR_WRITE, CG_ERR_MEMORY, logged. */
cg_status cg_dir_create(const char *path);

/* The same without a message: false, with errno, when it cannot. */
bool cg_dir_make(const char *path);

/* Creates one folder that is not there yet, without a message: false, with errno, when it cannot.
 * Its name survives a power cut, where the system can see to that. */
bool cg_dir_make_new(const char *path);

/* Has the name of a file or folder that was created survive a power cut. False, with errno. */
bool cg_path_sync(const char *path);

/* *data = the whole regular file, for free(), with one NUL behind its *size bytes.
 * CG_ERR_INPUT, logged, when it is missing, not a regular file or larger than `limit` bytes;
 * CG_ERR_READ, CG_ERR_MEMORY; *data is then NULL. */
cg_status cg_file_read(void **data, size_t *size, const char *path, size_t limit);

/* The same, without a message: NULL, and 0, where the file cannot be read. */
void *cg_file_try(const char *path, size_t *size, uint64_t limit);

/* CG_OK where a file may be left out because of the file itself: missing, damaged, unreadable;
 * else the status, such as of memory, that says nothing of the file. */
static inline cg_status cg_file_forgive(cg_status status)
{
    return status == CG_ERR_INPUT || status == CG_ERR_READ ? CG_OK : status;
}

/* A file that is being written. {0} is a writer that holds nothing. */
typedef struct cg_writer {
    FILE *file; /* the temporary file; NULL when nothing is open  */
    char *path; /* the target, links resolved                     */
    char *temp; /* ".NAME.PID-N.tmp" in the target's folder       */
} cg_writer;

/* All three log and return CG_ERR_WRITE (CG_ERR_MEMORY), naming the target. After a failed write
 * or commit the temporary file is gone and the writer holds nothing. A link at `path` is written
 * through; a device or a folder there is refused. */
cg_status cg_writer_open(cg_writer *writer, const char *path);
cg_status cg_writer_write(cg_writer *writer, const void *data, size_t size);

/* Flushes, syncs, closes, renames over the target and syncs the folder. */
cg_status cg_writer_commit(cg_writer *writer);

/* Removes the temporary file. Does nothing after a commit or on {0}. */
void cg_writer_abandon(cg_writer *writer);

/* True when a file's name is that of a writer's temporary file. *target, *length = NAME in it. */
bool cg_file_is_temporary(const char **target, size_t *length, const char *name);

/* CG_OK when a writer can be opened there now, CG_ERR_WRITE else. Leaves nothing behind. */
cg_status cg_file_probe(const char *path);

/* The same for a path that the user gave by `option` and that has to end in `ending`, else
 * CG_ERR_ARGUMENT, logged. NULL, a file that is not wanted, is fine. */
cg_status cg_file_probe_output(const char *option, const char *path, const char *ending);

/* Opens, writes and commits a file of these `size` bytes, once they were read back. */
cg_status cg_file_write(const char *path, const void *data, size_t size);

#endif
