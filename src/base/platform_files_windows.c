/* Files on Windows 10 and later, by mingw-w64. The program's manifest makes UTF-8 the code page of
 * its process (cli/clgan.manifest), so paths need no conversion; a program with another code page
 * that uses the library gives paths in that one.
 *
 * The C library serves wherever it does as POSIX does, and sets errno. set_error() translates
 * the errors of the system itself. */
#include "base/platform.h"

#include <direct.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utime.h>
#include <windows.h>

static bool set_error(BOOL done)
{
    static const struct {
        DWORD system;
        int error;
    } known[] = {
        {ERROR_FILE_NOT_FOUND, ENOENT},    {ERROR_PATH_NOT_FOUND, ENOENT},
        {ERROR_ACCESS_DENIED, EACCES},     {ERROR_SHARING_VIOLATION, EBUSY},
        {ERROR_LOCK_VIOLATION, EBUSY},     {ERROR_ALREADY_EXISTS, EEXIST},
        {ERROR_FILE_EXISTS, EEXIST},       {ERROR_DISK_FULL, ENOSPC},
        {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
    };
    if (done)
        return true;
    DWORD last = GetLastError();
    errno = EIO;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].system == last)
            errno = known[i].error;
    return false;
}

static HANDLE handle_of(int file)
{
    return (HANDLE)_get_osfhandle(file);
}

int cg_platform_open(const char *path, cg_open_mode mode)
{
    static const int flags[] = {
        [CG_OPEN_READ] = _O_RDONLY,
        [CG_OPEN_NEW] = _O_WRONLY | _O_CREAT | _O_EXCL,
        [CG_OPEN_APPEND] = _O_WRONLY | _O_CREAT | _O_APPEND,
        [CG_OPEN_LOCK] = _O_RDWR | _O_CREAT,
    };
    int file = _open(path, flags[mode] | _O_BINARY | _O_NOINHERIT, _S_IREAD | _S_IWRITE);
    int error = errno;
    cg_file_info info;
    if (file < 0 && error == EACCES && cg_platform_path_info(&info, path) && info.folder)
        error = EISDIR; /* other systems open folders */
    errno = error;
    return file;
}

/* The C library counts in int. */
static unsigned piece_of(size_t size)
{
    return size < INT_MAX ? (unsigned)size : (unsigned)INT_MAX;
}

bool cg_platform_read(int file, void *bytes, size_t size, size_t *got)
{
    for (*got = 0; *got < size;) {
        int n = _read(file, (char *)bytes + *got, piece_of(size - *got));
        if (n < 0)
            return false;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return true;
}

bool cg_platform_write(int file, const void *bytes, size_t size)
{
    size_t written = 0;
    while (written < size) {
        int n = _write(file, (const char *)bytes + written, piece_of(size - written));
        if (n < 0)
            return false;
        written += (size_t)n;
    }
    return true;
}

bool cg_platform_sync(int file)
{
    return _commit(file) == 0;
}

/* A folder cannot be synced; cg_platform_replace() waits for its rename instead. */
bool cg_platform_sync_folder(const char *folder)
{
    (void)folder;
    return true;
}

cg_lock cg_platform_lock(int file)
{
    OVERLAPPED from_start = {0};
    if (set_error(LockFileEx(handle_of(file), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY,
                             0, 1, 0, &from_start)))
        return CG_LOCK_HELD;
    return errno == EBUSY ? CG_LOCK_BUSY : CG_LOCK_NONE;
}

bool cg_platform_is_locked(int file)
{
    OVERLAPPED from_start = {0};
    if (!LockFileEx(handle_of(file), LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &from_start))
        return GetLastError() == ERROR_LOCK_VIOLATION;
    UnlockFileEx(handle_of(file), 0, 1, 0, &from_start);
    return false;
}

static cg_file_info convert_info(const struct _stat64 *info)
{
    return (cg_file_info){
        .regular = (info->st_mode & _S_IFMT) == _S_IFREG,
        .folder = (info->st_mode & _S_IFMT) == _S_IFDIR,
        .bytes = (uint64_t)info->st_size,
        .changed_ns = (int64_t)info->st_mtime * 1000000000,
    };
}

/* The C library opens files such that nobody removes, moves or replaces them meanwhile. */
bool cg_platform_is_at(int file, const char *path)
{
    (void)file;
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

bool cg_platform_file_info(cg_file_info *info, int file)
{
    struct _stat64 found;
    bool there = _fstat64(file, &found) == 0;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

/* The C library finds no folder by a name with a separator at its end. */
bool cg_platform_path_info(cg_file_info *info, const char *path)
{
    struct _stat64 found;
    char *plain = _strdup(path);
    size_t length = plain ? strlen(plain) : 0;
    while (length > 1 && cg_platform_is_separator(plain[length - 1]) && plain[length - 2] != ':')
        plain[--length] = '\0';
    bool there = plain && _stat64(plain, &found) == 0;
    int error = errno;
    free(plain);
    errno = error;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

bool cg_platform_link_info(cg_file_info *info, const char *path)
{
    DWORD attributes = GetFileAttributesA(path);
    if (!cg_platform_path_info(info, path))
        return false;
    if (attributes & FILE_ATTRIBUTE_REPARSE_POINT)
        info->regular = info->folder = false;
    return true;
}

bool cg_platform_replace(const char *temp, const char *path)
{
    return set_error(MoveFileExA(temp, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH));
}

/* Links are a privilege there, which few users have. */
bool cg_platform_link(const char *target, const char *path)
{
    (void)target;
    (void)path;
    errno = ENOSYS;
    return false;
}

bool cg_platform_touch(const char *path)
{
    return _utime64(path, NULL) == 0;
}

bool cg_platform_make_folder(const char *path)
{
    return _mkdir(path) == 0;
}

char *cg_platform_resolve(const char *path)
{
    cg_file_info info;
    char *full = cg_platform_path_info(&info, path) ? _fullpath(NULL, path, 0) : NULL;
    for (char *c = full; c && *c; c++)
        if (*c == '\\')
            *c = '/';
    return full;
}

/* A drive is a folder, too. */
size_t cg_platform_folder_length(const char *path)
{
    size_t length = strlen(path);
    while (length > 0 && !cg_platform_is_separator(path[length - 1]) && path[length - 1] != ':')
        length--;
    return length;
}

bool cg_platform_is_separator(char c)
{
    return c == '/' || c == '\\';
}

bool cg_platform_is_absolute(const char *path)
{
    return (path[0] && path[1] == ':' && cg_platform_is_separator(path[2])) ||
           (cg_platform_is_separator(path[0]) && cg_platform_is_separator(path[1]));
}

char *cg_platform_module(void)
{
    static const char here;
    HMODULE module;
    char path[4096];
    DWORD length = 0;
    if (GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                               GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                           &here, &module))
        length = GetModuleFileNameA(module, path, sizeof path);
    const bool known = length > 0 && length < sizeof path;
    set_error(known);
    return known ? cg_platform_resolve(path) : NULL;
}
