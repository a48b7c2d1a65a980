/* Operating systems differ in this. The first half is platform_files_posix.c or, for
 * Windows, platform_files_windows.c, of which CMake compiles one, the second half likewise
 * platform_posix.c or platform_windows.c; no other file of the library asks which system it is for.
 * (The program has such a pair for its process: cli/process.h.)
 *
 * Paths are UTF-8, with / between folders. Functions that fail set errno and log nothing. All may
 * be called by any thread. */
#ifndef CLGAN_BASE_PLATFORM_H
#define CLGAN_BASE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- files ----------------------------------------------------------------------------------- */

typedef enum cg_open_mode {
    CG_OPEN_READ,   /* one that is there; never waits for a pipe's other end */
    CG_OPEN_NEW,    /* to write; EEXIST when anything is there                      */
    CG_OPEN_APPEND, /* to write at its end, created when it is not there            */
    CG_OPEN_LOCK,   /* for cg_platform_lock(), created when it is not there         */
} cg_open_mode;

/* A descriptor for close(), of bytes as they are, which no child inherits; -1 on failure. */
int cg_platform_open(const char *path, cg_open_mode mode);

/* *got = the bytes that were read: `size`, or fewer where the file ends before. */
bool cg_platform_read(int file, void *bytes, size_t size, size_t *got);

/* Writes all bytes, in one call to the system unless that takes fewer. */
bool cg_platform_write(int file, const void *bytes, size_t size);

/* Returns when the bytes are on the disk, as far as the system can tell. */
bool cg_platform_sync(int file);

/* The same for a folder's list of names; `folder` is a path or "" for the current one. */
bool cg_platform_sync_folder(const char *folder);

/* The outcome of asking for a lock. CG_LOCK_NONE: the file system has no locks, errno says why. */
typedef enum cg_lock { CG_LOCK_HELD, CG_LOCK_BUSY, CG_LOCK_NONE } cg_lock;

/* Locks the file for this process alone, until it is closed or the process ends. Does not wait:
 * CG_LOCK_BUSY when another has it. The process opens the file once at a time. */
cg_lock cg_platform_lock(int file);

/* True when another process has locked the file. Asks with a lock that is shared, so that several
 * may ask at once, and gives it back. */
bool cg_platform_is_locked(int file);

typedef struct cg_file_info {
    bool regular, folder; /* neither: a device, a pipe, a link that is not followed */
    uint64_t bytes;
    int64_t changed_ns; /* when it was last written or touched */
} cg_file_info;

/* True when the path leads to the file that is open: it was neither removed, moved nor replaced. */
bool cg_platform_is_at(int file, const char *path);

bool cg_platform_file_info(cg_file_info *info, int file);
bool cg_platform_path_info(cg_file_info *info, const char *path);

/* The same of a link itself. */
bool cg_platform_link_info(cg_file_info *info, const char *path);

/* Renames; what was at `path` is gone at once. */
bool cg_platform_replace(const char *temp, const char *path);

/* Makes `path` a symbolic link to `target`, which counts from the link's own folder; a link that is
 * there already is replaced at once. False where the system or the file system has none, and, with
 * EEXIST, where something else is there. */
bool cg_platform_link(const char *target, const char *path);

/* Sets the file's time to now. */
bool cg_platform_touch(const char *path);

/* Creates one folder. */
bool cg_platform_make_folder(const char *path);

/* The path from the root, for free(), with links resolved but on Windows; NULL when nothing is
 * there. */
char *cg_platform_resolve(const char *path);

/* The length of a path's folder with the separator behind it; 0 for a bare name. */
size_t cg_platform_folder_length(const char *path);

bool cg_platform_is_separator(char c);

/* True for a path that does not depend on the current folder. */
bool cg_platform_is_absolute(const char *path);

/* The file that this code was loaded from, the shared library or else the program: its path from
 * the root, for free(), with links resolved but on Windows; NULL where the system does not tell. */
char *cg_platform_module(void);

/* ---- the process and its machine ------------------------------------------------------------- */

/* Seconds since some fixed moment, never backwards; seconds since 1970. */
double cg_platform_clock(void);
double cg_platform_wall_time(void);

void cg_platform_sleep(double seconds);

/* Has a thread of its own call run(argument), and does not wait for it; false where none can be
 * had. It takes no signal but those that the caller takes. */
bool cg_platform_start_thread(void (*run)(void *argument), void *argument);

/* Processors that the process may use, at least 1. */
size_t cg_platform_processors(void);

enum { CG_PLATFORM_THREADS = 16 };

/* Calls run(argument, i) for each i below count, CG_PLATFORM_THREADS at most, in as many threads,
 * the caller's among them; those that cannot be had are the caller's, too. Returns when all are
 * done. */
void cg_platform_run_together(size_t count, void (*run)(void *argument, size_t i), void *argument);

/* The most bytes of memory that the process has had resident; 0 where the system does not say. */
size_t cg_platform_resident_peak(void);

/* Bytes of memory that the process may still take, by what is free and by its cgroups' limits;
 * bytes of addresses, by its own limits. SIZE_MAX where the system does not say or sets none. */
size_t cg_platform_memory_room(void);
size_t cg_platform_address_room(void);

/* name = the machine's, "localhost" where it has none. */
void cg_platform_host_name(char *name, size_t size);

/* The user's own folder, NULL where none is known. Lives until the environment changes. */
const char *cg_platform_home(void);

/* A file that catches descriptor 2, and a copy of that. */
typedef struct cg_caught {
    FILE *file; /* NULL: nothing is caught */
    int errors;
} cg_caught;

/* Does the stream go to a terminal that obeys control sequences? */
bool cg_platform_is_terminal(FILE *stream);

/* The columns of the terminal that the stream goes to, now; 0 where it goes to none or the terminal
 * does not say. */
size_t cg_platform_columns(FILE *stream);

/* out = the word as the user's shell takes it, quoted where that is needed and cut where there
 * is no room (room >= 1); returns its bytes. */
size_t cg_platform_quote(char *out, size_t room, const char *word);

/* Has what this process writes to descriptor 2 go into a file that has no name, whoever writes it;
 * *token is for cg_platform_release_errors(), which ends that and returns the file, from its
 * beginning, for fclose(); NULL where nothing could be caught. If the process aborts
 * meanwhile, it is written where descriptor 2 went before, but on Windows. One at a time. */
void cg_platform_catch_errors(cg_caught *token);
FILE *cg_platform_release_errors(cg_caught *token);

#endif
